"""What a chip holds beside its keys, signed by the authority of the cards (docs/cards.md 3).

Pure: no network, no file.
"""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from wallet_sim.card.errors import ContentRefused
from wallet_sim.encoding import b64url, parse_object

TYPE = "ecps-card-content+jws"

_NUMBER = "card_number"


def open_content(text: str, *, chain: str, number: str) -> dict[str, Any]:
    """The members of a content, once its signature is traced to the card's own authority.

    Args:
        text: the compact JWS.
        chain: the certificates above the card's, PEM.
        number: of the card.

    Raises:
        ContentRefused: another signer, another card, or no such document.
    """
    try:
        header = jws.extract_compact(text.encode()).headers()
        key = _key(chain, str(header.get("x5t#S256")))
        signed = jws.deserialize_compact(text, key, algorithms=["ES256"])
        content = parse_object(signed.payload)
    except (JoseError, ValueError) as error:
        raise ContentRefused("the signature of the content does not hold") from error
    if header.get("typ") != TYPE or content.get(_NUMBER) != number:
        raise ContentRefused("not the content of this card")
    return content


def _key(chain: str, thumbprint: str) -> ECKey:
    for certificate in x509.load_pem_x509_certificates(chain.encode("ascii")):
        if b64url(certificate.fingerprint(SHA256())) == thumbprint:
            public = certificate.public_key()
            return ECKey.import_key(
                public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            )
    raise ContentRefused("the content names an authority that this card does not know")
