"""The report: login by login, and the worst of what was found."""

import pytest

from idp.checklists.report import told_step
from tests.checklists.tape import Tape, good_login


@pytest.mark.parametrize(
    ("tape", "verdict"),
    [
        (Tape(), "nothing_seen"),
        (Tape(mtls=True).authorize(), "passed"),
        (Tape().authorize(state=None), "advice"),
        (Tape().authorize(state="short", nonce=None), "violation"),
        (Tape().authorize(state="short", acr_values=None), "refused"),
    ],
    ids=["nothing", "right", "advice", "violation", "refused"],
)
def test_the_verdict_is_the_worst_that_was_found(tape: Tape, verdict: str) -> None:
    assert tape.judged().verdict == verdict


def test_what_was_not_tried_is_not_said_to_be_right() -> None:
    checklist = good_login().judged()
    passed = {rule.id for rule in checklist.passed}
    untried = {rule.id for rule in checklist.untried}
    assert {"nonce_missing", "code_reused", "logout_without_hint"} <= passed
    assert {"binding_message_missing", "refresh_reused", "certificate_missing"} <= untried
    assert not passed & untried


def test_who_never_got_tokens_is_not_said_to_use_them_rightly() -> None:
    """Every code was refused: of keys and userinfo nothing is known."""
    refused = {"error": "invalid_grant"}
    checklist = Tape().authorize().callback().token(status=400, answer=refused).judged()
    untried = {rule.id for rule in checklist.untried}
    assert {
        "keys_never_fetched",
        "userinfo_never_called",
        "documents_fetched_each_login",
    } <= untried


def test_each_login_holds_its_own_steps() -> None:
    tape = good_login()
    good_login(tape)
    steps = [[e.step for e in login.exchanges] for login in tape.judged().logins]
    assert steps == [["authorize", "callback", "token", "userinfo", "logout"]] * 2


def test_two_logins_at_once_are_told_apart_by_their_state() -> None:
    tape = Tape().authorize().authorize()
    tape.login = 1
    tape.callback().token()
    tape.login = 2
    tape.callback().token()
    logins = tape.judged().logins
    assert [[e.id for e in login.exchanges] for login in logins] == [[1, 3, 4], [2, 5, 6]]


def test_a_pushed_request_and_its_page_are_one_login() -> None:
    """RFC 9126: what was pushed is what was asked."""
    tape = Tape().authorize(step="par", nonce=None)
    tape.add("authorize", "GET", {"client_id": "service", "request_uri": "sha256:pushed"})
    tape.callback().token()
    checklist = tape.judged()
    assert [e.step for e in checklist.logins[0].exchanges] == [
        "par",
        "authorize",
        "callback",
        "token",
    ]
    found = {finding.rule.id for finding in checklist.findings}
    assert "nonce_missing" in found
    assert "state_missing" not in found


def test_a_request_that_cannot_be_read_is_not_judged() -> None:
    """An encrypted request object, or one that the provider fetched."""
    tape = Tape().add("authorize", "GET", {"client_id": "service", "request": "sha256:encrypted"})
    tape.add("authorize", "GET", {"client_id": "service", "request_uri": "https://s.test/r.jwt"})
    assert tape.findings() == {}


def test_what_a_request_object_says_counts() -> None:
    """RFC 9101."""
    said = {
        "scope": "openid scope_all",
        "nonce": "n" * 32,
        "state": "s" * 32,
        "acr_values": "eidas1",
        "response_type": "code",
        "redirect_uri": "https://service.test/callback",
    }
    tape = Tape().add("authorize", "GET", {"request": "sha256:signed"}, request_object=said)
    assert set(tape.findings()) == {"pkce_missing"}


def test_a_finding_is_told_once_with_all_its_times() -> None:
    tape = Tape()
    for _ in range(3):
        tape.authorize(nonce=None)
    (finding,) = [f for f in tape.judged().findings if f.rule.id == "nonce_missing"]
    assert finding.seen == "nonce was not sent (3 times)"
    assert finding.exchange_ids == [1, 2, 3]


def test_a_step_is_told_in_a_line() -> None:
    refused = {"error": "invalid_grant", "error_description": "It is too old."}
    tape = Tape().token(status=400, answer=refused)
    told = "POST token grant_type=authorization_code: 400 invalid_grant - It is too old."
    assert told_step(tape.exchanges[0]) == told
