"""Cards made in this process, with their keys in hand."""

import json
import secrets
from dataclasses import dataclass
from typing import Any
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from idp import create_app
from idp.audit.events import Event
from idp.cards.codes import proof_of
from idp.cards.mailings import post_card
from idp.cards.personalisation import personalise
from idp.cards.states import NOT_ACTIVATED, CardState
from idp.devices.proofs import encode_base64url
from idp.directory.activities import activities_of
from idp.directory.exercices import key_of
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.cards import find_card, order_card_row, release_certificates
from idp.store.models import Card, JournalEvent

HOLDER = "899700990023"


@dataclass
class IssuedCard:
    """A card as its maker leaves it, and its codes besides."""

    card_number: str
    card_key: ec.EllipticCurvePrivateKey
    authentication_key: ec.EllipticCurvePrivateKey
    signature_key: ec.EllipticCurvePrivateKey
    code_salt: bytes
    unblock_salt: bytes
    code: str
    unblock_code: str
    given: dict[str, Any]
    """What `personalise` answered."""

    @property
    def authentication(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.given["certificates"]["authentication"].encode())

    @property
    def signature(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.given["certificates"]["signature"].encode())

    @property
    def chain(self) -> list[x509.Certificate]:
        """Issuer, then root."""
        return x509.load_pem_x509_certificates(self.given["certificates"]["chain"].encode())

    @property
    def der(self) -> bytes:
        """The authentication certificate, as a TLS handshake carries it."""
        return self.authentication.public_bytes(Encoding.DER)

    @property
    def signature_der(self) -> bytes:
        return self.signature.public_bytes(Encoding.DER)

    def pem_files(self) -> tuple[bytes, bytes]:
        """Certificate and private key to authenticate, as PEM."""
        certificate = self.authentication.public_bytes(Encoding.PEM)
        return certificate, private_pem(self.authentication_key)


@dataclass
class Maker:
    """The maker of a card: draws its keys and asks for its certificates."""

    card_key: ec.EllipticCurvePrivateKey
    authentication_key: ec.EllipticCurvePrivateKey
    signature_key: ec.EllipticCurvePrivateKey
    code_salt: bytes
    unblock_salt: bytes

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "card_jwk": jwk_of(self.card_key),
            "code_salt": encode_base64url(self.code_salt),
            "unblock_salt": encode_base64url(self.unblock_salt),
            "authentication_csr": csr_of(self.authentication_key),
            "signature_csr": csr_of(self.signature_key),
        } | changes


def a_maker() -> Maker:
    card, authentication, signature = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    salts = secrets.token_bytes(32), secrets.token_bytes(32)
    return Maker(card, authentication, signature, *salts)


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    public = ECKey.import_key(private_pem(key)).as_dict(private=False)
    return {name: public[name] for name in ("kty", "crv", "x", "y")}


def csr_of(key: Any, name: str = "whatever the maker says") -> str:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def order_card(
    provider: Provider,
    national_id: str = HOLDER,
    *,
    family: str = "CPS",
    state: str = CardState.COMMANDEE,
    card_number: str | None = None,
    **columns: Any,
) -> str:
    """A row of the register, as the chain of registration leaves it; gives its number."""
    now = provider.clock.now().replace(microsecond=0)
    number = card_number or f"98{secrets.randbelow(10**8):08}"
    with provider.store.begin() as db:
        person = find_person(db, national_id)
        exercice = person.exercices[0] if person and person.exercices else None
        given: dict[str, Any] = {
            "card_number": number,
            "family": family,
            "version": "CPS4",
            "national_id": national_id,
            "profession": key_of(exercice) if exercice and family in {"CPS", "CPF"} else "",
            "state": state,
            "state_at": now,
            "ordered_at": now,
            "activities": [
                activity.activity_id
                for activity in activities_of(national_id, [exercice] if exercice else [])
            ][: provider.settings.card_max_activities],
            "tries_left": provider.settings.card_code_tries,
            "unblock_tries_left": provider.settings.card_unblock_tries,
        }
        if state != CardState.COMMANDEE:
            given |= {"starts_at": now, "ends_at": now + provider.settings.card_lifetime}
        order_card_row(db, Card(**(given | columns)))
    return number


def issued_card(
    provider: Provider,
    national_id: str = HOLDER,
    *,
    family: str = "CPS",
    state: str = "active",
    card_number: str | None = None,
    **columns: Any,
) -> IssuedCard:
    """A card that was made, in whatever state; ``columns`` are those of its row.

    Where there is no row of that number, one is added with the state and dates given, as those of
    the sample people are: an opposed or replaced card has its certificates revoked. An existing
    row is made, and only then put into the state.
    """
    number = card_number
    if number is None or not _exists(provider, number):
        number = order_card(
            provider, national_id, family=family, state=state, card_number=number, **columns
        )
    card = make_card(provider, number)
    with provider.store.begin() as db:
        db.execute(update(Card).where(Card.card_number == number).values(state=state, **columns))
        if state not in NOT_ACTIVATED:
            release_certificates(db, number)
    return card


def make_card(provider: Provider, card_number: str) -> IssuedCard:
    """Personalise a card of the register, and read the codes from its letter."""
    maker = a_maker()
    with (
        mock.patch("idp.cards.personalisation.post_card", wraps=post_card) as letter,
        provider.store.begin() as db,
    ):
        given = personalise(provider, db, card_number, maker.body())
    return IssuedCard(
        card_number,
        maker.card_key,
        maker.authentication_key,
        maker.signature_key,
        maker.code_salt,
        maker.unblock_salt,
        given=given,
        **letter.call_args.kwargs,
    )


def of_another_version(der: bytes) -> bytes:
    """The same certificate, but for the number of its version: 6 (RFC 5280, 4.1.2.1)."""
    version_3 = bytes.fromhex("a003020102")
    assert version_3 in der
    return der.replace(version_3, bytes.fromhex("a003020105"), 1)


def card_row(provider: Provider, card_number: str) -> Card:
    """The card as the register has it now."""
    with provider.store.read() as db:
        card = find_card(db, card_number)
    assert card is not None
    return card


def _exists(provider: Provider, card_number: str) -> bool:
    with provider.store.read() as db:
        return find_card(db, card_number) is not None


class Line:
    """A card that talks to a provider: requests signed by its card key."""

    def __init__(self, provider: Provider, card: IssuedCard, app: Flask | None = None) -> None:
        self.provider = provider
        self.card = card
        self.http = (app or create_app(provider.settings, provider=provider)).test_client()

    def signed(
        self,
        path: str,
        members: dict[str, Any],
        /,
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
        request_id: str | None = None,
        **changes: Any,
    ) -> str:
        payload = {
            "v": 1,
            "aud": self.provider.settings.issuer,
            "path": path,
            "iat": self.provider.clock.timestamp(),
            "request_id": request_id or a_request_id(),
        } | members
        kid = changes.pop("kid", self.card.card_number)
        header = {"alg": "ES256", "typ": "ecps-request+jws", "kid": kid}
        data = json.dumps(payload | changes).encode()
        signer = ECKey.import_key(private_pem(key or self.card.card_key))
        return jws.serialize_compact(header, data, signer, ["ES256"])

    def post(self, path: str, body: str) -> TestResponse:
        return self.http.post(path, data=body, content_type="application/jose")

    def send(self, path: str, members: dict[str, Any], /, **options: Any) -> TestResponse:
        path = f"/cards/v1{path}"
        return self.post(path, self.signed(path, members, **options))

    def present(self, code: str | None = None, *, kind: str = "code", **options: Any) -> Any:
        """Type a code, the right one unless said otherwise."""
        right, salt = (
            (self.card.code, self.card.code_salt)
            if kind == "code"
            else (self.card.unblock_code, self.card.unblock_salt)
        )
        proof = encode_base64url(proof_of(code or right, salt))
        return self.send("/presentations", {"kind": kind, "proof": proof}, **options)

    def held(self, presentation: str, **members: Any) -> TestResponse:
        """Tell that the code of a presentation was right."""
        signed = b"\0".join([b"ecps-card-held", self.number, presentation.encode()])
        members = {"signature": self.sign(signed)} | members
        return self.send(f"/presentations/{presentation}/held", members)

    def activate(self, **members: Any) -> TestResponse:
        request_id = a_request_id()
        signed = b"\0".join([b"ecps-card-activate", self.number, request_id.encode()])
        members = {"signature": self.sign(signed)} | members
        return self.send("/activation", members, request_id=request_id)

    def sign(self, data: bytes, key: ec.EllipticCurvePrivateKey | None = None) -> str:
        """By the authentication key, unless said otherwise."""
        signer = key or self.card.authentication_key
        return encode_base64url(signer.sign(data, ec.ECDSA(SHA256())))

    @property
    def number(self) -> bytes:
        return self.card.card_number.encode()

    @property
    def row(self) -> Card:
        return card_row(self.provider, self.card.card_number)

    def wrong(self, times: int = 1) -> None:
        """Type a wrong code."""
        for _ in range(times):
            assert self.present(wrong_code(self.card.code)).status_code == 200


def wrong_code(code: str) -> str:
    """Another code of as many digits."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def a_request_id() -> str:
    return encode_base64url(secrets.token_bytes(16))


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def recorded(provider: Provider, event: Event, card_number: str) -> list[JournalEvent]:
    """What the journal says of a card."""
    with provider.store.read() as db:
        rows = db.scalars(select(JournalEvent).where(JournalEvent.event == event))
        return [row for row in rows if row.data.get("card_number") == card_number]
