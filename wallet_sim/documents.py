"""What the provider signs, and when the phone believes it (docs/phone-protocol.md, 3, 5, 6).

Pure: no network, no file. A key is pinned at enrolment, from the QR; a later one is accepted only
by a succession that a pinned key signed (decision 23).
"""

from dataclasses import dataclass
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from wallet_sim.encoding import parse_object
from wallet_sim.errors import DocumentRefused, DocumentUntimely

CONFIGURATION = "ecps-configuration+jws"
SUCCESSION = "ecps-key-succession+jws"
DOCUMENT = "ecps-document+jws"

_ALLOWED_SKEW = 60  # seconds by which the provider's clock may be ahead of the phone's

PublicKeys = dict[str, dict[str, Any]]
"""Public JWKs by `kid` (RFC 7638 thumbprint)."""


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class KdfPolicy(_Model):
    """Cost of scrypt; the bounds keep a false provider from exhausting the phone."""

    name: Literal["scrypt"]
    log2_n: int = Field(ge=10, le=20)
    r: int = Field(ge=1, le=16)
    p: int = Field(ge=1, le=4)


class Policy(_Model):
    """What a PIN must be when it is chosen (decision 22)."""

    version: int
    pin_min: int = Field(ge=1)
    pin_max: int
    kdf: KdfPolicy
    forbid: list[str]


class Configuration(_Model):
    """The provider's signed configuration; members this version does not know are ignored."""

    v: Literal[1]
    issuer: str
    simulation: bool = False
    """Whether the people behind the provider are invented."""
    rp_id: str
    origin: str
    iat: int
    exp: int
    policy: Policy
    keys: list[dict[str, Any]]
    successions: list[str]
    vapid: str


class Matching(_Model):
    """How the number of the page is given: picked among `options`, or typed."""

    mode: Literal["choice", "typed"]
    options: list[str] = []
    length: int = 0


class Challenge(_Model):
    """A verified document: `payload` is what was signed and will be signed, whole."""

    payload: dict[str, Any]
    purpose: str
    challenge_id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")
    nonce: str
    iat: int
    exp: int
    number: Matching | None = None
    """None where nothing is to be matched."""
    client_name: str = ""
    same_device: bool = False

    @field_validator("number", mode="before")
    @classmethod
    def _nothing_to_match(cls, value: Any) -> Any:
        return None if value == {"mode": "none"} else value

    def is_same_question(self, other: "Challenge") -> bool:
        """Whether only the nonce and the instant of signing differ (decision 20)."""
        fresh = {"nonce", "iat"}
        mine = {name: value for name, value in self.payload.items() if name not in fresh}
        theirs = {name: value for name, value in other.payload.items() if name not in fresh}
        return mine == theirs


@dataclass(frozen=True)
class Trusted:
    """A configuration that holds, and the keys pinned after it."""

    configuration: Configuration
    pinned: PublicKeys


def thumbprint(jwk: dict[str, Any]) -> str:
    """RFC 7638 thumbprint of a public JWK."""
    return _import(jwk).thumbprint()


def open_configuration(text: str, *, pinned: PublicKeys | None, now: int) -> Trusted:
    """The configuration, once its signature is traced to a pinned key.

    Without pinned keys (a phone that begins) it must hold together: be signed by one of the keys
    it publishes. The QR then tells whether that was the right provider.

    Raises:
        DocumentRefused: bad signature, unknown key without succession, expired or malformed.
    """
    published = _published(text)
    trusted = _trusted(text, pinned)
    payload = _verify(text, CONFIGURATION, trusted)
    try:
        configuration = Configuration.model_validate(payload)
    except ValidationError as error:
        raise DocumentRefused("the configuration is malformed") from error
    _require_fresh(configuration.iat, configuration.exp, now)
    still_published = {kid: jwk for kid, jwk in trusted.items() if kid in published}
    return Trusted(configuration, still_published)


def configuration_instant(text: str, *, pinned: PublicKeys | None) -> int:
    """The instant at which the provider signed its configuration, however far from our time.

    Raises:
        DocumentRefused: the signature does not hold.
    """
    instant = _verify(text, CONFIGURATION, _trusted(text, pinned)).get("iat")
    if not isinstance(instant, int):
        raise DocumentRefused("the configuration is malformed")
    return instant


def pin(kid: str, *, trusted: Trusted) -> PublicKeys:
    """The keys to trust from now on: the one the QR names and its published successors.

    Raises:
        DocumentRefused: the provider asked does not publish that key.
    """
    first = {name: jwk for name, jwk in trusted.pinned.items() if name == kid}
    if not first:
        raise DocumentRefused("the QR names another provider's key")
    return _follow_successions(first, trusted.configuration.successions)


def open_document(
    text: str, *, purpose: str, pinned: PublicKeys, addressee: dict[str, str], now: int
) -> Challenge:
    """A document that may be shown and answered.

    Args:
        text: the compact JWS.
        purpose: what the phone asked for: `enrol`, `signin` or `pin-change`.
        pinned: the provider's keys.
        addressee: the member that names this phone, `device_id` or `device`, with its value.
        now: the present instant, a NumericDate.

    Raises:
        DocumentRefused: signature, purpose, addressee, time or form does not hold.
    """
    payload = _verify(text, DOCUMENT, pinned)
    if payload.get("v") != 1 or payload.get("purpose") != purpose:
        raise DocumentRefused(f"the document is not for the purpose {purpose!r}")
    if any(payload.get(name) != value for name, value in addressee.items()):
        raise DocumentRefused("the document is for another phone")
    try:
        challenge = Challenge.model_validate({**payload, "payload": payload})
    except ValidationError as error:
        raise DocumentRefused("the document is malformed") from error
    _require_fresh(challenge.iat, challenge.exp, now)
    return challenge


def _require_fresh(issued_at: int, expires_at: int, now: int) -> None:
    if expires_at <= now:
        raise DocumentUntimely("the document has expired")
    if issued_at > now + _ALLOWED_SKEW:
        raise DocumentUntimely("the document comes from the future")


def _published(text: str) -> PublicKeys:
    return {thumbprint(jwk): jwk for jwk in _listed(_parse_payload(text), "keys")}


def _trusted(text: str, pinned: PublicKeys | None) -> PublicKeys:
    if pinned is None:
        return _published(text)
    return _follow_successions(pinned, _listed(_parse_payload(text), "successions"))


def _follow_successions(pinned: PublicKeys, successions: list[Any]) -> PublicKeys:
    known = dict(pinned)
    waiting = [text for text in successions if isinstance(text, str)]
    while True:
        # They may be listed in any order: go round until none leads further.
        accepted = [text for text in waiting if signer(text) in known]
        if not accepted:
            return known
        for text in accepted:
            successor = _verify(text, SUCCESSION, known)
            known[thumbprint(successor)] = successor
            waiting.remove(text)


def signer(text: str) -> str:
    """The `kid` that a document claims to be signed by.

    Raises:
        DocumentRefused: it is no JWS.
    """
    try:
        return str(jws.extract_compact(text.encode()).headers().get("kid"))
    except (JoseError, ValueError) as error:
        raise DocumentRefused("not a signed document") from error


def _parse_payload(text: str) -> dict[str, Any]:
    try:
        return parse_object(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError) as error:
        raise DocumentRefused("not a signed document") from error


def _listed(payload: dict[str, Any], name: str) -> list[Any]:
    value = payload.get(name)
    if not isinstance(value, list):
        raise DocumentRefused(f"the configuration lacks {name}")
    return value


def _verify(text: str, typ: str, keys: PublicKeys) -> dict[str, Any]:
    jwk = keys.get(signer(text))
    if jwk is None:
        raise DocumentRefused("signed by a key that this phone does not know")
    try:
        signed = jws.deserialize_compact(text, _import(jwk), algorithms=["ES256"])
        payload = parse_object(signed.payload)
    except (JoseError, ValueError) as error:
        raise DocumentRefused("the signature does not hold") from error
    if signed.headers().get("typ") != typ:
        raise DocumentRefused(f"not a document of type {typ}")
    return payload


def _import(jwk: Any) -> ECKey:
    try:
        members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
        return ECKey.import_key(members)
    except (JoseError, KeyError, TypeError, ValueError) as error:
        raise DocumentRefused("not a public key of P-256") from error
