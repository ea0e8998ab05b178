"""Parameters that several faults have."""

from pydantic import Field

from idp.dev.faults.fault import Parameters
from idp.dev.operations import Text

ERROR_TEXT = r"^[\x20-\x21\x23-\x5B\x5D-\x7E]*$"
"""What `error` and `error_description` may hold (RFC 6749, 4.1.2.1 and 5.2)."""


class AgoParameters(Parameters):
    """How long ago."""

    seconds: int = Field(3600, ge=1, le=10 * 365 * 86400)
    """Seconds before the provider's present time."""


class AheadParameters(Parameters):
    """How far ahead."""

    seconds: int = Field(86400, ge=1, le=10 * 365 * 86400)
    """Seconds after the provider's present time."""


class ClaimParameters(Parameters):
    """Which claim."""

    claim: Text = Field(max_length=200)
    """Its name; the fault waits for an ID token that has it."""


class ValueParameters(ClaimParameters):
    """Which claim, and what it says."""

    value: Text = Field("wrong", max_length=1000)
    """A text in place of its value."""
