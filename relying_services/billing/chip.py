"""What a card's chip says, once it is verified by this workstation itself (docs/cards.md 2 and 3).

The authority signed its content and its certificates; their dates hold now. Whether it is opposed
is asked of the list of revoked certificates (`revocation.py`).
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from relying_services.billing.authority import Authority, NotOfAuthority
from relying_services.billing.card_errors import (
    CardExpired,
    CardForged,
    CardNotYetValid,
    FamilyRefused,
)
from relying_services.billing.situation import Situation

_TYPE = "ecps-card-content+jws"
_BILLING = {"CPS", "CPF"}


@dataclass(frozen=True)
class Chip:
    """A card that was verified."""

    number: str
    national_id: str
    name: str
    family: str
    situations: tuple[Situation, ...]
    """In the card's order."""
    authentication: x509.Certificate
    signature: x509.Certificate
    ends_at: datetime

    @property
    def billing(self) -> list[Situation]:
        """Those under which the holder bills in their own name."""
        return [each for each in self.situations if each.billing_number]

    def situation(self, activity_id: str) -> Situation | None:
        """The one of this name."""
        return next((each for each in self.situations if each.activity_id == activity_id), None)


def verify(told: dict[str, Any], authority: Authority, now: datetime) -> Chip:
    """The card of which a reader told.

    Args:
        told: `number`, `content` and `certificates`, as `card-content` gives them.
        authority: of the cards.
        now: the present instant.

    Raises:
        CardForged: something of it was not signed by the authority, or is of another card.
        CardExpired, CardNotYetValid: by its dates.
        FamilyRefused: it is neither CPS nor CPF.
    """
    try:
        content = _open(str(told["content"]), authority)
        holder = content["holder"]
        pems = told["certificates"]
        authentication, signature = (
            x509.load_pem_x509_certificate(str(pems[use]).encode("ascii"))
            for use in ("authentication", "signature")
        )
        for certificate in (authentication, signature):
            authority.check(certificate)
            _check_holder(certificate, str(holder["national_id"]))
        _check_authenticates(authentication)
        check_signs(signature)
        chip = Chip(
            number=str(content["card_number"]),
            national_id=str(holder["national_id"]),
            name=f"{holder['given_name']} {holder['family_name']}".strip(),
            family=str(content["family"]),
            situations=tuple(_situation(holder, each) for each in content["activities"]),
            authentication=authentication,
            signature=signature,
            ends_at=datetime.fromtimestamp(int(content["ends_at"]), UTC),
        )
        starts_at = datetime.fromtimestamp(int(content["starts_at"]), UTC)
    except (KeyError, TypeError, ValueError, JoseError, x509.ExtensionNotFound) as error:
        raise CardForged from error
    if chip.number != told.get("number"):
        raise CardForged
    _check_dates(chip, starts_at, now)
    if chip.family not in _BILLING:
        raise FamilyRefused
    return chip


def check_signs(certificate: x509.Certificate) -> None:
    """Raises NotOfAuthority unless a certificate is one to sign with (RFC 5280, 4.2.1.3)."""
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    if not (usage.critical and usage.value.content_commitment):
        raise NotOfAuthority("not a certificate to sign with")


def holder_of(certificate: x509.Certificate) -> str:
    """The national identifier that a certificate names.

    Raises:
        NotOfAuthority: it names none, or several.
    """
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        raise NotOfAuthority("the certificate names nobody")
    return str(names[0].value)


def _open(text: str, authority: Authority) -> dict[str, Any]:
    key = ECKey.import_key(authority.key)
    signed = jws.deserialize_compact(text.encode("ascii"), key, algorithms=["ES256"])
    header = signed.headers()
    named = str(header.get("x5t#S256", ""))
    thumbprint = base64.urlsafe_b64encode(authority.thumbprint).rstrip(b"=").decode()
    if header.get("typ") != _TYPE or named != thumbprint:
        raise NotOfAuthority("no content of a card")
    content = json.loads(signed.payload)
    if not isinstance(content, dict):
        raise NotOfAuthority("no content of a card")
    return content


def _check_holder(certificate: x509.Certificate, national_id: str) -> None:
    if holder_of(certificate) != national_id:
        raise NotOfAuthority("the certificate names somebody else")


def _check_authenticates(certificate: x509.Certificate) -> None:
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    further = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if not usage.digital_signature or ExtendedKeyUsageOID.CLIENT_AUTH not in further:
        raise NotOfAuthority("not a certificate to authenticate with")


def _check_dates(chip: Chip, starts_at: datetime, now: datetime) -> None:
    certificates = (chip.authentication, chip.signature)
    if now > min(chip.ends_at, *(each.not_valid_after_utc for each in certificates)):
        raise CardExpired
    if now < max(starts_at, *(each.not_valid_before_utc for each in certificates)):
        raise CardNotYetValid


def _situation(holder: dict[str, Any], activity: dict[str, Any]) -> Situation:
    # `profession` is the key of the exercise: profession and category, as in `10C`.
    key = str(holder["profession"])
    details = activity["details"]
    return Situation(
        activity_id=str(activity["activity_id"]),
        profession=key[:2],
        category=str(holder.get("category") or key[2:]),
        specialty=str(holder.get("specialty") or ""),
        mode=str(details.get("codeModeExercice", "")),
        convention=str(activity.get("convention") or ""),
        tariff_zone=str(activity.get("tariff_zone") or ""),
        billing_number=str(activity.get("billing_number") or ""),
        structure=str(
            details.get("raisonSocialeSite") or details.get("enseigneCommercialeSite") or ""
        ),
    )
