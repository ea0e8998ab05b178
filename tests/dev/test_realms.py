"""Issuers made on demand below `/r/<name>`: decisions 2 and 5, docs/testing/isolation.md."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from idp.serving.plan import Demand, ServePlan
from idp.settings import Settings
from tests.conftest import make_settings
from tests.dev.realms import (
    HERE,
    Server,
    Servers,
    add_client,
    authorize,
    code_in,
    enrol,
    redeem,
    sign_in,
)

OPEN = Demand(is_open=True)
ABROAD = Demand(is_open=False)
FIRST_USE = "/readyz"


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    made = Servers(monkeypatch)
    yield made
    made.close()


@pytest.fixture
def server(settings: Settings, servers: Servers) -> Server:
    return servers.serve(settings, OPEN)


@pytest.fixture
def server_of_both(database_url: str, master_key: str, servers: Servers) -> Server:
    return servers.serve(make_settings(database_url, master_key), OPEN)


def files_of(settings: Settings) -> list[str]:
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    return sorted(path.name for path in database.parent.glob(f"{database.name}.realms/*/*"))


def test_outside_dev_nothing_stands_there_and_nothing_is_made(
    settings: Settings, servers: Servers
) -> None:
    """Decision 2."""
    plain = settings.model_copy(update={"dev": False})
    plan = ServePlan(plain, "localhost", 8000, 1, None, None, Path(), insecure_http=False)
    assert plan.demand is None
    served = servers.serve(plain, plan.demand)
    assert served.get(f"/r/job{FIRST_USE}").status_code == 404
    assert served.ask("PUT", "/dev/v1/realms/job").status_code == 404
    assert not Path(f"{settings.database_url.removeprefix('sqlite:///')}.realms").exists()


def test_who_listens_beyond_the_loopback_makes_none_on_first_use(settings: Settings) -> None:
    plan = ServePlan(settings, "localhost", 8000, 1, None, None, Path(), insecure_http=True)
    assert plan.demand == OPEN
    assert replace(plan, host="0.0.0.0").demand == ABROAD
    behind_proxy = settings.model_copy(update={"trusted_proxies": 1})
    assert replace(plan, settings=behind_proxy).demand == ABROAD


def test_beyond_the_loopback_one_is_made_with_the_secret_alone(
    settings: Settings, servers: Servers
) -> None:
    served = servers.serve(settings, ABROAD)
    refused = served.get(f"/r/job{FIRST_USE}")
    assert refused.status_code == 404
    assert refused.content_type == "application/problem+json"
    assert "PUT /dev/v1/realms/job" in refused.get_json()["detail"]
    without = served.browser().put("/dev/v1/realms/job", base_url=HERE)
    assert without.status_code == 403
    assert served.names() == []
    assert served.ask("PUT", "/dev/v1/realms/job").status_code == 201
    assert served.get(f"/r/job{FIRST_USE}").status_code == 200


def test_a_web_page_makes_none(server: Server, settings: Settings) -> None:
    """Decision 2: neither by rebinding nor by forgery; nothing was made when it is refused."""
    for headers in (
        {"Host": "evil.test"},
        {"Host": "evil.test:8000"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert server.get(f"/r/job{FIRST_USE}", **headers).status_code == 403, headers
        assert files_of(settings) == []


def test_what_is_no_name_is_told_so(server: Server, settings: Settings) -> None:
    for name in ("Job", "a_b", "-a", "..", "%2e%2e", "é", "a" * 58):
        answer = server.get(f"/r/{name}{FIRST_USE}")
        assert answer.status_code == 404, name
        assert "lower-case letters, digits and hyphens" in answer.get_json()["detail"]
        assert server.ask("PUT", f"/dev/v1/realms/{name}").status_code == 404, name
        assert server.ask("DELETE", f"/dev/v1/realms/{name}").status_code == 404, name
        # A body here would be read as the next answer of the connection (RFC 9110, 9.3.2).
        head = server.browser().head(f"/r/{name}{FIRST_USE}", base_url=HERE)
        assert (head.status_code, head.data) == (404, b""), name
    assert files_of(settings) == []


def test_there_are_no_more_than_the_setting_allows(settings: Settings, servers: Servers) -> None:
    served = servers.serve(settings.model_copy(update={"dev_realms": 1}), OPEN)
    assert served.get(f"/r/a{FIRST_USE}").status_code == 200
    for refused, status in (
        (served.get(f"/r/b{FIRST_USE}"), 503),
        (served.ask("PUT", "/dev/v1/realms/b"), 409),
    ):
        assert refused.status_code == status
        assert "DELETE /dev/v1/realms/" in refused.get_json()["detail"]
        assert "dev_realms" in refused.get_json()["detail"]
    assert served.ask("DELETE", "/dev/v1/realms/a").status_code == 204
    assert served.get(f"/r/b{FIRST_USE}").status_code == 200


def test_they_are_made_at_the_first_issuer_alone(server: Server) -> None:
    assert server.get(f"/r/a{FIRST_USE}").status_code == 200
    for method, path in (("GET", ""), ("PUT", "/b"), ("DELETE", "/a")):
        answer = server.ask(method, f"/r/a/dev/v1/realms{path}")
        assert answer.status_code == 404
        assert "first issuer" in answer.get_json()["detail"]
    assert server.names() == ["a"]


def test_what_is_dropped_is_gone_with_its_files_and_made_anew(
    server_of_both: Server,
) -> None:
    """Keys tell one life from the next; another process of the server sees it by the same mark."""
    served = server_of_both
    assert served.ask("DELETE", "/dev/v1/realms/a").status_code == 404
    first = keys_of(served, "/r/a")
    assert served.ask("PUT", "/dev/v1/realms/a").status_code == 200  # there already
    assert keys_of(served, "/r/a") == first
    assert served.ask("DELETE", "/dev/v1/realms/a").status_code == 204
    assert served.names() == []
    assert keys_of(served, "/r/a").isdisjoint(first)


def test_another_process_notices_what_became_of_one(
    server_of_both: Server,
    database_url: str,
    master_key: str,
    servers: Servers,
) -> None:
    other = servers.serve(make_settings(database_url, master_key), OPEN)
    first = keys_of(server_of_both, "/r/a")
    assert keys_of(other, "/r/a") == first
    assert other.ask("DELETE", "/dev/v1/realms/a").status_code == 204
    assert keys_of(server_of_both, "/r/a").isdisjoint(first)
    assert keys_of(other, "/r/a") == keys_of(server_of_both, "/r/a")


def test_one_that_was_never_finished_is_made_again(server: Server, settings: Settings) -> None:
    folder = Path(f"{settings.database_url.removeprefix('sqlite:///')}.realms") / "a"
    folder.mkdir(parents=True)
    (folder / "ecps.db").write_bytes(b"half of it")
    assert server.names() == []
    assert server.get(f"/r/a{FIRST_USE}").status_code == 200
    assert server.names() == ["a"]


def test_of_simultaneous_first_requests_one_makes_it(server_of_both: Server) -> None:
    gate = threading.Barrier(4)

    def ask(_: int) -> frozenset[str]:
        gate.wait()
        return frozenset(keys_of(server_of_both, "/r/a"))

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1


def test_a_configured_issuer_wins(settings: Settings, servers: Servers, tmp_path: Path) -> None:
    file = tmp_path / "mounted.toml"
    file.write_text(f'database_url = "sqlite:///{tmp_path / "mounted.db"}"\n')
    mounted = settings.model_copy(update={"mounts": {"api": str(file)}})
    served = servers.serve(mounted, OPEN)
    assert served.discovery("/r/api")["issuer"].startswith(f"{HERE}/r/api/")
    assert served.names() == []
    refused = served.ask("PUT", "/dev/v1/realms/api")
    assert refused.status_code == 409
    assert "mounts" in refused.get_json()["detail"]


def test_it_has_the_settings_of_the_first_at_an_address_of_its_own(
    settings: Settings, servers: Servers
) -> None:
    changed = make_settings(
        settings.database_url,
        "A" * 43,
        code_lifetime=300,
        card_base_url="https://localhost:8005",
        mtls_base_url="https://localhost:8005",
    )
    served = servers.serve(changed, OPEN)
    made = served.ask("PUT", "/dev/v1/realms/job-1").get_json()
    assert made == {
        "name": "job-1",
        "base_url": f"{HERE}/r/job-1",
        "issuer": f"{HERE}/r/job-1/auth/realms/esante-wallet",
        "card_base_url": "https://localhost:8005/r/job-1",
    }
    found = served.discovery("/r/job-1")
    assert found["issuer"] == made["issuer"]
    assert all(
        value.startswith((f"{HERE}/r/job-1/", "https://localhost:8005/r/job-1/"))
        for name, value in found.items()
        if name.endswith(("_endpoint", "_uri"))
    )


def test_two_share_neither_people_nor_clients_nor_clock(server_of_both: Server) -> None:
    """Decision 5; the first issuer is a third."""
    served = server_of_both
    mounts = ("/r/a", "/r/b", "")
    person = served.ask("POST", "/r/a/dev/v1/people", {}).get_json()["national_id"]
    add_client(served, "/r/a", "mine")
    moved = served.ask("POST", "/r/a/dev/v1/clock", {"advance": 3600}).get_json()
    assert moved["offset"] == 3600
    for path, found in (
        (f"people/{person}", [200, 404, 404]),
        ("clients/mine", [200, 404, 404]),
    ):
        assert [
            served.ask("GET", f"{mount}/dev/v1/{path}").status_code for mount in mounts
        ] == found
    offsets = [served.ask("GET", f"{m}/dev/v1/clock").get_json()["offset"] for m in mounts]
    assert offsets == [3600, 0, 0]
    keys = [keys_of(served, mount) for mount in mounts]
    assert all(a.isdisjoint(b) for a in keys for b in keys if a is not b)


def test_one_browser_is_signed_in_to_both_and_each_knows_its_own_session_alone(
    server: Server, tmp_path: Path
) -> None:
    """Their cookies are named and placed apart; tokens are of their own issuer."""
    browser = server.browser()
    tokens: dict[str, Any] = {}
    for mount in ("/r/a", "/r/b"):
        secret = add_client(server, mount, "service")
        phone = enrol(server, mount, tmp_path / mount.strip("/"))
        code = sign_in(server, browser, mount, "service", phone)
        elsewhere = "/r/b" if mount == "/r/a" else "/r/a"
        assert redeem(server, elsewhere, "service", secret, code).status_code == 401
        answer = redeem(server, mount, "service", secret, code)
        assert answer.status_code == 200, answer.text
        tokens[mount] = answer.get_json()["access_token"]
        phone.close()
    for mount, other in (("/r/a", "/r/b"), ("/r/b", "/r/a")):
        # Signed in already: nobody is asked anything.
        assert code_in(authorize(browser, mount, "service"))
        assert userinfo(server, mount, tokens[mount]) == 200
        assert userinfo(server, other, tokens[mount]) == 401
    cookies = {(cookie.key, cookie.path) for cookie in cookies_of(browser)}
    assert {path for _, path in cookies} == {"/r/a", "/r/b"}
    assert len({key for key, _ in cookies}) == len(cookies)
    assert (
        authorize(browser, "", "service").status_code == 400
    )  # the first issuer has no such client


def keys_of(server: Server, mount: str) -> set[str]:
    answer = server.get(f"{mount}/auth/realms/esante-wallet/protocol/openid-connect/certs")
    assert answer.status_code == 200, answer.text
    return {key["kid"] for key in answer.get_json()["keys"]}


def userinfo(server: Server, mount: str, token: str) -> int:
    path = f"{mount}/auth/realms/esante-wallet/protocol/openid-connect/userinfo"
    return server.get(path, Authorization=f"Bearer {token}").status_code


def cookies_of(browser: Client) -> list[Any]:
    return list((browser._cookies or {}).values())
