"""What somebody tries who is signed in, and may not: each rule of access, attacked."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.espacepro.delegations import Delegation, revoke
from relying_services.service.app import service_of
from tests.relying_services.espacepro.conftest import Made
from tests.relying_services.espacepro.pages import (
    PATIENT,
    SICK_LEAVE,
    TRANSPORT,
    acting,
    browser,
    drawn,
    given,
    prepared_by,
    session_of,
    traced,
)
from tests.relying_services.espacepro.stage import (
    A_DAY,
    AGENT,
    BOOKS,
    BRISELAME,
    BRISELAME_EMAIL,
    DRAPEYRON,
    EPINOY,
    FLAMBERGE,
    MARGELLE,
    NOW,
    SECRETARY,
    TODAY,
    accepted,
    drawn_up,
    sent,
    wish,
)
from tests.relying_services.signed_in import post, sign_in

GET_OF_A_DELEGATION = ("", "/recapitulatif", "/correction", "/revocation")
POST_OF_A_DELEGATION = ("/envoi", "/revocation")


@pytest.mark.parametrize("attacker", [EPINOY, BRISELAME])
def test_attack_a_delegation_of_another_doctor_by_its_identifier(app: Flask, attacker: Any) -> None:
    """EP-06, EP-17: neither read nor ended, not even by its delegate; unknown ones look alike."""
    made = given(app)
    client = browser(app, attacker)
    for identifier in (made.id, "D-0000000000000000"):
        address = f"/mon-compte/delegations/{identifier}"
        pages = [client.get(address + end) for end in GET_OF_A_DELEGATION]
        pages += [post(client, address + end) for end in POST_OF_A_DELEGATION]
        assert [page.status_code for page in pages] == [404] * 6
        assert all("MARGELLE" not in page.text for page in pages)
    with service_of(app).store.read() as db:
        assert db.get_one(Delegation, made.id).state == "accepted"
    assert traced(app, actor=attacker.id)[0] == ("delegation:revoked", "not_found")


def test_attack_the_draft_of_another_doctor(app: Flask) -> None:
    """EP-01: somebody else's draft is neither read nor sent."""
    with service_of(app).store.begin() as db:
        draft = drawn_up(db)
    client = browser(app, EPINOY)
    address = f"/mon-compte/delegations/{draft.id}"
    assert client.get(f"{address}/recapitulatif").status_code == 404
    assert post(client, f"{address}/envoi").status_code == 404


def test_attack_a_draft_is_not_sent_by_a_phone(app: Flask) -> None:
    """EP-01: the card is asked for at each step of a creation."""
    with service_of(app).store.begin() as db:
        draft = drawn_up(db)
    phone = browser(app, MARGELLE, means="MOBILE")
    assert post(phone, f"/mon-compte/delegations/{draft.id}/envoi").status_code == 403
    assert traced(app)[0] == ("delegation:created", "means_refused")


def test_attack_acting_under_a_delegation_of_somebody_else(app: Flask) -> None:
    """EP-05: its number is no key; its holder's trace stays clean of strangers."""
    made = given(app)
    client = browser(app, FLAMBERGE)
    assert post(client, "/agir", delegation_id=made.id).status_code == 403
    assert session_of(app, client).kept == {}
    assert traced(app, actor=FLAMBERGE.id) == [("acting:begun", "unknown")]
    assert ("acting:begun", "unknown") not in traced(app, on_behalf_of=MARGELLE.id)


def test_attack_a_number_put_into_the_session_grants_nothing(app: Flask) -> None:
    """EP-05: what a session remembers is asked about again at each request."""
    made = given(app)
    client = browser(app, FLAMBERGE)
    with service_of(app).store.begin() as db:
        db.merge(session_of(app, client)).kept = {"acting": made.id}
    assert client.get("/services/aat").status_code == 403
    assert traced(app, actor=FLAMBERGE.id) == [("acts:read", "unknown")]


def _pending(db: Any) -> Delegation:
    return sent(db)[0]


def _coming(db: Any) -> Delegation:
    return accepted(db, wish(starts_on=TODAY + A_DAY))


def _revoked(db: Any) -> Delegation:
    made = accepted(db)
    revoke(db, NOW, made, MARGELLE.id)
    return made


def _over(db: Any) -> Delegation:
    days = {"starts_on": TODAY - 9 * A_DAY, "ends_on": TODAY - A_DAY}
    return accepted(db, wish(**days), now=NOW - 9 * A_DAY)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_pending, "not_accepted"),
        (_coming, "not_yet"),
        (_revoked, "revoked"),
        (_over, "over"),
    ],
)
def test_attack_acting_before_after_or_without_acceptance(
    app: Flask, make: Any, reason: str
) -> None:
    """EP-10, EP-11, EP-17: refused, and the delegator reads that it was tried."""
    with service_of(app).store.begin() as db:
        made = make(db)
    client = browser(app, BRISELAME)
    assert post(client, "/agir", delegation_id=made.id).status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id) == [("acting:begun", reason)]
    assert client.get("/").status_code == 200


def test_attack_a_service_outside_the_delegation(app: Flask) -> None:
    """EP-04: 403 and an entry in the trace, whatever the step."""
    client = acting(app, given(app))
    assert client.get("/services/atmp").status_code == 403
    assert post(client, "/services/dmt", **PATIENT, le="2026-06-15").status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id)[:2] == [
        ("act:drawn_up", "service_outside"),
        ("acts:read", "service_outside"),
    ]
    assert client.get("/services/aat").status_code == 200


def test_attack_a_service_of_mon_compte_or_none_at_all(app: Flask) -> None:
    """MA-10: nothing answers under another code."""
    doctor = browser(app, MARGELLE)
    for code in ("paiements", "imprimes", "inconnu"):
        assert doctor.get(f"/services/{code}").status_code == 404
        assert post(doctor, f"/services/{code}").status_code == 404


@pytest.mark.parametrize("means", ["MOBILE", "WEBAUTHN"])
def test_attack_a_substitute_without_a_card(app: Flask, means: str) -> None:
    """Domain 6, EP-16: a delegation is exercised with a card; the card is offered."""
    made = given(app)
    client = browser(app, BRISELAME, means=means)
    page = post(client, "/agir", delegation_id=made.id)
    assert (page.status_code, "means=CARD" in page.text) == (403, True)
    with service_of(app).store.begin() as db:
        db.merge(session_of(app, client)).kept = {"acting": made.id}
    assert client.get("/services/aat").status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("acts:read", "means_refused")


def test_the_means_of_delegates_can_be_widened_by_setting(made: Made) -> None:
    """EP-16: `delegate_means` is what decides, not the page."""
    means = {
        "remplacant": frozenset({"CARD", "MOBILE"}),
        "assistant_medical": frozenset({"CARD"}),
        "comptable": frozenset({"CARD"}),
    }
    app = made(delegate_means=means)
    delegation = given(app)
    client = browser(app, BRISELAME, means="MOBILE")
    assert post(client, "/agir", delegation_id=delegation.id).status_code == 303
    assert client.get("/services/aat").status_code == 200


def test_attack_an_invitation_is_opened_by_another(app: Flask) -> None:
    """EP-09: whoever got hold of the link reads nothing and answers nothing."""
    with service_of(app).store.begin() as db:
        made, secret = sent(db)
    for attacker in (FLAMBERGE, MARGELLE):
        client = browser(app, attacker)
        page = client.get(f"/invitations/{secret}")
        assert (page.status_code, BRISELAME_EMAIL in page.text) == (403, False)
        assert post(client, f"/invitations/{secret}/acceptation").status_code == 403
        assert post(client, f"/invitations/{secret}/refus").status_code == 403
        assert traced(app, actor=attacker.id)[0] == ("delegation:refused", "delegate_differs")
    with service_of(app).store.read() as db:
        assert db.get_one(Delegation, made.id).state == "pending"


def test_attack_an_accountants_invitation_is_not_answered_by_a_professional(app: Flask) -> None:
    """EP-09: nobody is awaited by identifier yet, and still not everybody may answer here."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**BOOKS))
    client = browser(app, FLAMBERGE)
    assert client.get(f"/invitations/{secret}").status_code == 403
    assert post(client, f"/invitations/{secret}/acceptation").status_code == 403


def test_attack_an_invitation_is_guessed_or_too_old(app: Flask) -> None:
    """EP-09: no secret, no invitation; a lapsed one is over."""
    with service_of(app).store.begin() as db:
        made, secret = sent(db, wish(ends_on=TODAY + 60 * A_DAY))
    client = browser(app, BRISELAME)
    assert client.get(f"/invitations/{made.id}").status_code == 404
    assert client.get(f"/invitations/{made.invitation}").status_code == 404
    service_of(app).clock.move(timedelta(days=15, seconds=1))
    late = browser(app, BRISELAME)
    assert post(late, f"/invitations/{secret}/acceptation").status_code == 409


def _forms(app: Flask) -> list[tuple[FlaskClient, str]]:
    """Every form of EspacePro, as somebody who may post it."""
    made = given(app)
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**SECRETARY))
    doctor, delegate = browser(app, MARGELLE), acting(app, made)
    address = drawn(delegate, "aat", **SICK_LEAVE)
    own, invitation = "/mon-compte/delegations", f"/invitations/{secret}"
    posts = {
        doctor: ["/services/dmt", own, f"{own}/{made.id}/envoi", f"{own}/{made.id}/revocation"],
        delegate: [f"{address}/{step}" for step in ("confirmation", "abandon", "validation")]
        + ["/agir", "/agir/fin", f"{address}/rejet"],
        browser(app, DRAPEYRON): [f"{invitation}/acceptation", f"{invitation}/refus"],
        browser(app, AGENT): ["/cpam", f"/cpam/{made.id}/envoi", f"/cpam/{made.id}/revocation"],
    }
    return [(client, address) for client, addresses in posts.items() for address in addresses]


def test_attack_every_form_is_forged(app: Flask) -> None:
    """A page of another site posts with the victim's cookie: no form takes it."""
    forms = _forms(app)
    posted = {rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    ours = {rule for rule in posted if rule.startswith(("/mon-compte", "/services", "/cpam"))}
    ours |= {rule for rule in posted if rule.startswith(("/invitations", "/agir"))}
    assert len(forms) == len(ours)
    for client, address in forms:
        forged = client.post(address, data={"csrf": "guessed"})
        assert (forged.status_code, "form_forged" in forged.text) == (403, True), address


def test_attack_a_prepared_act_is_sent_by_the_assistant(app: Flask) -> None:
    """Level `prepare`: neither by validating, nor by setting aside, nor by confirming twice."""
    secretary = acting(app, prepared_by(app), DRAPEYRON)
    address = drawn(secretary, "aat", **SICK_LEAVE)
    assert post(secretary, f"{address}/validation").status_code == 403
    post(secretary, f"{address}/confirmation")
    assert post(secretary, f"{address}/validation").status_code == 403
    assert post(secretary, f"{address}/rejet").status_code == 403
    assert post(secretary, f"{address}/confirmation").status_code == 409
    assert "Envoyé" not in secretary.get(address).text
    assert traced(app, on_behalf_of=MARGELLE.id)[2] == ("act:set_aside", "level_too_low")
    post(secretary, "/agir/fin")
    assert post(secretary, f"{address}/validation").status_code == 403


def test_attack_the_acts_of_others(app: Flask) -> None:
    """MA-10: not another doctor's, not the delegator's own, not another delegate's, by no step."""
    doctor = browser(app, MARGELLE)
    own = drawn(doctor, "aat", **SICK_LEAVE)
    secretary = acting(app, prepared_by(app), DRAPEYRON)
    draft = drawn(secretary, "aat", **SICK_LEAVE)
    substitute = acting(app, given(app))
    stranger = browser(app, EPINOY)
    for client, address in (
        (substitute, own),
        (substitute, draft),
        (secretary, own),
        (stranger, own),
        (stranger, draft),
        (doctor, draft),
    ):
        assert client.get(address).status_code == 404
        for step in ("confirmation", "validation", "rejet", "abandon"):
            assert post(client, f"{address}/{step}").status_code == 404
    assert own.rsplit("/", 1)[1] not in substitute.get("/services/aat").text


def test_attack_an_act_is_read_under_another_service_or_delegation(app: Flask) -> None:
    """EP-04: the identifier of one's own act opens nothing outside the delegation in force."""
    substitute = acting(app, given(app, wish(services=["aat", "transport"])))
    address = drawn(substitute, "transport", **TRANSPORT)
    assert substitute.get(address.replace("/transport/", "/aat/")).status_code == 404
    narrower = given(app, wish(services=["transport"]))
    post(substitute, "/agir", delegation_id=narrower.id)
    assert substitute.get(address).status_code == 404


def test_attack_a_delegate_reads_the_trace_of_the_delegator(app: Flask) -> None:
    """EP-06: while acting the account is closed; afterwards it is the delegate's own, always."""
    made = given(app)
    drawn(browser(app, MARGELLE), "dmt", **PATIENT, le="2026-06-15", accord="oui")
    with service_of(app).store.begin() as db:
        accepted(db, wish(**SECRETARY), DRAPEYRON)
    post(browser(app, DRAPEYRON), "/agir", delegation_id=made.id)
    client = acting(app, made)
    for address in ("", ".csv", ".json"):
        assert client.get(f"/mon-compte/traces{address}").status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("trace:exported", "account_not_delegated")
    post(client, "/agir/fin")
    for view in ("tout", "delegation", "moi"):
        told = client.get(f"/mon-compte/traces.json?vue={view}").json
        assert told is not None
        assert {each["actor"] for each in told["entries"]} <= {BRISELAME.id}
        assert "Mauricette" not in json.dumps(told)
    assert client.get("/mon-compte/traces?vue=autre").status_code == 404
    assert client.get("/mon-compte/traces?avant=x").status_code == 400


@pytest.mark.parametrize(
    ("person", "means", "reason"),
    [
        (MARGELLE.id, "CARD", "agents_alone"),
        (BRISELAME.id, "CARD", "agents_alone"),
        (AGENT, "MOBILE", "means_refused"),
    ],
)
def test_attack_the_back_office_of_the_cpam(
    app: Flask, person: str, means: str, reason: str
) -> None:
    """EP-13: its agents by setting, with their card; nobody else by any address."""
    made = given(app)
    client = browser(app, person, means=means)
    for address in ("/cpam", "/cpam/new", f"/cpam/{made.id}/revocation"):
        assert client.get(address).status_code == 403
    fields = {**SECRETARY, "starts_on": "2026-06-15", "ends_on": "2040-12-31"}
    assert post(client, "/cpam", delegator=EPINOY.id, **fields).status_code == 403
    assert traced(app, actor=person)[0] == ("delegation:drawn_up", reason)


def test_attack_an_agent_ends_what_a_doctor_created(app: Flask) -> None:
    """EP-13, EP-17: an agent ends what the CPAM created, and only that."""
    made = given(app)
    agent = browser(app, AGENT)
    assert agent.get(f"/cpam/{made.id}/revocation").status_code == 404
    assert post(agent, f"/cpam/{made.id}/revocation").status_code == 404
    assert agent.get(f"/cpam/{made.id}/recapitulatif").status_code == 404
    assert post(agent, f"/cpam/{made.id}/envoi").status_code == 404


def test_attack_texts_are_not_markup(app: Flask) -> None:
    """What one person types is shown to another as text."""
    secretary = sign_in(app, DRAPEYRON.id, name="<script>x</script>")
    post(secretary, "/agir", delegation_id=prepared_by(app).id)
    fields = SICK_LEAVE | {"nom": "Lormelin<b>"}
    address = drawn(secretary, "aat", **fields)
    post(secretary, f"{address}/confirmation")
    doctor = browser(app, MARGELLE)
    for page in (
        doctor.get("/services/aat"),
        doctor.get(address),
        doctor.get("/mon-compte/traces"),
    ):
        assert "<script>" not in page.text
        assert "Lormelin<b>" not in page.text
