"""Acting for a practitioner: EspacePro decides at each request, and its silence grants nothing."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.mon_compte.access import ACTING
from relying_services.mon_compte.espacepro_api import EXTENSION
from relying_services.service.app import service_of
from relying_services.service.service import HANDLE
from relying_services.service.store.sessions import find_session, keep
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.espacepro import SECRET, Answering, answering, delegation
from tests.relying_services.mon_compte.rows import OTHER, OWNER, invoice, pay, refusals, traced
from tests.relying_services.signed_in import confirmed, post, sign_in, text_of

ACCOUNTANT = "account:7f3a"


@pytest.fixture
def account(made: Made, service_url: str) -> Flask:
    app = made(service_url, espacepro_secret=SECRET, password_access=True)
    pay(app, 1, OWNER)
    invoice(app, 1, 1, OWNER, patient="ÉTANGLIN Zoé")
    pay(app, 2, OTHER, amount=777_00)
    return app


@pytest.fixture
def espacepro(account: Flask) -> Answering:
    made = answering(account)
    made.delegations[ACCOUNTANT] = [delegation("D-1", OWNER)]
    return made


def accountant(app: Flask) -> FlaskClient:
    return sign_in(app, ACCOUNTANT, name="Ilan COMPTANT", means="PASSWORD", sid="")


@pytest.fixture
def acting(account: Flask, espacepro: Answering) -> FlaskClient:
    """The accountant's browser, who acts for the owner."""
    browser = accountant(account)
    assert post(browser, "/agir", delegation="D-1").status_code == 303
    return browser


def force_acting(app: Flask, browser: FlaskClient, number: str) -> None:
    """A session that remembers a delegation, however it came to that."""
    with browser.session_transaction() as session:
        handle = session[HANDLE]
    with service_of(app).store.begin() as db:
        row = find_session(db, handle)
        assert row is not None
        keep(db, row, **{ACTING: {"id": number, "delegator_name": "X", "status": "comptable"}})


@pytest.mark.usefixtures("espacepro")
def test_attack_an_accountant_who_acts_for_nobody_sees_nothing(account: Flask) -> None:
    """MA-10: an account without national identifier has no data of its own."""
    browser = accountant(account)
    for address in ("/paiements", "/informations", "/activite", "/imprimes", "/contact"):
        page = browser.get(address)
        assert page.status_code == 409, address
        assert "nobody_chosen" in page.text
    assert {each[2] for each in refusals(account)} == {"nobody_chosen"}


def test_attack_the_delegation_of_another_is_as_if_it_did_not_exist(
    account: Flask, espacepro: Answering
) -> None:
    """EP-05, MA-10: guessing the identifier of a delegation opens nothing."""
    espacepro.delegations["account:other"] = [delegation("D-2", OTHER)]
    browser = accountant(account)
    for number in ("D-2", "D-404", "", "D-1' OR '1'='1"):
        page = post(browser, "/agir", delegation=number)
        assert page.status_code == 404, number
        assert "not_found" in page.text
        assert browser.get("/paiements").status_code == 409
    assert ("acting:begun", "", "not_found") in refusals(account)


@pytest.mark.usefixtures("espacepro")
def test_attack_a_forged_choice_is_refused(account: Flask) -> None:
    """EP-05: another site cannot have somebody act for another, nor cease to."""
    browser = accountant(account)
    assert browser.post("/agir", data={"delegation": "D-1"}).status_code == 403
    assert browser.post("/agir/fin").status_code == 403
    assert browser.get("/paiements").status_code == 409


def test_attack_a_delegation_revoked_meanwhile_is_refused_at_the_next_request(
    account: Flask, espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-17: nothing of an earlier answer counts."""
    assert acting.get("/paiements").status_code == 200
    espacepro.delegations.clear()
    page = acting.get("/paiements")
    assert page.status_code == 403
    assert "delegation_not_in_force" in page.text
    assert "1 234,50" not in page.text.replace("\u202f", " ").replace("\xa0", " ")
    assert refusals(account)[0] == ("payments:read", "", "delegation_not_in_force")


REASONS = {
    "not_accepted": "delegation_not_in_force",
    "not_yet": "delegation_not_in_force",
    "over": "delegation_not_in_force",
    "revoked": "delegation_not_in_force",
    "unknown": "delegation_refused",
    "service_outside": "service_outside",
    "means_refused": "means_refused",
    "delegator_inactive": "delegation_refused",
    "a_reason_of_tomorrow": "delegation_refused",
}
NOT_UNDERSTOOD = [
    (500, b"oops"),
    (200, b"oops"),
    (200, b"[]"),
    (200, b"{}"),
    (200, b'{"delegator": "899700990015", "level": "everything"}'),
    (200, b'{"delegator": "", "level": "full"}'),
    (200, b'{"delegator": 5, "level": "full"}'),
    (200, b'{"delegator": "899700990015", "level": ["full"]}'),
    (200, b'{"delegator": "account:7f3a", "level": "full"}'),
    (302, b'{"delegator": "899700990015", "level": "full"}'),
    (401, b'{"delegator": "899700990015", "level": "full"}'),
    (403, b"{}"),
]


def test_attack_whatever_espacepro_refuses_is_refused(
    espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-04, EP-10, EP-11: for each reason, one that is not known here included."""
    for reason, code in REASONS.items():
        espacepro.reason = reason
        page = acting.get("/paiements")
        assert page.status_code == 403, reason
        assert f'id="error">{code}<' in page.text, reason


def test_an_answer_that_is_not_understood_grants_nothing(
    account: Flask, espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-17: in doubt nobody acts for another."""
    for raw in NOT_UNDERSTOOD:
        espacepro.raw = raw
        page = acting.get("/paiements")
        assert page.status_code == 503, raw
        assert "espacepro_unreachable" in page.text, raw
    assert {each[2] for each in refusals(account)} == {"espacepro_unreachable"}


def test_attack_an_answer_that_leads_elsewhere_is_not_followed(
    account: Flask, espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-17: whoever answers there is not EspacePro, whatever they grant."""
    stranger = Answering(raw=(200, b'{"delegator": "%s", "level": "full"}' % OWNER.encode()))
    service_of(account).more[EXTENSION].session.mount("http://stranger.test", stranger)
    espacepro.raw, espacepro.location = (307, b""), "http://stranger.test/api/v1/acts"
    assert acting.get("/paiements").status_code == 503
    assert stranger.asked == []


def test_silence_of_espacepro_grants_nothing_and_one_can_still_cease(
    account: Flask, espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-17: fail closed; ceasing to act asks nobody."""
    espacepro.is_gone = True
    assert acting.get("/paiements").status_code == 503
    assert post(acting, "/agir/fin").status_code == 303
    assert acting.get("/paiements").status_code == 409
    assert acting.get("/agir").status_code == 503
    ended = [each for each in traced(account) if each.action == "acting:ended"]
    assert [each.delegation_id for each in ended] == ["D-1"]


def test_a_wrong_secret_of_this_service_grants_nothing(made: Made, service_url: str) -> None:
    """EP-04: EspacePro tells only whom it knows."""
    app = made(service_url, espacepro_secret="another", password_access=True)
    answering(app).delegations[ACCOUNTANT] = [delegation("D-1", OWNER)]
    assert accountant(app).get("/agir").status_code == 503


@pytest.mark.parametrize("address", ["/informations", "/activite"])
def test_attack_tabs_of_the_owner_alone_are_shown_to_no_delegate(
    account: Flask, espacepro: Answering, acting: FlaskClient, address: str
) -> None:
    """EP-04: neither the delegator's nor, by mistake, the delegate's own."""
    before = len(espacepro.asked)
    page = acting.get(address)
    assert page.status_code == 403
    assert "owner_alone" in page.text
    assert len(espacepro.asked) == before
    assert refusals(account)[0][2] == "owner_alone"


@pytest.mark.parametrize("address", ["/imprimes", "/contact"])
def test_attack_a_tab_outside_the_delegation_is_refused(acting: FlaskClient, address: str) -> None:
    """EP-04: an accountant has the payments and nothing else."""
    page = acting.get(address)
    assert page.status_code == 403
    assert "service_outside" in page.text


def test_attack_a_session_that_remembers_a_foreign_delegation_opens_nothing(
    account: Flask, espacepro: Answering
) -> None:
    """EP-05: what is kept here is no proof: EspacePro is told who acts, and by which means."""
    espacepro.delegations["account:other"] = [delegation("D-2", OTHER)]
    browser = accountant(account)
    force_acting(account, browser, "D-2")
    assert browser.get("/paiements").status_code == 403
    method, path, body = espacepro.asked[-1]
    assert (method, path) == ("POST", "acts")
    assert body["delegate"] == ACCOUNTANT
    assert body["means"] == "PASSWORD"


def test_attack_rows_of_somebody_else_than_the_delegator_stay_unreached(
    acting: FlaskClient,
) -> None:
    """MA-10: a delegation opens the rows of its delegator and of nobody else."""
    assert acting.get("/paiements/1").status_code == 200
    foreign, unknown = acting.get("/paiements/2"), acting.get("/paiements/987654")
    assert foreign.status_code == unknown.status_code == 404


def test_patients_are_masked_for_an_accountant(acting: FlaskClient) -> None:
    """MA-10; domain 6: payments, no patient: on the page, in the export, in search and sort."""
    for address in ("/paiements/1", "/paiements/tiers-payant", "/paiements/tiers-payant.csv"):
        page = acting.get(address)
        assert page.status_code == 200, address
        assert "ÉTANGLIN" not in page.text, address
    assert acting.get("/paiements/tiers-payant?tri=patient").status_code == 403
    assert post(acting, "/paiements/tiers-payant", patient="etanglin").status_code == 403


def test_who_acts_for_another_reads_it_on_every_page(acting: FlaskClient) -> None:
    """EP-05: the banner names quality and delegator; the person stays who they are."""
    page = acting.get("/paiements")
    assert confirmed(page) == ["Vous agissez désormais pour Dr Solène MARGELLE."]
    assert text_of(page, "acting-as") == (
        "Vous agissez en qualité de comptable de Dr Solène MARGELLE."
    )
    assert text_of(page, "person") == "Ilan COMPTANT"
    assert 'id="acting-as"' in acting.get("/informations").text


def test_each_act_is_told_to_espacepro_and_traced_under_both_names(
    account: Flask, espacepro: Answering, acting: FlaskClient
) -> None:
    """EP-06: actor, on behalf of, delegation; there for the delegator to read, and here."""
    acting.get("/paiements/tiers-payant.csv")
    _method, path, body = espacepro.asked[-1]
    assert path == "acts"
    assert body["delegation_id"] == "D-1"
    assert (body["service"], body["action"]) == ("paiements", "invoices:exported")
    entry = next(each for each in traced(account) if each.action == "invoices:exported")
    assert (entry.actor, entry.on_behalf_of, entry.delegation_id) == (ACCOUNTANT, OWNER, "D-1")
    assert "ÉTANGLIN" not in str([each.details for each in traced(account)])


def test_the_choice_shows_delegations_that_reach_this_account_alone(
    account: Flask, espacepro: Answering
) -> None:
    """EP-04: a delegation of teleservices alone opens nothing here."""
    sick_leave = delegation(
        "D-9", OTHER, delegator_name="Dr Autre", services={"aat": "full"}, status="remplacant"
    )
    espacepro.delegations[ACCOUNTANT].append(sick_leave)
    browser = accountant(account)
    page = browser.get("/agir")
    assert "Dr Solène MARGELLE" in page.text
    assert "Dr Autre" not in page.text
    assert post(browser, "/agir", delegation="D-9").status_code == 404


def test_a_practitioner_acts_for_another_and_then_for_themselves(
    account: Flask, espacepro: Answering
) -> None:
    """EP-05: own data before and after, the delegator's in between."""
    espacepro.delegations[OTHER] = [delegation("D-3", OWNER, "full")]
    browser = sign_in(account, OTHER)
    assert browser.get("/paiements/2").status_code == 200
    post(browser, "/agir", delegation="D-3")
    assert browser.get("/paiements/2").status_code == 404
    assert browser.get("/paiements/1").status_code == 200
    post(browser, "/agir/fin")
    assert browser.get("/paiements/1").status_code == 404
    assert browser.get("/paiements/2").status_code == 200


def test_a_new_sign_in_acts_for_nobody(account: Flask, acting: FlaskClient) -> None:
    """EP-05: a choice ends with its session."""
    assert acting.get("/paiements").status_code == 200
    assert accountant(account).get("/paiements").status_code == 409
