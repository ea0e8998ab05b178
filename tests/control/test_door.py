"""Decision 2: whoever has no secret, or comes from elsewhere, makes and learns nothing."""

import json

import pytest

from tests.control.helpers import SECRET, Control
from wallet_sim.control_server import table
from wallet_sim.control_server.app import BASE, ControlServer
from wallet_sim.door import SECRET_HEADER

_ASKED = [(each.method, each.path.replace("<", "").replace(">", "")) for each in table.OPERATIONS]
_ASKED += [("GET", "/openapi.json"), ("GET", "/provider/people"), ("POST", "/provider/people")]

GUARDS = {
    "no secret": ({}, "localhost:8006"),
    "a wrong secret": ({SECRET_HEADER: "guessed"}, "localhost:8006"),
    "a secret in a cookie": ({"Cookie": f"{SECRET_HEADER}={SECRET}"}, "localhost:8006"),
    "a foreign host": ({SECRET_HEADER: SECRET}, "rebound.example:8006"),
    "a foreign origin": (
        {SECRET_HEADER: SECRET, "Origin": "https://evil.example"},
        "localhost:8006",
    ),
    "an origin that a page hides": ({SECRET_HEADER: SECRET, "Origin": "null"}, "localhost:8006"),
    "another site": ({SECRET_HEADER: SECRET, "Sec-Fetch-Site": "cross-site"}, "localhost:8006"),
}


@pytest.mark.parametrize("name", GUARDS)
def test_whoever_may_not_come_in_is_refused_everywhere(shared: Control, name: str) -> None:
    headers, host = GUARDS[name]
    people = shared.told("GET", "provider/people")
    for method, path in _ASKED:
        answer = shared.ask(method, path.strip("/"), {}, headers=headers, host=host)
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.content_type == "application/problem+json"
        assert SECRET not in answer.text
    assert shared.told("GET", "phones") == {"phones": []}
    assert shared.told("GET", "provider/people") == people


def test_no_web_page_is_permitted_to_read_or_to_send(shared: Control) -> None:
    """No CORS permission, not even to a preflight."""
    for method in ("OPTIONS", "GET"):
        answer = shared.ask(method, "place", headers={"Origin": "https://evil.example"})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_only_whether_it_answers_is_told_to_everybody(server: ControlServer) -> None:
    anybody = Control(server)
    anybody.base = ""
    answer = anybody.ask("GET", "healthz", headers={})
    assert (answer.status_code, json.loads(answer.text)) == (200, {"status": "ok"})


def test_no_realm_is_made_for_who_has_no_secret(server: ControlServer) -> None:
    stranger = Control(server, "made-by-a-stranger")
    assert stranger.ask("GET", "place", headers={}).status_code == 403
    realms = Control(server).told("GET", "provider/realms")["realms"]
    assert "made-by-a-stranger" not in json.dumps(realms)


@pytest.mark.parametrize("name", ["Not-A-Name", "a_b", "-a", "a" * 64])
def test_a_realm_has_a_name_that_an_address_can_hold(server: ControlServer, name: str) -> None:
    status, code, detail = Control(server, name).refused("GET", "place")
    assert (status, code) == (404, "unknown")
    assert "lower-case letters, digits and hyphens" in detail


def test_every_answer_is_kept_by_nobody(shared: Control) -> None:
    for answer in (shared.ask("GET", "place"), shared.ask("GET", "nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("GET", "nowhere", (404, "not_found")), ("PATCH", "place", (405, "method_not_allowed"))],
)
def test_what_is_not_there_is_a_problem_document(
    shared: Control, method: str, path: str, expected: tuple[int, str]
) -> None:
    assert shared.refused(method, path)[:2] == expected


def test_a_body_is_json_of_a_bounded_size_and_nothing_stands_in_the_query(
    shared: Control,
) -> None:
    plain = shared.ask("POST", "phones", data="{}", content_type="text/plain")
    assert plain.status_code == 415
    large = shared.ask("POST", "phones", data=b"x" * 2_100_000, content_type="application/json")
    assert large.status_code == 413
    assert shared.ask("GET", "place", query_string="a=b").status_code == 400
    status, _, detail = shared.refused("POST", "phones", {"national_id": 1, "colour": "red"})
    assert status == 400
    assert "national_id" in detail
    assert "colour" in detail


def test_the_document_is_told_and_says_where(shared: Control) -> None:
    told = shared.told("GET", "openapi.json")
    assert told["servers"] == [{"url": BASE}]
    assert told["security"] == [{"secret": []}]
