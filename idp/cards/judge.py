"""Whether a card that was presented signs its holder in (decision 31).

The handshake accepts any certificate and proves no more than that its key is there. All else is
judged here, by the provider's clock and its register, and fails closed: first who signed the
certificate, before anything it says is believed; then what the register holds; last whom it names.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards import refusals
from idp.cards.authority import persons_authority
from idp.cards.names import CardSubject, SubjectUnreadable, parse_subject
from idp.cards.refusals import CardRefused
from idp.cards.states import CardState
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.cards import find_certificate
from idp.store.models import Card, CardCertificate

_ENDED = {
    CardState.OPPOSEE: refusals.CardOpposed,
    CardState.INVALIDEE: refusals.CardReplaced,
    CardState.EXPIREE: refusals.CardExpired,
}
"""States that no advice can mend: told before any date."""


EVERY_FAMILY = frozenset({"CPS", "CPF", "CPE", "CPA"})
"""Of cards that there are, where no service is asked yet."""


@dataclass(frozen=True)
class AcceptedCard:
    """A card that may sign its holder in."""

    card: Card
    national_id: str
    family: str


def judge(
    provider: Provider,
    db: Session,
    certificate: x509.Certificate | None,
    *,
    families: Collection[str],
    client_id: str | None = None,
) -> AcceptedCard:
    """Accept a card, or say why not.

    Args:
        provider: whose register and clock decide.
        db: an open writing session. Acceptance and refusal are recorded in it: commit both.
        certificate: what the TLS handshake proved to hold; None where nothing was presented.
        families: of cards that the service takes (decision 30).
        client_id: the service, for the journal.

    Raises:
        CardRefused: its subclass names the reason.
    """
    try:
        accepted = examine(provider, db, certificate, families)
    except CardRefused as refused:
        record_refusal(provider, db, refused, client_id=client_id)
        raise
    record(
        db,
        Event.CARD_ACCEPTED,
        now=provider.clock.now(),
        person=accepted.national_id,
        client_id=client_id,
        card_number=accepted.card.card_number,
        family=accepted.family,
    )
    return accepted


def check_card(card: Card, now: datetime) -> None:
    """What the register itself says of a card, whatever certificate was shown.

    Raises:
        CardRefused: it is over, out of its dates, or not in use.
    """
    known = {"card_number": card.card_number, "person": card.national_id}
    ended = _ENDED.get(CardState(card.state))
    if ended is not None:
        raise ended(**known, opposition=card.opposition_reason)
    if card.ends_at is not None and card.ends_at <= now:
        raise refusals.CardExpired(**known)
    if card.starts_at is not None and card.starts_at > now:
        raise refusals.CardNotYetValid(**known)
    if card.state == CardState.BLOQUEE:
        raise refusals.CardBlocked(**known)
    if card.state != CardState.ACTIVE:
        raise refusals.CardNotActivated(**known, state=card.state)


def record_refusal(
    provider: Provider, db: Session, refused: CardRefused, *, client_id: str | None
) -> None:
    """Write in the journal that a card was refused, and why."""
    record(
        db,
        Event.CARD_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=refused.person,
        client_id=client_id,
        reason=refused.code,
        card_number=refused.card_number,
        **refused.told,
    )


def read_certificate(der: bytes | None) -> x509.Certificate | None:
    """The certificate of a connection; None where nothing was presented.

    Raises:
        CardUnreadable: it is no certificate.
    """
    try:
        return x509.load_der_x509_certificate(der) if der else None
    except (ValueError, x509.InvalidVersion) as error:
        raise refusals.CardUnreadable from error


def examine(
    provider: Provider,
    db: Session,
    certificate: x509.Certificate | None,
    families: Collection[str],
) -> AcceptedCard:
    """Accept a card, or say why not, and record neither: a card that merely looks.

    Raises:
        CardRefused: its subclass names the reason.
    """
    now = provider.clock.now()
    if certificate is None:
        raise refusals.CardMissing
    _check_issuer(persons_authority(provider, db).certificate, certificate, now)
    row, card = _registered(db, certificate)
    known = {"card_number": card.card_number, "person": card.national_id}
    _check_use(certificate, row)
    subject = _read_subject(certificate, card)
    check_card(card, now)
    if row.revoked_at is not None:
        raise refusals.CardOpposed(**known, revocation=row.revocation_reason)
    _check_dates(certificate, card, now)
    if not (card.is_nominative and subject.is_nominative):
        raise refusals.CardNotNominative(**known)
    if card.family not in families:
        raise refusals.FamilyRefused(**known, family=card.family)
    person = find_person(db, card.national_id)
    if person is None:
        raise refusals.HolderUnknown(**known)
    if person.closed:
        raise refusals.HolderStruckOff(**known)
    return AcceptedCard(card, card.national_id, card.family)


def _check_issuer(
    authority: x509.Certificate, certificate: x509.Certificate, now: datetime
) -> None:
    """The authority of the cards, itself in its dates, signed the certificate (RFC 5280, 6.1)."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise refusals.AuthorityUnknown from error
    if not authority.not_valid_before_utc <= now <= authority.not_valid_after_utc:
        raise refusals.AuthorityUnknown


def _registered(db: Session, certificate: x509.Certificate) -> tuple[CardCertificate, Card]:
    found = find_certificate(db, f"{certificate.serial_number:x}")
    if found is None or found[0].certificate != certificate.public_bytes(Encoding.DER):
        raise refusals.CardUnreadable
    return found


def _check_use(certificate: x509.Certificate, row: CardCertificate) -> None:
    """The register and the certificate itself both say what its key is for."""
    known = {"card_number": row.card_number}
    try:
        extensions = certificate.extensions
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        if row.use == "signature" or usage.content_commitment:
            raise refusals.SignatureCertificate(**known)
        purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError) as error:
        raise refusals.CardUnreadable(**known) from error
    if not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise refusals.CardUnreadable(**known)


def _check_dates(certificate: x509.Certificate, card: Card, now: datetime) -> None:
    """A certificate may end before its card does."""
    known = {"card_number": card.card_number, "person": card.national_id}
    if now > certificate.not_valid_after_utc:
        raise refusals.CardExpired(**known)
    if now < certificate.not_valid_before_utc:
        raise refusals.CardNotYetValid(**known)


def _read_subject(certificate: x509.Certificate, card: Card) -> CardSubject:
    """What the certificate says of its holder, who is the card's (by OID, never as text)."""
    refused = refusals.CardUnreadable(card_number=card.card_number, person=card.national_id)
    try:
        subject = parse_subject(certificate.subject)
    except SubjectUnreadable as error:
        raise refused from error
    if subject.national_id != card.national_id:
        raise refused
    return subject
