"""A client of the FAPI profile, written from the specifications, in each of its four variants.

It proves who it is by `private_key_jwt` or by its certificate, and its tokens are bound to a DPoP
key or to that certificate. The browser beside it holds the session of a person who signed in.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.signin.sessions import SESSION_COOKIE
from tests.oauth.dpop import claims_at, header_of, signed
from tests.oauth.helpers import (
    PROTOCOL,
    REDIRECT,
    VERIFIER,
    add_client,
    challenge_of,
    open_session,
)

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CERTIFICATE = "ecps.client_certificate"
KEY = ECKey.generate_key("P-256", {"kid": "fapi", "use": "sig", "alg": "ES256"})
OTHER_KEY = ECKey.generate_key("P-256", {"kid": "other", "use": "sig", "alg": "ES256"})
RSA_KEY = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
DPOP_KEY = ECKey.generate_key("P-256")
PAR = f"{PROTOCOL}/ext/par/request"
TOKEN = f"{PROTOCOL}/token"
USERINFO = f"{PROTOCOL}/userinfo"


@dataclass(frozen=True)
class Variant:
    """Which of the four ways of the plan a client goes."""

    authentication: str
    """`private_key_jwt` or `self_signed_tls_client_auth`."""
    bound_by: str
    """`DPoP` or `certificate`."""


PKJWT_DPOP = Variant("private_key_jwt", "DPoP")
VARIANTS = [
    PKJWT_DPOP,
    Variant("private_key_jwt", "certificate"),
    Variant("self_signed_tls_client_auth", "DPoP"),
    Variant("self_signed_tls_client_auth", "certificate"),
]


def name_of(variant: Variant) -> str:
    return f"{variant.authentication}-{variant.bound_by}"


@dataclass(frozen=True)
class Certificate:
    """A certificate that a client made for itself."""

    der: bytes
    jwk: dict[str, Any]

    @property
    def thumbprint(self) -> str:
        return _base64url(hashlib.sha256(self.der).digest())


def self_signed(provider: Provider, name: str) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = provider.clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    der = made.public_bytes(Encoding.DER)
    jwk = dict(ECKey.import_key(key.public_key()).as_dict(private=False))
    jwk |= {"kid": name, "x5c": [base64.b64encode(der).decode()]}
    return Certificate(der, jwk)


@dataclass
class FapiClient:
    """What a client of the profile sends, each part of which a test may spoil."""

    app: Flask
    provider: Provider
    variant: Variant
    client_id: str = "fapi"
    certificate: Certificate = field(init=False)
    browser: Any = field(init=False)

    def __post_init__(self) -> None:
        self.certificate = self_signed(self.provider, self.client_id)
        self.browser = self.app.test_client()
        self.http: Any = self.app.test_client()

    def register(self, **changes: Any) -> "FapiClient":
        jwks = {"keys": [KEY.as_dict(private=False), RSA_KEY.as_dict(private=False)]}
        jwks["keys"].append(self.certificate.jwk)
        add_client(
            self.provider,
            self.client_id,
            profile="fapi",
            token_endpoint_auth_method=self.variant.authentication,
            jwks=jwks,
            **self.binding() | changes,
        )
        return self

    def binding(self) -> dict[str, Any]:
        if self.variant.bound_by == "DPoP":
            return {"dpop_bound_access_tokens": True}
        return {"tls_client_certificate_bound_access_tokens": True}

    def assertion(self, *, key: Key = KEY, alg: str = "ES256", **changes: Any) -> str:
        now = self.provider.clock.timestamp()
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "nbf": now,
            "exp": now + 60,
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": alg, "kid": key.kid}, claims, key, [alg])

    def authenticated(self, **changes: Any) -> dict[str, str]:
        """The form members by which the client proves who it is."""
        if self.variant.authentication != "private_key_jwt":
            return {"client_id": self.client_id}
        return {
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(**changes),
        }

    def proof(self, path: str, *, method: str = "POST", key: Key = DPOP_KEY, **changes: Any) -> str:
        now = self.provider.clock.timestamp()
        claims = claims_at(now, htm=method, htu=f"http://localhost:8000{path}", **changes)
        return signed(header_of(key), claims, key)

    def post(
        self,
        path: str,
        form: dict[str, Any],
        *,
        proof: str | None = None,
        certificate: bytes | None = None,
        assertion: dict[str, Any] | None = None,
    ) -> Any:
        """POST as this client, with its own proof and certificate unless others are given."""
        sent = self.authenticated(**(assertion or {})) | form
        return self.http.post(
            path,
            data={name: value for name, value in sent.items() if value is not None},
            headers={"DPoP": proof} if proof else {},
            environ_overrides={
                CERTIFICATE: self.certificate.der if certificate is None else certificate
            },
        )

    def request(self, **changes: Any) -> dict[str, Any]:
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid scope_all",
            "state": "s1",
            "nonce": "n1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | changes

    def push(self, *, assertion: dict[str, Any] | None = None, **changes: Any) -> Any:
        return self.post(PAR, self.request(**changes), assertion=assertion)

    def pushed(self, **changes: Any) -> str:
        answer = self.push(**changes)
        assert answer.status_code == 201, answer.text
        return str(answer.json["request_uri"])

    def open(self, **query: str) -> Any:
        return self.browser.get("/auth?" + urlencode({"client_id": self.client_id} | query))

    def code(self, **changes: Any) -> str:
        return self.returned(self.open(request_uri=self.pushed(**changes)))["code"]

    def returned(self, answer: Any) -> dict[str, str]:
        """What the client is told at its address, once the person agreed to let it in."""
        location = answer.headers["Location"]
        if location.startswith("/signin/"):
            location = self.agree(location).headers["Location"]
        assert location.startswith(REDIRECT), location
        return {name: given[0] for name, given in parse_qs(urlsplit(location).query).items()}

    def agree(self, page: str, answer: str = "confirm") -> Any:
        """Answer the page of single sign-on, as its form does."""
        shown = self.browser.get(page)
        fields = {
            name: shown.text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]
            for name in ("csrf_token", "sid")
        }
        return self.browser.post(f"{page}/confirm", data=fields | {"answer": answer})

    def redeem(
        self,
        code: str,
        *,
        proof: str | None = "own",
        certificate: bytes | None = None,
        assertion: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
        } | changes
        return self.post(
            TOKEN,
            form,
            proof=self.own_proof(TOKEN) if proof == "own" else proof,
            certificate=certificate,
            assertion=assertion,
        )

    def own_proof(self, path: str, **changes: Any) -> str | None:
        return self.proof(path, **changes) if self.variant.bound_by == "DPoP" else None

    def tokens(self, **changes: Any) -> dict[str, Any]:
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def refresh(self, token: str, **sent: Any) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post(TOKEN, form, **({"proof": self.own_proof(TOKEN)} | sent))

    def userinfo(self, token: str, **sent: Any) -> Any:
        """Call the protected resource with the proof that goes with the token."""
        digest = _base64url(hashlib.sha256(token.encode()).digest())
        proof = self.own_proof(USERINFO, method="GET", ath=digest)
        scheme = sent.get("scheme") or ("DPoP" if proof else "Bearer")
        proof = sent.get("proof", proof)
        certificate = sent.get("certificate", self.certificate.der)
        return self.http.get(
            USERINFO,
            headers={"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof else {}),
            environ_overrides={CERTIFICATE: certificate},
        )

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, verified with the published keys."""
        published = self.http.get(f"{PROTOCOL}/certs").json["keys"]
        keys = KeySet.import_key_set({"keys": [k for k in published if k.get("use") == "sig"]})
        return jwt.decode(token, keys, ["RS256", "PS256", "ES256"]).claims


def sign_in_browser(client: FapiClient) -> None:
    """Give the client's browser the session of a person who signed in before."""
    secret = secrets.token_urlsafe(32)
    session = open_session(client.provider)
    with client.provider.store.begin() as db:
        db.merge(session).cookie_hash = sha256(secret)
    client.browser.set_cookie(SESSION_COOKIE, secret, domain="localhost")


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
