"""Proof that a card was opened by its code: a signature by its authentication key."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy.orm import Session

from idp.cards.certificates import Use
from idp.cards.errors import PresentationRefused
from idp.store.cards import certificates_of_card

HELD = b"ecps-card-held"
ACTIVATE = b"ecps-card-activate"


def check_opened(
    db: Session, card_number: str, *, purpose: bytes, about: str, signature: bytes
) -> None:
    """Check the signature over ``purpose``, card number and what it is about, parted by zero bytes.

    The key alone is what counts: an expired or opposed card still opens (docs/cards.md 3).

    Raises:
        PresentationRefused: it is not by the authentication key of this card.
    """
    key = authentication_key(db, card_number)
    signed = b"\0".join([purpose, card_number.encode(), about.encode()])
    try:
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise PresentationRefused from error


def authentication_key(db: Session, card_number: str) -> ec.EllipticCurvePublicKey:
    """The key of the certificate that a card shows."""
    row = next(
        row for row in certificates_of_card(db, card_number) if row.use == Use.AUTHENTICATION
    )
    key = x509.load_der_x509_certificate(row.certificate).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError(card_number)
    return key
