"""My code for software: set, changed, removed, and what cannot be one (CIBA Core 1.0, 7.1)."""

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.models import UserCode
from tests.ciba.helpers import CibaService, add_ciba_client
from tests.portal.helpers import ACCOUNT, PERSON, Visit, to
from tests.signin.helpers import all_of, events, post, token_in, wait
from tests.wallet.helpers import outbox

PAGE = "/portail/code-logiciels"
REMOVAL = "/portail/code-logiciels/retrait"
CODE = "stethoscope-bleu"


def choose(visit: Visit, code: str, again: str | None = None) -> TestResponse:
    return post(visit.browser, PAGE, code=code, again=code if again is None else again)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", "plus long"),
        ("court", "plus long"),
        ("avec espace", "sans espace"),
        ("stéthoscope", "sans accent"),
        ("48261357", "chiffres seuls"),
        ("aaaaaabb", "se devine"),
        (PERSON, "connu de tous"),
    ],
)
def test_a_weak_code_is_refused_and_told_beside_its_field(
    visit: Visit, provider: Provider, code: str, told: str
) -> None:
    """Decision 29: never the PIN, which has digits alone; RGAA 11.10."""
    visit.sign_in(PAGE)
    refused = choose(visit, code)
    assert refused.status_code == 400
    assert 'id="code-error"' in refused.text
    assert told in refused.text
    assert not code or code not in refused.text.replace("exemple 899700990015", "")
    assert all_of(provider, UserCode) == []


def test_two_entries_that_differ_set_nothing(visit: Visit, provider: Provider) -> None:
    visit.sign_in(PAGE)
    refused = choose(visit, CODE, CODE + "!")
    assert refused.status_code == 400
    assert 'id="again-error"' in refused.text
    assert all_of(provider, UserCode) == []


def test_a_code_demands_a_recent_sign_in(visit: Visit, provider: Provider) -> None:
    visit.sign_in(ACCOUNT)
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    wait(provider, minutes=15, seconds=1)
    for address in (PAGE, REMOVAL):
        sent = visit.browser.post(address, data={"csrf_token": token, "code": CODE, "again": CODE})
        assert to(sent) == "/portail/connexion?pour=code-logiciels"
    assert all_of(provider, UserCode) == []


def test_software_must_know_the_code_that_was_set_here(
    app: Flask, visit: Visit, provider: Provider
) -> None:
    add_ciba_client(provider, backchannel_user_code_parameter=True)
    software = CibaService(app, provider)
    visit.sign_in(PAGE)
    assert choose(visit, CODE).status_code == 200
    assert "Un code existe" in visit.browser.get(PAGE).text
    assert CODE not in visit.browser.get(PAGE).text
    assert software.ask(user_code="autre-code").get_json()["error"] == "invalid_user_code"
    software.begin(user_code=CODE)
    assert choose(visit, CODE + "-2").status_code == 200
    assert software.ask(user_code=CODE).get_json()["error"] == "invalid_user_code"
    assert "code pour les logiciels" in str(outbox(app, PERSON)[-2:])


def test_a_code_is_removed_after_a_confirmation(visit: Visit, provider: Provider) -> None:
    """RGAA 11.12."""
    visit.sign_in(PAGE)
    assert to(visit.browser.get(REMOVAL)) == PAGE
    choose(visit, CODE)
    assert visit.browser.get(REMOVAL).status_code == 200
    assert all_of(provider, UserCode) != []
    assert post(visit.browser, REMOVAL).status_code == 200
    assert all_of(provider, UserCode) == []
    assert "oauth:usercode:removed" in events(provider)
