"""Headers of what others signed: judged before they are used."""

from joserfc.jws import JWSRegistry
from joserfc.registry import Header, check_registry_header


class CheckedHeaders(JWSRegistry):
    """joserfc's registry, which reads `crit` before it asks whether that is a list of names.

    Anything else would end in a TypeError (RFC 7515, 4.1.11).
    """

    def check_header(self, header: Header) -> None:
        """Demand that each known member is of its kind, then what the library demands.

        Raises:
            JoseError: a member is not, or names what is not understood.
        """
        check_registry_header(self.header_registry, header)
        super().check_header(header)
