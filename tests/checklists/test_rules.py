"""Every rule both ways: seen where it is broken, and not where it is kept."""

from collections.abc import Callable

import pytest

from idp.checklists.rules import RULES
from idp.checklists.rules.rule import SEVERITIES
from tests.checklists.tape import FORM, REDIRECT, Tape, good_login

_IN_QUERY = {"in_query": ("client_secret",)}


def _two_logins(**changes: str) -> Tape:
    tape = Tape()
    for _ in range(2):
        tape.authorize(**changes).callback(state=changes.get("state", _state(tape))).token()
    return tape


def _state(tape: Tape) -> str:
    return f"state-of-the-login-{tape.login}"


def _polled(gap: float) -> Tape:
    tape = Tape().ciba()
    for _ in range(3):
        tape.wait(gap).poll("authorization_pending")
    return tape


def _many(times: int, step: Callable[[Tape, int], Tape], gap: float) -> Tape:
    tape = Tape().authorize().callback().token()
    for number in range(times):
        step(tape.wait(gap), number)
    return tape


def _refused_tokens(gap: float) -> Tape:
    return _many(10, lambda tape, _: tape.token(status=400, answer={"error": "invalid_grant"}), gap)


def _each_login_fetches(times: int) -> Tape:
    tape = Tape()
    for number in range(4):
        if number < times:
            tape.fetch("jwks")
        tape.authorize().callback().token()
    return tape


def _plain(step: str) -> Tape:
    return Tape().add(step, "GET", {"client_secret": "(hidden)"}, status=405, **_IN_QUERY)


BROKEN: dict[str, list[Callable[[], Tape]]] = {
    "client_unknown": [lambda: Tape(registered=None).authorize()],
    "acr_values_missing": [lambda: Tape().authorize(acr_values=None)],
    "acr_values_other": [
        lambda: Tape().authorize(acr_values="eidas3"),
        lambda: Tape().authorize(acr_values="eidas1 eidas2"),
    ],
    "redirect_uri_unregistered": [
        lambda: Tape().authorize(redirect_uri=f"{REDIRECT}/", status=400),
        lambda: Tape().authorize(redirect_uri=None, status=400),
    ],
    "redirect_uri_http": [lambda: Tape().authorize(redirect_uri="http://service.test/callback")],
    "response_type_other": [
        lambda: Tape().authorize(response_type="id_token token"),
        lambda: Tape().authorize(response_type=None),
    ],
    "scope_without_openid": [
        lambda: Tape().authorize(scope="scope_all"),
        lambda: Tape().authorize(scope=None),
    ],
    "scope_all_missing": [lambda: Tape().authorize(scope="openid")],
    "email_expected": [lambda: Tape().authorize(scope="openid scope_all email")],
    "parameter_repeated": [lambda: Tape().authorize(repeated=("state",))],
    "sign_in_framed": [lambda: Tape().authorize(headers={"sec-fetch-dest": "iframe"})],
    "state_missing": [lambda: Tape().authorize(state=None)],
    "answer_unprotected": [
        lambda: Tape().authorize(
            state=None, nonce=None, code_challenge=None, code_challenge_method=None
        )
    ],
    "state_short": [lambda: Tape().authorize(state="123456")],
    "state_reused": [lambda: _two_logins(state="the one and only state")],
    "nonce_missing": [lambda: Tape().authorize(nonce=None)],
    "code_unprotected": [lambda: Tape().authorize(nonce=None, code_challenge=None)],
    "nonce_short": [lambda: Tape().authorize(nonce="n1")],
    "nonce_reused": [lambda: _two_logins(nonce="the one and only nonce")],
    "pkce_missing": [lambda: Tape().authorize(code_challenge=None, code_challenge_method=None)],
    "pkce_plain": [
        lambda: Tape().authorize(code_challenge_method="plain"),
        lambda: Tape().authorize(code_challenge_method=None),
    ],
    "pkce_reused": [lambda: _two_logins(code_challenge="c" * 43)],
    "verifier_missing": [
        lambda: Tape().authorize().callback().token(code_verifier=None, status=400, answer={}),
    ],
    "code_too_late": [lambda: Tape().authorize().callback().wait(61).token(status=400, answer={})],
    "code_late": [lambda: Tape().authorize().callback().wait(45).token()],
    "code_reused": [
        lambda: Tape().authorize().callback().token().token(status=400, answer={}),
        lambda: Tape().authorize().callback().token(status=401, answer={}).token().token(),
    ],
    "code_unused": [lambda: Tape().authorize().callback().wait(61)],
    "redirect_uri_differs": [
        lambda: Tape().authorize().callback().token(redirect_uri=f"{REDIRECT}/", status=400),
        lambda: Tape().authorize().callback().token(redirect_uri=None, status=400),
    ],
    "token_request_not_form": [
        lambda: Tape().add(
            "token", "POST", {}, status=400, headers={"content-type": "application/json"}
        )
    ],
    "grant_not_served": [
        lambda: Tape().token(grant_type="password", status=400, answer={"error": "x"})
    ],
    "keys_never_fetched": [
        lambda: Tape().authorize().callback().token(),
        lambda: Tape().fetch("jwks", "sha256:somebody-else").authorize().callback().token(),
    ],
    "documents_fetched_each_login": [lambda: _each_login_fetches(4)],
    "userinfo_never_called": [lambda: Tape().authorize().callback().token()],
    "userinfo_without_token": [lambda: Tape().userinfo(presented={}, status=401)],
    "token_used_expired": [
        lambda: Tape().token().wait(121).userinfo(status=401),
        lambda: Tape().token().wait(300).introspect(),
    ],
    "refresh_reused": [
        lambda: Tape().token().refresh().wait(60).refresh(status=400, answer={"error": "x"}),
    ],
    "token_endpoint_hammered": [
        lambda: _many(5, lambda tape, number: tape.refresh(number), 1),
        lambda: _refused_tokens(5),
    ],
    "introspection_foreign": [
        lambda: Tape().introspect(presented={"token": "sha256:x", "azp": "another"})
    ],
    "client_secret_in_url": [
        lambda: _plain("token"),
        lambda: Tape().add("par", "POST", {}, in_query=("client_assertion",)),
    ],
    "token_in_url": [lambda: Tape().userinfo(in_query=("access_token",), status=401)],
    "code_in_url": [lambda: Tape().token(in_query=("code", "code_verifier"))],
    "called_from_page": [
        lambda: Tape().token(headers={"origin": "https://service.test", "content-type": FORM})
    ],
    "client_refused": [lambda: Tape().token(status=401, answer={"error": "invalid_client"})],
    "method_not_of_psc": [
        lambda: Tape().token(authentication="private_key_jwt"),
        lambda: Tape().token(authentication="none"),
    ],
    "certificate_missing": [lambda: Tape(mtls=True).token()],
    "certificate_untried": [lambda: Tape().token()],
    "ciba_acr_values": [
        lambda: Tape().ciba(acr_values=None),
        lambda: Tape().ciba(acr_values="eidas2"),
    ],
    "binding_message_missing": [
        lambda: Tape().ciba(binding_message=None),
        lambda: Tape().ciba(binding_message="7"),
        lambda: Tape().ciba(binding_message="Bonjour"),
    ],
    "channel_missing": [
        lambda: Tape().ciba(channel=None),
        lambda: Tape().ciba(channel="PHONE"),
    ],
    "polled_too_fast": [
        lambda: _polled(0.2),
        lambda: Tape().ciba().poll("slow_down"),
    ],
    "polled_after_end": [
        lambda: Tape().ciba().wait(1).poll("access_denied").wait(1).poll("access_denied"),
    ],
    "logout_forgotten": [lambda: Tape().authorize().callback().token()],
    "logout_without_hint": [lambda: Tape().logout(presented={}, id_token_hint=None)],
    "logout_hint_wrong": [lambda: Tape().logout(presented={"token": "sha256:x", "typ": "Bearer"})],
    "post_logout_redirect_uri_unregistered": [
        lambda: Tape().logout(post_logout_redirect_uri="https://service.test/other", status=400)
    ],
}
"""What breaks each rule; other rules may be broken by it too."""

KEPT: dict[str, list[Callable[[], Tape]]] = {
    "redirect_uri_http": [
        lambda: Tape().authorize(redirect_uri="http://localhost:5000/callback"),
        lambda: Tape().authorize(redirect_uri="http://[::1/callback"),
    ],
    "code_unprotected": [lambda: Tape().authorize(nonce=None)],
    "answer_unprotected": [lambda: Tape().authorize(state=None, code_challenge=None)],
    "state_reused": [
        _two_logins,
        # The page was loaded again: one login, one answer.
        lambda: Tape().authorize(state=_state(Tape(login=2))).authorize().callback().token(),
    ],
    "nonce_reused": [_two_logins],
    "pkce_reused": [_two_logins],
    "pkce_plain": [lambda: Tape().authorize(code_challenge=None, code_challenge_method=None)],
    "code_reused": [
        lambda: Tape().authorize().callback().token(status=401, answer={"error": "x"}).token(),
    ],
    "code_unused": [lambda: Tape().authorize().callback().wait(59)],
    "code_late": [lambda: Tape().authorize().callback().wait(29).token()],
    "refresh_reused": [
        lambda: Tape().token().refresh(0).refresh(1).refresh(2),
        # Not rotated: the same token is the right one.
        lambda: Tape().token().refresh(answer={"refresh_token": "sha256:0-r0"}).refresh(),
    ],
    "token_endpoint_hammered": [
        lambda: _many(5, lambda tape, number: tape.refresh(number), 60),
        lambda: _refused_tokens(30),
        lambda: _polled(1),
    ],
    "documents_fetched_each_login": [lambda: _each_login_fetches(1)],
    "token_used_expired": [lambda: Tape().token().wait(119).userinfo()],
    "parameter_repeated": [lambda: Tape().authorize(repeated=("resource",))],
    "polled_too_fast": [lambda: _polled(1), lambda: _polled(0.6)],
    "polled_after_end": [lambda: Tape().ciba().wait(1).poll("access_denied")],
    "certificate_missing": [lambda: Tape(mtls=True).token(certificate=True)],
    "certificate_untried": [lambda: Tape(mtls=True).token()],
    "method_not_of_psc": [
        lambda: Tape().token(authentication="client_secret_post"),
        lambda: Tape().token(authentication="none", status=401, answer={"error": "invalid_client"}),
        lambda: Tape().token(authentication="none", method="GET", status=405),
        lambda: Tape(mtls=True).token(authentication="tls_client_auth", certificate=True),
    ],
    "grant_not_served": [lambda: _plain("token")],
    "logout_hint_wrong": [lambda: Tape().logout(presented={"token": "sha256:x", "typ": "ID"})],
    "token_in_url": [lambda: Tape().logout(in_query=("id_token_hint",))],
    "binding_message_missing": [lambda: Tape().ciba(binding_message="00")],
    "channel_missing": [lambda: Tape().ciba(channel="CARD")],
}
"""What comes near, and is right; a login without a mistake keeps all of them besides."""


def _cases(table: dict[str, list[Callable[[], Tape]]]) -> list[object]:
    return [
        pytest.param(rule, make, id=f"{rule}-{number}")
        for rule, makes in table.items()
        for number, make in enumerate(makes)
    ]


@pytest.mark.parametrize(("rule", "make"), _cases(BROKEN))
def test_a_rule_is_told_where_it_is_broken(rule: str, make: Callable[[], Tape]) -> None:
    found = make().findings()
    assert rule in found
    assert found[rule]


@pytest.mark.parametrize(("rule", "make"), _cases(KEPT))
def test_a_rule_is_not_told_where_it_is_kept(rule: str, make: Callable[[], Tape]) -> None:
    assert rule not in make().findings()


def test_every_rule_has_a_case_that_breaks_it() -> None:
    names = [rule.id for rule in RULES]
    assert set(BROKEN) == set(names)
    assert len(set(names)) == len(names)


def test_a_login_without_a_mistake_keeps_every_rule() -> None:
    """But for the certificate, where the server asks for none."""
    assert set(good_login().findings()) == {"certificate_untried"}
    tape = good_login(Tape(mtls=True))
    assert set(tape.findings()) == {"certificate_missing"}


def test_every_rule_says_why_what_to_do_and_where_it_stands() -> None:
    for rule in RULES:
        assert rule.severity in SEVERITIES
        for text in (rule.title, rule.why, rule.fix, rule.source.text):
            assert text.strip(), rule.id
        assert rule.source.url.startswith("https://"), rule.id


def test_only_what_the_platform_refuses_is_said_to_be_refused() -> None:
    """No requirement is invented: each of these is of the decree, or known of the platform."""
    assert {rule.id for rule in RULES if rule.severity == "refused"} == {
        "client_unknown",
        "acr_values_missing",
        "acr_values_other",
        "redirect_uri_unregistered",
        "grant_not_served",
        "method_not_of_psc",
        "certificate_missing",
        "ciba_acr_values",
        "post_logout_redirect_uri_unregistered",
    }
