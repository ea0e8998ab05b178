"""Cards as their authority makes them, without a provider: cheap, and of any kind that is needed.

Certificates, contents and lists are made by the provider's own code, signatures have the form of
the simulated card's; what a real card and a real reader give is shown in `test_real_card.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from idp.cards import names
from idp.cards.authority import Authority
from idp.cards.certificates import Use, Validity, issue
from idp.cards.content import TYPE
from idp.cards.names import CardSubject, compose_subject
from wallet_sim.encoding import b64url

SETTINGS: Any = SimpleNamespace(base_url="http://authority.test")
YEAR = timedelta(days=365)


def make_authority(now: datetime) -> Authority:
    """One that signs cards."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(names.PERSONS)
        .issuer_name(names.PERSONS)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * YEAR)
        .not_valid_after(now + 10 * YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return Authority(certificate, certificate, 1, key)


def activity(
    name: str,
    *,
    number: str | None = None,
    mode: str = "L",
    convention: str | None = None,
    zone: str | None = None,
    structure: str = "",
) -> dict[str, Any]:
    """An activity as the chip holds it."""
    return {
        "activity_id": name,
        "billing_number": number,
        "convention": convention,
        "tariff_zone": zone,
        "details": {"codeModeExercice": mode, "raisonSocialeSite": structure},
    }


OWN = activity(
    "A-cabinet", number="991000019", convention="1", zone="20", structure="CABINET MARGELLE"
)
SUBSTITUTING = activity("A-remplacement")


@dataclass
class TestCard:
    """A card with its keys."""

    __test__ = False

    authority: Authority
    made_at: datetime
    national_id: str = "899700990015"
    family_name: str = "MARGELLE"
    given_name: str = "Solène"
    number: str = "9700000001"
    profession: str = "10C"
    specialty: str | None = "SM54"
    family: str = "CPS"
    activities: list[dict[str, Any]] = field(default_factory=lambda: [OWN])
    life: timedelta = 3 * YEAR
    starts_at: datetime | None = None
    signature_use: Use = Use.SIGNATURE

    def __post_init__(self) -> None:
        begins = (self.starts_at or self.made_at - timedelta(days=1)).replace(microsecond=0)
        self.validity = Validity(begins, begins + self.life)
        self.keys = {use: ec.generate_private_key(ec.SECP256R1()) for use in Use}
        self.certificates = {
            Use.AUTHENTICATION: self._certificate(Use.AUTHENTICATION, Use.AUTHENTICATION),
            Use.SIGNATURE: self._certificate(Use.SIGNATURE, self.signature_use),
        }

    def told(self) -> dict[str, Any]:
        """What the reader tells of it."""
        return {
            "number": self.number,
            "content": self.content(),
            "certificates": {
                **{
                    str(use): each.public_bytes(Encoding.PEM).decode()
                    for use, each in self.certificates.items()
                },
                "chain": self.authority.certificate.public_bytes(Encoding.PEM).decode(),
            },
        }

    def content(self) -> str:
        """The JWS of the authority."""
        payload = {
            "v": 1,
            "card_number": self.number,
            "family": self.family,
            "holder": {
                "national_id": self.national_id,
                "family_name": self.family_name,
                "given_name": self.given_name,
                "profession": self.profession,
                "category": self.profession[2:],
                "specialty": self.specialty,
            },
            "activities": self.activities,
            "starts_at": int(self.validity.starts_at.timestamp()),
            "ends_at": int(self.validity.ends_at.timestamp()),
        }
        return self.authority.sign_jws(TYPE, payload)

    def sign(self, content: bytes, use: Use = Use.SIGNATURE) -> dict[str, str]:
        """The holder's signature."""
        signature = self.keys[use].sign(content, ec.ECDSA(SHA256()))
        return {
            "alg": "ES256-DER",
            "certificate": self.certificates[use].public_bytes(Encoding.PEM).decode(),
            "signature": b64url(signature),
        }

    def _certificate(self, use: Use, said: Use) -> x509.Certificate:
        subject = CardSubject(self.national_id, self.family_name, self.given_name, "Médecin")
        return issue(
            SETTINGS,
            self.authority,
            use=said,
            subject=compose_subject(self.family, subject),
            key=self.keys[use].public_key(),
            validity=self.validity,
        )
