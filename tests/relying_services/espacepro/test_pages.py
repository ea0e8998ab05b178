"""EspacePro's pages: who gets where, and what they read there."""

from flask import Flask

from relying_services.espacepro.delegations import current_of_delegate
from relying_services.service.app import service_of
from relying_services.service.store.messages import messages_after
from tests.relying_services.espacepro.pages import (
    MON_COMPTE,
    acting,
    browser,
    given,
    session_of,
    traced,
)
from tests.relying_services.espacepro.stage import (
    AGENT,
    BOOKS,
    BRISELAME,
    BRISELAME_EMAIL,
    DRAPEYRON,
    MARGELLE,
    NOW,
    SECRETARY,
    accepted,
    sent,
    wish,
)
from tests.relying_services.signed_in import post, text_of

FORM = {
    "email": BRISELAME_EMAIL,
    "status": "remplacant",
    "services": ["aat", "transport"],
    "starts_on": "2026-06-15",
    "ends_on": "2026-06-21",
}


def test_who_is_not_signed_in_gets_nowhere(app: Flask) -> None:
    """EP-01."""
    browser = app.test_client()
    for address in (
        "/mon-compte",
        "/mon-compte/delegations",
        "/mon-compte/delegations/new",
        "/mon-compte/traces",
        "/mon-compte/traces.csv",
        "/mon-compte/traces.json",
        "/delegue",
        "/services/aat",
        "/cpam",
    ):
        answer = browser.get(address)
        assert (answer.status_code, answer.location) == (302, "/login"), address


def test_a_phone_session_is_offered_the_card_before_it_creates_a_delegation(app: Flask) -> None:
    """EP-01, EP-16: creating takes the card; the place is kept for the step-up."""
    phone = browser(app, MARGELLE, means="MOBILE")
    page = phone.get("/mon-compte/delegations/new")
    assert page.status_code == 403
    assert 'href="/login?means=CARD"' in page.text
    assert "usurpation d’identité" in page.text
    with phone.session_transaction() as session:
        assert session["place"] == "/mon-compte/delegations/new"
    assert post(phone, "/mon-compte/delegations", **FORM).status_code == 403
    assert traced(app)[0] == ("delegation:drawn_up", "means_refused")


def test_every_missing_field_has_an_error_of_its_own(app: Flask) -> None:
    """EP-02: the error is tied to its field, which keeps what was typed."""
    page = post(browser(app, MARGELLE), "/mon-compte/delegations", email="a@", services=["aat"])
    assert page.status_code == 400
    assert "<title>Erreur : Nouvelle délégation" in page.text
    for field in ("email", "status", "starts_on", "ends_on"):
        assert f'id="{field}-error"' in page.text, field
    assert 'value="a@"' in page.text
    assert traced(app)[0] == ("delegation:drawn_up", "wish_refused")


def test_a_delegation_is_read_again_before_it_is_sent(app: Flask) -> None:
    """EP-01, EP-02, EP-15: form with the notice, recapitulation, invitation, list."""
    doctor = browser(app, MARGELLE)
    assert "usurpation d’identité" in doctor.get("/mon-compte/delegations/new").text
    recap = post(doctor, "/mon-compte/delegations", **FORM).location
    page = doctor.get(recap)
    assert "Anatole BRISELAME" in page.text
    assert "21 juin 2026" in page.text
    again = doctor.get(recap.replace("recapitulatif", "correction"))
    assert f'value="{BRISELAME_EMAIL}"' in again.text
    with service_of(app).store.read() as db:
        assert messages_after(db) == []
    done = post(doctor, recap.replace("recapitulatif", "envoi"))
    assert "En attente d’acceptation" in doctor.get(done.location).text
    assert "En attente d’acceptation" in doctor.get("/mon-compte/delegations").text
    with service_of(app).store.read() as db:
        (mail,) = messages_after(db)
    assert (mail.recipient, "/invitations/" in mail.text) == (BRISELAME_EMAIL, True)
    assert traced(app)[:2] == [("delegation:created", "done"), ("delegation:drawn_up", "done")]


def test_an_invitation_leads_to_the_sign_in_and_is_answered_there(app: Flask) -> None:
    """EP-10: accepted by its delegate, it has effect; the delegator reads who accepted."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db)
    address = f"/invitations/{secret}"
    assert app.test_client().get(address).location == "/login"
    delegate = browser(app, BRISELAME)
    assert "Solène MARGELLE" in delegate.get(address).text
    assert post(delegate, f"{address}/acceptation").status_code == 303
    assert "En cours" in delegate.get("/delegue").text
    assert delegate.get(address).status_code == 409
    assert traced(app, on_behalf_of=MARGELLE.id) == [("delegation:accepted", "done")]


def test_a_refused_invitation_gives_nothing(app: Flask) -> None:
    """EP-10: the delegate may refuse."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db)
    delegate = browser(app, BRISELAME)
    assert post(delegate, f"/invitations/{secret}/refus").status_code == 303
    assert "Refusée" in delegate.get("/delegue").text
    with service_of(app).store.read() as db:
        assert list(current_of_delegate(db, NOW, BRISELAME.id)) == []


def test_an_accountant_is_led_to_where_their_password_is(app: Flask) -> None:
    """Who has no identity at the provider answers in Mon compte."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**BOOKS))
    answer = app.test_client().get(f"/invitations/{secret}")
    assert answer.location == f"{MON_COMPTE}/invitations/{secret}"


def test_several_activities_are_chosen_from_before_anything_is_done(app: Flask) -> None:
    """CP-08: the choice comes first, and the browser is back at its place after it."""
    places = [{"raisonSocialeSite": "CABINET A"}, {"raisonSocialeSite": "CABINET B"}]
    exercise = {"codeProfession": "10", "activities": places}
    client = browser(app, MARGELLE, SubjectRefPro={"exercices": [exercise]})
    with service_of(app).store.begin() as db:
        db.merge(session_of(app, client)).activity = None
    assert client.get("/services/dmt").location == "/activity"
    assert post(client, "/activity", activity="1").location == "/services/dmt"
    assert "CABINET B" in client.get("/services/dmt").text


def test_a_delegator_ends_a_delegation_by_any_means(app: Flask) -> None:
    """EP-17: who lost the card must be able to end what it gave; the delegate is told."""
    made = given(app)
    phone = browser(app, MARGELLE, means="MOBILE")
    address = f"/mon-compte/delegations/{made.id}/revocation"
    assert "immédiat" in phone.get(address).text
    assert post(phone, address).status_code == 303
    assert "Révoquée" in phone.get(f"/mon-compte/delegations/{made.id}").text
    with service_of(app).store.read() as db:
        told = messages_after(db)[-1]
    assert (told.recipient, told.subject) == (BRISELAME_EMAIL, "Délégation révoquée")
    assert post(phone, address).status_code == 409


def test_the_banner_says_in_whose_name_somebody_acts(app: Flask) -> None:
    """EP-05: on every page, in the words of the status."""
    secretary = acting(app, given(app, wish(**SECRETARY), DRAPEYRON), DRAPEYRON)
    for address in ("/", "/services/dmt", "/delegue"):
        banner = text_of(secretary.get(address), "acting-as")
        assert banner == "Vous agissez en qualité d’assistant médical de Solène MARGELLE."
    post(secretary, "/agir/fin")
    assert "acting-as" not in secretary.get("/").text


def test_an_agent_of_the_cpam_creates_the_delegation_of_an_assistant(app: Flask) -> None:
    """EP-13: without the doctor's procedure; the doctor reads that the CPAM did it."""
    agent = browser(app, AGENT)
    fields = {**SECRETARY, "starts_on": "2026-06-15", "ends_on": "2040-12-31"}
    recap = post(agent, "/cpam", delegator=MARGELLE.id, **fields).location
    assert "Solène MARGELLE" in agent.get(recap).text
    assert post(agent, recap.replace("recapitulatif", "envoi")).location == "/cpam"
    assert "Mauricette DRAPEYRON" in agent.get("/cpam").text
    doctor = browser(app, MARGELLE)
    assert "par la CPAM" in doctor.get("/mon-compte/traces").text
    with service_of(app).store.read() as db:
        letter = messages_after(db)[-1]
    assert (letter.kind, letter.recipient) == ("letter", MARGELLE.id)
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("delegation:created", "done")


def test_an_agent_creates_for_assistants_of_doctors_who_practise(app: Flask) -> None:
    """EP-13: no other status, no doctor who is not in the directory."""
    agent = browser(app, AGENT)
    fields = {**SECRETARY, "starts_on": "2026-06-15", "ends_on": "2040-12-31"}
    page = post(agent, "/cpam", delegator="899799999999", **fields)
    assert (page.status_code, 'id="delegator-error"' in page.text) == (400, True)
    page = post(agent, "/cpam", delegator=MARGELLE.id, **(fields | {"status": "remplacant"}))
    assert page.status_code == 400


def test_an_agent_ends_what_the_cpam_created(app: Flask) -> None:
    """EP-13, EP-17: any agent may, and the doctor reads it in the trace."""
    with service_of(app).store.begin() as db:
        made = accepted(db, wish(**SECRETARY), DRAPEYRON, created_by=f"cpam:{AGENT}")
    agent = browser(app, AGENT)
    address = f"/cpam/{made.id}/revocation"
    assert agent.get(address).status_code == 200
    assert post(agent, address).location == "/cpam"
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("delegation:revoked", "done")


def test_the_notice_stands_at_the_card_sign_in(app: Flask) -> None:
    """EP-15."""
    assert "usurpation d’identité" in app.test_client().get("/").text
    assert "usurpation d’identité" in browser(app, MARGELLE).get("/").text
