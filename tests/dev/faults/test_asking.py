"""Asking for faults: what is refused, what is told, and that two times are two."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from idp import create_app
from idp.dev.faults.catalogue import CATALOGUE
from idp.dev.faults.endpoints import ENDPOINTS
from idp.provider import Provider
from idp.store.faults import add_fault, find_fault, standing_faults, take_fault
from idp.store.models import DevFault
from tests.conftest import make_settings, provider_of
from tests.dev.faults.asking import HEADERS, Faults
from tests.oauth.helpers import PROTOCOL, Service, add_client

_A_SENTENCE = re.compile(r".{9,}", re.DOTALL)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"fault": "no_such_fault"}, "GET /faults/catalogue"),
        ({"fault": "server_error"}, "say the endpoint of server_error: one of"),
        ({"fault": "id_token_wrong_nonce", "endpoint": "jwks"}, "one of token, ciba_push"),
        ({"fault": "server_error", "endpoint": "elsewhere"}, "one of"),
        ({"fault": "jwks_empty", "client_id": "service"}, "leave out client_id"),
        ({"fault": "jwks_empty", "times": 0}, "times"),
        ({"fault": "jwks_empty", "times": "2"}, "times"),
        ({"fault": "jwks_empty", "parameters": {"seconds": 1}}, "seconds"),
        ({"fault": "jwks_empty", "member": "keys"}, "member"),
        ({"fault": "discovery_missing_member"}, "member"),
        ({"fault": "id_token_expired", "parameters": {"seconds": 0}}, "seconds"),
        ({"fault": "id_token_expired", "parameters": {"seconds": "60"}}, "seconds"),
        (
            {"fault": "oauth_error", "endpoint": "token", "parameters": {"error": "two\nlines"}},
            "error",
        ),
        (
            {"fault": "late", "endpoint": "token", "parameters": {"seconds": 61}},
            "dev_longest_delay",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_committed_is_refused_with_what_to_do(
    faults: Faults, service: Service, wanted: dict[str, Any], says: str
) -> None:
    answer = faults.http.post("/dev/v1/faults", json=wanted, headers=HEADERS)
    assert answer.status_code == 400, answer.text
    assert says in answer.json["detail"]
    assert faults.http.get("/dev/v1/faults", headers=HEADERS).json == {"faults": []}


def test_a_client_that_is_not_there_is_named(faults: Faults) -> None:
    answer = faults.post("id_token_wrong_iss", client_id="nobody")
    assert answer.status_code == 404
    assert "'nobody'" in answer.json["detail"]


def test_what_the_client_has_encrypted_cannot_be_changed_and_it_is_said(
    faults: Faults, provider: Provider
) -> None:
    """Only the client opens its ID tokens: the fault would wait for ever."""
    key = {"kty": "EC", "crv": "P-256", "use": "enc", "kid": "e"} | _POINT
    add_client(
        provider,
        "sealed",
        jwks={"keys": [key]},
        id_token_encrypted_response_alg="ECDH-ES",
    )
    answer = faults.post("id_token_wrong_nonce", client_id="sealed")
    assert answer.status_code == 409
    assert "without encryption" in answer.json["detail"]
    assert faults.post("userinfo_wrong_sub", client_id="sealed").status_code == 201


_POINT = {
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


def test_no_more_faults_are_kept_than_the_setting_says(
    provider: Provider, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = provider.settings.model_copy(update={"dev_faults": 2})
    monkeypatch.setattr(provider, "settings", few)
    for _ in range(2):
        faults.ask("jwks_empty")
    answer = faults.post("jwks_empty")
    assert answer.status_code == 409
    assert "dev_faults" in answer.json["detail"]


@pytest.mark.parametrize("number", ["987654321", "0", "-1", "abc", "9" * 30, "٣"])
@pytest.mark.parametrize("method", ["get", "delete"])
def test_a_fault_that_is_not_there_is_not_found(faults: Faults, number: str, method: str) -> None:
    answer = getattr(faults.http, method)(f"/dev/v1/faults/{number}", headers=HEADERS)
    assert answer.status_code == 404
    assert answer.json["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "faults"),
        ("post", "faults"),
        ("delete", "faults"),
        ("get", "faults/catalogue"),
        ("get", "faults/1"),
        ("delete", "faults/1"),
        ("post", "keys/rotation"),
    ],
)
def test_nothing_of_it_is_had_without_the_secret(faults: Faults, method: str, path: str) -> None:
    """Decision 2."""
    assert getattr(faults.http, method)(f"/dev/v1/{path}").status_code == 403


def test_what_was_asked_for_is_told_until_it_is_removed(faults: Faults, service: Service) -> None:
    number = faults.ask("id_token_wrong_nonce", client_id="service", times=2)
    told = faults.told(number)
    assert told["endpoint"] == "token"
    assert told["client_id"] == "service"
    assert (told["times_left"], told["committed"]) == (2, 0)
    listed = faults.http.get("/dev/v1/faults", headers=HEADERS).json["faults"]
    assert listed == [told]
    gone = faults.http.delete(f"/dev/v1/faults/{number}", headers=HEADERS)
    assert gone.status_code == 204
    assert faults.http.get("/dev/v1/faults", headers=HEADERS).json == {"faults": []}


def test_two_times_are_two_and_then_all_is_as_it_was(faults: Faults, service: Service) -> None:
    number = faults.ask("server_error", endpoint="jwks", times=2)
    statuses = [service.http.get(f"{PROTOCOL}/certs").status_code for _ in range(4)]
    assert statuses == [503, 503, 200, 200]
    told = faults.told(number)
    assert (told["times_left"], told["committed"]) == (0, 2)


def test_a_fault_without_a_number_of_times_stands_until_it_is_removed(
    faults: Faults, service: Service
) -> None:
    number = faults.ask("server_error", endpoint="jwks")
    assert [service.http.get(f"{PROTOCOL}/certs").status_code for _ in range(3)] == [503] * 3
    assert faults.told(number)["times_left"] is None
    faults.withdraw()
    assert service.http.get(f"{PROTOCOL}/certs").status_code == 200


def test_one_fault_an_answer_the_oldest_first(faults: Faults, service: Service) -> None:
    """So that what a service rejects has one reason, and a test can line up a sequence."""
    faults.ask("server_error", endpoint="jwks", times=1, parameters={"status": 502})
    faults.ask("html_page", endpoint="jwks", times=1)
    faults.ask("jwks_empty", times=1)
    answers = [service.http.get(f"{PROTOCOL}/certs") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [502, 200, 200, 200]
    assert answers[1].mimetype == "text/html"
    assert answers[2].json == {"keys": []}
    assert answers[3].json["keys"]


def test_what_does_not_fit_waits_and_is_not_counted(faults: Faults, service: Service) -> None:
    number = faults.ask("id_token_wrong_nonce", times=1)
    assert service.exchange("a-code-that-is-none").status_code == 400
    assert "nonce" not in service.claims(service.sign_in(nonce=None)["id_token"])
    assert faults.committed(number) == 0
    assert service.claims(service.sign_in(nonce="mine")["id_token"])["nonce"] != "mine"
    assert faults.committed(number) == 1


def test_simultaneous_requests_commit_it_exactly_as_often_as_asked(both: Provider) -> None:
    """Ten at once take three: one conditional UPDATE each."""
    fault = DevFault(
        fault="jwks_empty",
        parameters={},
        endpoint="jwks",
        client_id=None,
        times_left=3,
        committed=0,
        created_at=both.clock.now(),
    )
    with both.store.begin() as db:
        add_fault(db, fault)
        number = fault.id

    def take(_: int) -> bool:
        with both.store.begin() as db:
            return take_fault(db, number)

    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(take, range(10)))
    assert sum(taken) == 3
    with both.store.read() as db:
        kept = find_fault(db, number)
        assert kept is not None
        assert (kept.times_left, kept.committed) == (0, 3)
        assert standing_faults(db, "jwks", None) == []


def test_a_fault_for_one_client_stands_for_no_other(both: Provider) -> None:
    for client_id in ("first", None):
        with both.store.begin() as db:
            add_fault(
                db,
                DevFault(
                    fault="malformed_json",
                    parameters={},
                    endpoint="token",
                    client_id=client_id,
                    times_left=None,
                    committed=0,
                    created_at=both.clock.now(),
                ),
            )
    with both.store.read() as db:
        assert len(standing_faults(db, "token", "first")) == 2
        assert len(standing_faults(db, "token", "second")) == 1
        assert len(standing_faults(db, "token", None)) == 1
        assert standing_faults(db, "userinfo", "first") == []


def test_the_catalogue_tells_all_that_a_test_author_needs(faults: Faults) -> None:
    told = faults.catalogue()
    assert told["endpoints"] == ENDPOINTS
    assert [entry["name"] for entry in told["faults"]] == list(CATALOGUE)
    for entry in told["faults"]:
        assert set(entry["endpoints"]) <= ENDPOINTS.keys(), entry["name"]
        for text in ("does", "client_must", "source"):
            assert _A_SENTENCE.fullmatch(entry[text]), (entry["name"], text)
        for name, schema in entry["parameters"].get("properties", {}).items():
            assert "description" in schema, (entry["name"], name)
    reached = {endpoint for entry in told["faults"] for endpoint in entry["endpoints"]}
    assert reached == ENDPOINTS.keys()


def test_outside_development_nothing_of_it_is_there_even_if_rows_stand(
    sqlite_url: str, master_key: str
) -> None:
    """Decision 2: the layer is installed by the development addresses alone."""
    app = create_app(make_settings(sqlite_url, master_key, dev=False))
    provider = provider_of(app)
    add_client(provider)
    with provider.store.begin() as db:
        for endpoint in ENDPOINTS:
            add_fault(
                db,
                DevFault(
                    fault="server_error",
                    parameters={"status": 503, "retry_after": None},
                    endpoint=endpoint,
                    client_id=None,
                    times_left=None,
                    committed=0,
                    created_at=provider.clock.now(),
                ),
            )
    service = Service(app, provider)
    assert service.http.get(f"{PROTOCOL}/certs").status_code == 200
    assert service.sign_in()["id_token"]
    assert service.http.get("/dev/v1/faults", headers=HEADERS).status_code == 404
    hooks = [*app.before_request_funcs.get(None, []), *app.after_request_funcs.get(None, [])]
    assert [hook for hook in hooks if "idp.dev" in hook.__module__] == []
    assert provider.leaving_call("service", "text/plain", b"as it is") == b"as it is"
    provider.store.close()
