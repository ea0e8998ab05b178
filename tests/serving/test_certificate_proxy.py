"""Whose word counts on a card's certificate (docs/cards.md 4, attack 39)."""

import base64
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.provider import Provider
from idp.serving.certificate_proxy import CertificateProxy
from idp.settings import Settings
from idp.web.client_certificate import KEY
from tests.cards.helpers import IssuedCard, issued_card, of_another_version
from tests.conftest import make_settings

SECRET = "secret-between-the-proxy-and-us"
HEADER = "HTTP_X_SSL_CLIENT_CERT"


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider)


@pytest.fixture
def trusting(sqlite_url: str, master_key: str) -> Settings:
    networks = ["192.0.2.0/24", "2001:db8::/64"]
    return make_settings(
        sqlite_url,
        master_key,
        certificate_proxies=networks,
        certificate_proxy_secret=SECRET,
        trusted_proxies=1,
    )


def seen(settings: Settings, **environ: Any) -> dict[str, Any]:
    """What the application finds of a request."""
    found: dict[str, Any] = {}

    def app(given: dict[str, Any], _start_response: Any) -> list[bytes]:
        found.update(given)
        return []

    CertificateProxy(app, settings)(dict(environ), None)
    return found


def sent(card: IssuedCard, **changes: str) -> dict[str, str]:
    return {"REMOTE_ADDR": "192.0.2.7", HEADER: f"{SECRET} {escaped(card)}"} | changes


def escaped(card: IssuedCard, safe: str = "") -> str:
    return quote(card.pem_files()[0].decode(), safe=safe)


@pytest.mark.parametrize(
    "changes",
    [
        {"REMOTE_ADDR": "198.51.100.1"},
        {"REMOTE_ADDR": "2001:db8:1::1"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "192.0.2.7, 198.51.100.1"},
    ],
)
def test_nobody_else_is_believed(
    trusting: Settings, card: IssuedCard, changes: dict[str, str]
) -> None:
    """Attack 39."""
    found = seen(trusting, **sent(card, **changes))
    assert KEY not in found
    assert HEADER not in found


@pytest.mark.parametrize("before", ["", " ", "wrong ", "é ", SECRET[:-1] + " ", SECRET])
def test_a_certificate_without_the_secret_before_it_is_not_believed(
    trusting: Settings, card: IssuedCard, before: str
) -> None:
    """Attack 39: also where a client's `X_SSL_Client_Cert` came through a trusted proxy.

    A WSGI server writes both names alike, and keeps either.
    """
    found = seen(trusting, **sent(card, **{HEADER: before + escaped(card)}))
    assert KEY not in found
    assert HEADER not in found


def test_without_a_secret_configured_nobody_is_believed(
    sqlite_url: str, master_key: str, card: IssuedCard
) -> None:
    settings = make_settings(sqlite_url, master_key, certificate_proxies=["0.0.0.0/0"])
    for before in ("", " ", f"{SECRET} "):
        found = seen(settings, **sent(card, **{HEADER: before + escaped(card)}))
        assert KEY not in found
        assert HEADER not in found


def test_the_address_is_the_proxys_own_not_what_it_forwards(
    trusting: Settings, card: IssuedCard
) -> None:
    """A client may write what it likes into X-Forwarded-For."""
    given = sent(card, REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert KEY not in seen(trusting, **given)


def test_the_embedded_listener_knows_better_than_any_header(
    trusting: Settings, card: IssuedCard
) -> None:
    assert seen(trusting, **sent(card), **{KEY: b""})[KEY] == b""


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_the_trusted_proxy_hands_the_certificate_over(
    trusting: Settings, card: IssuedCard, address: str
) -> None:
    """CP-14; whichever characters the proxy escapes, a plus sign stays one."""
    found = seen(trusting, **sent(card, REMOTE_ADDR=address))
    assert found[KEY] == card.der
    half_escaped = escaped(card, safe="+/=")
    found = seen(trusting, **sent(card, **{HEADER: f"{SECRET} {half_escaped}"}))
    assert x509.load_der_x509_certificate(found[KEY]).public_bytes(Encoding.DER) == card.der
    assert HEADER not in found


def test_a_trusted_proxy_without_a_certificate_says_so(
    trusting: Settings, card: IssuedCard
) -> None:
    for alone in (SECRET, f"{SECRET} "):
        assert seen(trusting, **sent(card, **{HEADER: alone}))[KEY] == b""


def test_what_is_no_certificate_is_not_taken_for_none(trusting: Settings, card: IssuedCard) -> None:
    der = base64.encodebytes(of_another_version(card.der)).decode()
    another = quote(f"-----BEGIN CERTIFICATE-----\n{der}-----END CERTIFICATE-----\n")
    for shown in ("%FF%00x", another):
        assert seen(trusting, **sent(card, **{HEADER: f"{SECRET} {shown}"}))[KEY] == b"unreadable"
