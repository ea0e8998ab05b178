"""The list of revoked certificates (RFC 5280, 5; docs/cards.md 2), and why they are on it.

A card that its holder has not activated yet is on hold there: whoever reads a chip without asking
the provider tells it so from one in use (CP-07, SV-07).
"""

from cryptography import x509

from idp.cards.authority import Authority
from idp.cards.states import NOT_ACTIVATED, CardState
from idp.provider import Provider
from idp.store.cards import HOLD
from idp.store.models import Card, CardCertificate
from idp.store.pki import revoked_certificates

_REASONS = {
    "perte": x509.ReasonFlags.key_compromise,
    "vol": x509.ReasonFlags.key_compromise,
    "dysfonctionnement": x509.ReasonFlags.superseded,
}
LISTED = NOT_ACTIVATED | {CardState.OPPOSEE, CardState.INVALIDEE}
"""States of cards whose certificates are revoked, until activation or for good."""
_TIME_BITS = 40
"""Of the list's number: seconds since 1970, for some 34,000 years."""


def revocation_reason(card: Card) -> str:
    """Why the certificates of a card in one of the states `LISTED` are (RFC 5280, 5.3.1)."""
    if card.state in NOT_ACTIVATED:
        return HOLD
    if card.state == CardState.INVALIDEE:
        return x509.ReasonFlags.superseded.value
    reason = _REASONS.get(card.opposition_reason or "", x509.ReasonFlags.cessation_of_operation)
    return reason.value


def make_list(provider: Provider, authority: Authority) -> x509.CertificateRevocationList:
    """The list as of now.

    A certificate that ends leaves it, after one more list has said that it was revoked.
    """
    now = provider.clock.now().replace(microsecond=0)
    lifetime = provider.settings.crl_lifetime
    # Of two lists at different times the numbers must differ, be it by the time alone.
    number = (authority.crl_number << _TIME_BITS) + int(now.timestamp())
    with provider.store.read() as db:
        rows = revoked_certificates(db, ended_after=now - lifetime)
    # Given at once: each addition to a builder copies all that came before.
    builder = x509.CertificateRevocationListBuilder(
        revoked_certificates=[_entry(row) for row in rows]
    )
    return authority.sign_list(
        builder.last_update(now)
        .next_update(now + lifetime)
        .add_extension(x509.CRLNumber(number), critical=False)
    )


def _entry(row: CardCertificate) -> x509.RevokedCertificate:
    if row.revoked_at is None or row.revocation_reason is None:
        raise ValueError(row.serial)
    return (
        x509.RevokedCertificateBuilder()
        .serial_number(int(row.serial, 16))
        .revocation_date(row.revoked_at)
        .add_extension(x509.CRLReason(x509.ReasonFlags(row.revocation_reason)), critical=False)
        .build()
    )
