"""Acting under a delegation, and for oneself: what each act carries, what each may read."""

import json
import secrets
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from flask import Flask

from relying_services.espacepro.acts import STATES, STEPS, TRANSITIONS, ActState
from relying_services.espacepro.delegations import revoke
from relying_services.espacepro.store.act_models import ActRow
from relying_services.espacepro.store.acts import Scope, act_of, acts, add_act, lead_act
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from relying_services.service.store.sessions import keep
from tests.relying_services.espacepro.conftest import Made
from tests.relying_services.espacepro.pages import (
    PATIENT,
    SICK_LEAVE,
    acting,
    browser,
    drawn,
    given,
    last_entry,
    prepared_by,
    session_of,
    traced,
)
from tests.relying_services.espacepro.stage import (
    AGENT,
    BRISELAME,
    DRAPEYRON,
    EPINOY,
    MARGELLE,
    NOW,
    wish,
)
from tests.relying_services.signed_in import post, sign_in, text_of


def plain_act(state: ActState) -> ActRow:
    """An act of nobody in particular."""
    return ActRow(
        id=f"A-{secrets.token_hex(8)}",
        service="dmt",
        owner=MARGELLE.id,
        owner_name=MARGELLE.name,
        author=MARGELLE.id,
        author_name=MARGELLE.name,
        author_means="CARD",
        author_activity="",
        state=state,
        contents={},
        drawn_at=NOW,
    )


def test_the_delegate_stays_who_they_are(app: Flask) -> None:
    """EP-05: the session of a delegate carries their own identity, and nothing of the delegator."""
    made = given(app)
    client = browser(app, BRISELAME, email="anatole.briselame@exemple.test")
    before = session_of(app, client)
    assert post(client, "/agir", delegation_id=made.id).status_code == 303
    after = session_of(app, client)
    assert (after.actor, after.sub, after.sid, after.userinfo) == (
        BRISELAME.id,
        f"f:simulation:{BRISELAME.id}",
        before.sid,
        before.userinfo,
    )
    assert after.kept == {"acting": made.id}
    assert MARGELLE.id not in json.dumps([after.sub, after.userinfo, after.kept, after.actor])


def test_an_act_by_delegation_carries_both_its_author_and_its_holder(app: Flask) -> None:
    """CP-15, EP-06, CP-08: on the page, in the store and in the trace."""
    made = given(app)
    place = {"raisonSocialeSite": "CABINET DU DR MARGELLE"}
    client = browser(app, BRISELAME, activity=place)
    post(client, "/agir", delegation_id=made.id)
    address = drawn(client, "aat", **SICK_LEAVE)
    assert post(client, f"{address}/confirmation").status_code == 303
    page = client.get(address)
    author = text_of(page, "author")
    assert author.startswith("Au nom de")
    for shown in ("Solène MARGELLE", "Anatole BRISELAME", BRISELAME.id, "Remplaçant", "CABINET"):
        assert shown in page.text, shown
    entry = last_entry(app, delegation_id=made.id)
    sent = traced(app, delegation_id=made.id)[1]
    assert sent == ("act:sent", "done")
    assert (entry.actor, entry.on_behalf_of, entry.means) == (BRISELAME.id, MARGELLE.id, "CARD")
    assert (entry.sid, entry.activity) == ("session-of-the-provider", "CABINET DU DR MARGELLE")
    assert "LORMELIN" not in json.dumps(entry.details) + entry.object


def test_a_substitute_sends_a_care_protocol_and_a_certificate_of_an_accident(app: Flask) -> None:
    """MA-11: the services that were planned are delegated, filled in and sent as the others."""
    client = acting(app, made := given(app, wish(services=["protocole", "atmp"])))
    filled = {
        "protocole": {"ald": "8", "du": "2026-06-15", "soins": "Suivi trimestriel"},
        "atmp": {"nature": "initial", "accident": "2026-06-14", "constatations": "Entorse"},
    }
    for code, fields in filled.items():
        address = drawn(client, code, **PATIENT, **fields)
        assert post(client, f"{address}/confirmation").status_code == 303
        assert traced(app, delegation_id=made.id)[0] == ("act:sent", "done")
        assert list(fields.values())[-1] in client.get(address).text
    wrong = {"ald": "31", "du": "2026-06-15", "soins": "Suivi trimestriel"}
    refused = post(client, "/services/protocole", **PATIENT, **wrong)
    assert (refused.status_code, "ald-error" in refused.text) == (400, True)


def test_a_doctor_acts_in_their_own_name(app: Flask) -> None:
    """MA-11, CP-15: author and holder are one; the act is read again before it is sent."""
    doctor = browser(app, MARGELLE)
    address = drawn(doctor, "aat", **SICK_LEAVE)
    assert "Brouillon" in text_of(doctor.get(address), "state")
    post(doctor, f"{address}/confirmation")
    assert "titulaire" in doctor.get(address).text
    assert post(doctor, f"{address}/confirmation").status_code == 409
    assert post(doctor, f"{address}/abandon").status_code == 409


def test_a_draft_is_abandoned_by_its_author(app: Flask) -> None:
    doctor = browser(app, MARGELLE)
    address = drawn(doctor, "dmt", **PATIENT, le="2026-06-15", accord="oui")
    assert post(doctor, f"{address}/abandon").location == "/services/dmt"
    assert "Abandonné" in doctor.get(address).text
    assert post(doctor, f"{address}/confirmation").status_code == 409


def test_sick_leave_takes_the_card_even_in_ones_own_name(app: Flask) -> None:
    """EP-16: EspacePro's own policy, by teleservice."""
    phone = browser(app, MARGELLE, means="MOBILE")
    assert phone.get("/services/aat").status_code == 403
    assert phone.get("/services/atmp").status_code == 403
    assert phone.get("/services/dmt").status_code == 200
    assert post(phone, "/services/aat", **SICK_LEAVE).status_code == 403
    assert traced(app)[0] == ("act:drawn_up", "means_refused")


@pytest.mark.parametrize("identifier", [DRAPEYRON.id, "899700990031", "899700990163"])
def test_who_does_not_practise_as_a_doctor_has_no_teleservice_of_their_own(
    app: Flask, identifier: str
) -> None:
    """MA-11: an employee, a student, a pharmacist."""
    client = sign_in(app, identifier)
    assert client.get("/services/dmt").status_code == 403
    assert traced(app)[0] == ("acts:read", "not_practising")


def test_what_an_assistant_prepared_is_validated_by_the_doctor(app: Flask) -> None:
    """Level `prepare`: no effect before the holder's validation, under their own identity."""
    secretary = acting(app, prepared_by(app), DRAPEYRON)
    address = drawn(secretary, "aat", **SICK_LEAVE)
    assert "Transmettre pour validation" in secretary.get(address).text
    post(secretary, f"{address}/confirmation")
    assert "À valider" in text_of(secretary.get(address), "state")
    doctor = browser(app, MARGELLE)
    assert "Mauricette DRAPEYRON" in doctor.get("/services/aat").text
    assert post(doctor, f"{address}/validation").status_code == 303
    page = doctor.get(address)
    assert "Envoyé" in text_of(page, "state")
    assert "Décidé par" in page.text
    assert post(doctor, f"{address}/rejet").status_code == 409


def test_the_doctor_sets_aside_what_was_prepared(app: Flask) -> None:
    secretary = acting(app, prepared_by(app), DRAPEYRON)
    address = drawn(secretary, "aat", **SICK_LEAVE)
    post(secretary, f"{address}/confirmation")
    assert post(browser(app, MARGELLE), f"{address}/rejet").status_code == 303
    assert "Abandonné" in secretary.get(address).text


def test_a_revocation_counts_at_the_very_next_request(app: Flask) -> None:
    """EP-17: what was drawn up before it is not sent after it; the delegator reads the try."""
    made = given(app)
    client = acting(app, made)
    address = drawn(client, "aat", **SICK_LEAVE)
    with service_of(app).store.begin() as db:
        revoke(db, NOW, db.merge(made), MARGELLE.id)
    assert post(client, f"{address}/confirmation").status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("act:confirmed", "revoked")
    with service_of(app).store.read() as db:
        act = act_of(db, Scope(BRISELAME.id, made.id), "aat", address.rsplit("/", 1)[1])
    assert act is not None
    assert act.state == "draft"


def test_the_first_page_too_notices_a_revocation(app: Flask) -> None:
    """EP-17."""
    made = given(app)
    client = acting(app, made)
    with service_of(app).store.begin() as db:
        revoke(db, NOW, db.merge(made), MARGELLE.id)
    assert "révoquée" in client.get("/").text
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("services:read", "revoked")
    assert "stop-acting" in client.get("/").text
    assert post(client, "/agir/fin").status_code == 303
    assert "acting-as" not in client.get("/").text


def test_attack_after_a_revocation_nothing_goes_by_mistake_into_ones_own_name(app: Flask) -> None:
    """EP-05: a second try, or the form of another tab, is not done as the delegate's own act."""
    made = given(app, wish(services=["historique"]))
    client = acting(app, made)
    assert client.get("/services/historique").status_code == 200
    with service_of(app).store.begin() as db:
        revoke(db, NOW, db.merge(made), MARGELLE.id)
    for _ in range(2):
        assert post(client, "/services/historique", **PATIENT).status_code == 403
    with service_of(app).store.read() as db:
        assert acts(db, Scope(BRISELAME.id), "historique", limit=1) == []
    assert post(client, "/agir/fin").status_code == 303
    assert post(client, "/services/historique", **PATIENT).status_code == 303


def test_attack_a_session_that_names_the_delegation_of_another_acts_for_nobody(app: Flask) -> None:
    """EP-05: however it came there, nobody is told whose it is, and it is put down at once."""
    made = given(app)
    client = browser(app, DRAPEYRON)
    with service_of(app).store.begin() as db:
        keep(db, session_of(app, client), acting=made.id)
    page = client.get("/")
    assert (page.status_code, MARGELLE.name in page.text) == (403, False)
    entry = last_entry(app, actor=DRAPEYRON.id)
    assert (entry.reason, entry.on_behalf_of, entry.delegation_id) == ("unknown", None, None)
    assert session_of(app, client).kept == {}
    assert client.get("/").status_code == 200


def test_a_delegation_ends_with_its_last_day_in_paris(app: Flask) -> None:
    """EP-11: midnight in Paris, while somebody is at work."""
    made, clock = given(app), service_of(app).clock
    clock.move(datetime(2026, 6, 21, 21, 59, tzinfo=UTC) - clock.now())
    client = acting(app, made)
    assert client.get("/services/aat").status_code == 200
    clock.move(timedelta(minutes=1))
    assert client.get("/services/aat").status_code == 403
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("acts:read", "over")


def test_a_history_is_found_by_who_the_patient_is(app: Flask) -> None:
    """MA-11: accents and capitals aside; who looked is an act of its own."""
    doctor = browser(app, MARGELLE)
    page = doctor.get(drawn(doctor, "historique", **PATIENT))
    assert "Analyses de biologie" in page.text
    assert "27,60" in page.text
    other = doctor.get(drawn(doctor, "historique", **(PATIENT | {"naissance": "1984-02-28"})))
    assert "Aucun remboursement connu" in other.text
    assert ("act:drawn_up", "done") in traced(app, actor=MARGELLE.id)


def test_histories_are_not_harvested(made: Made) -> None:
    """The setting `consultations_a_day` is a budget of each person; another day has its own."""
    app = made(consultations_a_day=2)
    doctor = browser(app, MARGELLE)
    for _ in range(2):
        drawn(doctor, "historique", **PATIENT)
    assert post(doctor, "/services/historique", **PATIENT).status_code == 429
    assert traced(app)[0] == ("act:drawn_up", "consultations_spent")
    drawn(browser(app, EPINOY), "historique", **PATIENT)
    service_of(app).clock.move(timedelta(days=1))
    drawn(browser(app, MARGELLE), "historique", **PATIENT)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("nom", ""),
        ("nom", "X Æ A-12"),
        ("naissance", "2026-06-16"),
        ("naissance", "31-01-1984"),
        ("naissance", "19840131"),
        ("au", "2026-06-14"),
        ("nature", "autre"),
        ("sorties", ""),
    ],
)
def test_an_act_that_is_wrong_is_not_kept(app: Flask, field: str, text: str) -> None:
    """RGAA 11.10: the error stands at its field, with a suggested correction."""
    page = post(browser(app, MARGELLE), "/services/aat", **(SICK_LEAVE | {field: text}))
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert "Aucun acte." in page.text


def test_days_may_be_typed_as_french_writes_them_and_are_kept_in_iso(app: Flask) -> None:
    typed = SICK_LEAVE | {"naissance": "29/02/1984", "du": "15/06/2026"}
    doctor = browser(app, MARGELLE)
    address = drawn(doctor, "aat", **typed)
    assert "29 février 1984" in doctor.get(address).text
    turned = post(doctor, "/services/aat", **(typed | {"au": "01/06/2026"}))
    assert 'id="au-error"' in turned.text


def test_each_step_is_done_from_one_state_alone(either: Store) -> None:
    """The table of the steps of an act: every step in every state, on either kind of database."""
    for step, state in product(STEPS, STATES):
        came_from, leads_to = TRANSITIONS[step]
        with either.begin() as db:
            act = plain_act(state)
            add_act(db, act)
            is_done = lead_act(db, act, step)
            db.refresh(act)
        assert is_done == (state == came_from), (step, state)
        assert act.state == (leads_to if is_done else state), (step, state)


def test_the_own_account_is_closed_while_somebody_acts(app: Flask) -> None:
    """EP-04: an account is in no delegation, neither the delegator's nor the agent's pages."""
    client = acting(app, given(app))
    for address in ("/mon-compte", "/mon-compte/delegations", "/mon-compte/traces", "/cpam"):
        assert client.get(address).status_code == 403, address
    assert traced(app)[0] == ("cpam:opened", "account_not_delegated")
    assert AGENT not in client.get("/mon-compte").text
