"""Fetching what clients publish: outside requests, bounded, vetted (decision 40)."""

import json
import socket
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from idp.provider import Provider
from idp.store.clients import find_client
from idp.store.models import ClientDocument
from tests.dynamic_registration.helpers import (
    PNG,
    Developer,
    Site,
    documents,
    fetch,
    key_set,
    new_key,
    permit,
)
from tests.oauth.helpers import advance
from tests.outbox.test_addresses import resolving

SHORT = {"kty": "RSA", "e": "AQAB", "n": "_" * 170 + "w"}
"""An RSA key of 1024 bits."""
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def only(provider: Provider, client: dict[str, Any]) -> ClientDocument:
    (document,) = documents(provider, client["client_id"])
    return document


def keys_of(provider: Provider, client: dict[str, Any]) -> Any:
    with provider.store.read() as db:
        row = find_client(db, client["client_id"])
    assert row is not None
    return row.jwks


def test_nothing_is_fetched_in_a_request(tester: Developer, provider: Provider, site: Site) -> None:
    client = tester.registered(logo_uri=site.publish("/logo", PNG, "image/png"))
    assert site.asked == []
    assert only(provider, client).state == "pending"
    assert fetch(provider) == 1
    assert site.asked == ["/logo"]
    assert only(provider, client).state == "held"


@pytest.mark.parametrize(
    ("kind", "body", "content_type", "reason"),
    [
        ("jwks_uri", b"{", "application/json", "not JSON"),
        ("jwks_uri", b"[" * 5000, "application/json", "not JSON"),
        ("jwks_uri", b"[]", "application/json", "not a JWK set"),
        ("jwks_uri", b'{"keys": []}', "application/json", "cannot be read"),
        (
            "jwks_uri",
            json.dumps(key_set(new_key()) | {"more": float("nan")}).encode(),
            "application/json",
            "plain texts",
        ),
        (
            "jwks_uri",
            json.dumps(key_set(*(new_key() for _ in range(21)))).encode(),
            "application/json",
            "more than 20 keys",
        ),
        (
            "jwks_uri",
            json.dumps({"keys": [new_key().as_dict(private=True)]}).encode(),
            "application/json",
            "private key",
        ),
        (
            "jwks_uri",
            json.dumps({"keys": [SHORT]}).encode(),
            "application/json",
            "less than 2048 bits",
        ),
        ("jwks_uri", json.dumps(key_set(new_key())).encode(), "text/html", "media type"),
        ("jwks_uri", b" " * (64 * 1024 + 1), "application/json", "longer than"),
        ("sector_identifier_uri", b"{}", "application/json", "not a JSON array"),
        ("sector_identifier_uri", b"[]", "application/json", "does not list"),
        (
            "sector_identifier_uri",
            b'["https://service.test/callback/"]',
            "application/json",
            "does not list",
        ),
        ("logo_uri", SVG, "image/svg+xml", "media type"),
        ("logo_uri", SVG, "image/png", "no PNG"),
        ("logo_uri", b"RIFF0000WAVE", "image/webp", "no PNG"),
        ("logo_uri", PNG + bytes(256 * 1024), "image/png", "longer than"),
        ("request_uris", b"\xc3\xa9", "application/jwt", "no JWT"),
        ("request_uris", b"a.b.c", "text/plain", "media type"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_document_that_is_not_what_it_should_be_is_refused(
    tester: Developer,
    provider: Provider,
    site: Site,
    *,
    kind: str,
    body: bytes,
    content_type: str,
    reason: str,
) -> None:
    url = site.publish("/document", body, content_type)
    client = tester.registered(**{kind: [url] if kind == "request_uris" else url})
    fetch(provider)
    document = only(provider, client)
    assert document.state == "failed"
    assert reason in (document.error or "")
    assert document.body is None


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 404, 500])
def test_anything_but_200_is_refused_and_no_redirect_is_followed(
    tester: Developer, provider: Provider, site: Site, status: int
) -> None:
    url = site.publish("/keys", json.dumps(key_set(new_key())).encode())
    site.publish("/elsewhere", json.dumps(key_set(new_key())).encode())
    site.pages["/keys"].status = status
    site.pages["/keys"].headers = {"Location": site.url("/elsewhere")}
    client = tester.registered(jwks_uri=url)
    fetch(provider)
    assert only(provider, client).state == "failed"
    assert site.asked == ["/keys"]
    assert keys_of(provider, client) is None


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
def test_a_name_that_leads_inside_is_never_called(
    developer: Developer, provider: Provider, monkeypatch: pytest.MonkeyPatch, ip: str
) -> None:
    client = developer.registered(jwks_uri="https://service.test/keys")
    resolving(monkeypatch, ip)
    monkeypatch.setattr(socket, "create_connection", None)
    fetch(provider)
    assert "out of bounds" in (only(provider, client).error or "")


def test_a_name_that_leads_elsewhere_at_the_second_look_is_called_where_it_was_vetted(
    tester: Developer, provider: Provider, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: the connection goes to the address that was judged."""
    client = tester.registered(logo_uri=site.publish("/logo", PNG, "image/png"))
    real, looks = socket.getaddrinfo, []

    def rebound(host: Any, *args: Any, **options: Any) -> Any:
        looks.append(host)
        return real("127.0.0.1" if host == "127.0.0.1" or len(looks) == 1 else "127.0.0.9", *args)

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    fetch(provider)
    assert only(provider, client).state == "held"
    assert looks.count("localhost") == 1


def test_this_machine_is_called_for_clients_of_developers_alone(
    app: Flask, provider: Provider, site: Site
) -> None:
    permit(provider, development=True)
    client = Developer(app).registered(logo_uri=site.publish("/logo", PNG, "image/png"))
    provider.settings = provider.settings.model_copy(update={"dev": False})
    fetch(provider)
    assert only(provider, client).state == "failed"
    assert site.asked == []


def test_a_server_that_drips_is_cut(tester: Developer, provider: Provider) -> None:
    """The whole exchange has one deadline, however busy the other side seems."""
    provider.settings = provider.settings.model_copy(
        update={"carrier_timeout": timedelta(seconds=0.3)}
    )
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 999\r\n\r\n"
                try:
                    connection.sendall(head)
                    while True:
                        connection.sendall(b"x")
                        stopped.wait(0.02)
                except OSError:
                    return

        stopped = threading.Event()
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        client = tester.registered(logo_uri=f"http://localhost:{server.getsockname()[1]}/logo")
        fetch(provider)
        thread.join(10)
    assert "not reached" in (only(provider, client).error or "")


def test_what_failed_is_tried_again_and_what_was_held_stays_held(
    tester: Developer, provider: Provider, site: Site
) -> None:
    client = tester.registered(logo_uri=site.publish("/logo", b"?", "image/png"))
    fetch(provider)
    site.publish("/logo", PNG, "image/png")
    assert fetch(provider) == 0
    advance(provider, provider.settings.document_retry.total_seconds())
    assert fetch(provider) == 1
    assert only(provider, client).state == "held"
    site.pages["/logo"].status = 500
    advance(provider, provider.settings.document_longest_age.total_seconds())
    assert fetch(provider) == 1
    document = only(provider, client)
    assert (document.state, document.body) == ("held", PNG)
    assert "http 500" in (document.error or "")


def test_a_document_that_goes_on_failing_is_asked_for_less_and_less(
    tester: Developer, provider: Provider, site: Site
) -> None:
    """What one client publishes must not hold up what others do."""
    client = tester.registered(jwks_uri=site.url("/keys"))
    waits = []
    for _ in range(4):
        assert fetch(provider) == 1
        document = only(provider, client)
        assert document.fetched_at is not None
        wait = (document.due_at - document.fetched_at).total_seconds()
        waits.append(round(wait))
        advance(provider, wait)
    assert waits == [60, 120, 240, 480]


@pytest.mark.parametrize(
    ("cache_control", "age"),
    [
        ("", 86400),
        ("public", 86400),
        ("max-age=600", 600),
        ("public, MAX-AGE=600", 600),
        ("max-age=1", 300),
        ("max-age=999999999", 86400),
        ("max-age=99999999999999", 86400),
        ("no-store", 300),
        ("no-cache, max-age=600", 300),
        ("s-max-age=7", 86400),
        ("max-age=soon", 86400),
    ],
)
def test_a_document_is_kept_as_long_as_its_server_says_within_our_bounds(
    tester: Developer, provider: Provider, site: Site, cache_control: str, age: int
) -> None:
    """RFC 9111, 5.2.2."""
    client = tester.registered(logo_uri=site.publish("/logo", PNG, "image/png"))
    site.pages["/logo"].headers = {"Cache-Control": cache_control}
    fetch(provider)
    document = only(provider, client)
    assert document.fetched_at is not None
    assert document.due_at - document.fetched_at == timedelta(seconds=age)


def test_of_several_workers_one_fetches(both: Provider, site: Site) -> None:
    from idp import create_app  # noqa: PLC0415 - on either database

    permit(both, development=True)
    developer = Developer(create_app(both.settings, provider=both))
    developer.registered(logo_uri=site.publish("/logo", PNG, "image/png"))
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        fetch(both)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.asked == ["/logo"]


def test_what_is_registered_no_more_is_forgotten(
    tester: Developer, provider: Provider, site: Site
) -> None:
    logo = site.publish("/logo", PNG, "image/png")
    client = tester.registered(logo_uri=logo, jwks_uri=site.url("/keys"))
    fetch(provider)
    asked = {"client_id": client["client_id"], "redirect_uris": client["redirect_uris"]}
    assert tester.manage("PUT", client, json=asked | {"logo_uri": logo}).status_code == 200
    assert only(provider, client).state == "held"
    assert tester.manage("DELETE", client).status_code == 204
    assert documents(provider, client["client_id"]) == []
