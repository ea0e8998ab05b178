"""What people are told after an act, and where a page would else lead nowhere."""

from flask import Flask

from relying_services.service.app import service_of
from tests.relying_services.espacepro.pages import PATIENT, acting, browser, drawn, given
from tests.relying_services.espacepro.stage import (
    BRISELAME,
    BRISELAME_EMAIL,
    DRAPEYRON,
    MARGELLE,
    TODAY,
    sent,
)
from tests.relying_services.signed_in import confirmed, post, text_of


def test_a_service_outside_the_status_is_named_where_it_is_to_be_unticked(app: Flask) -> None:
    """EP-04, RGAA 11.11."""
    client = browser(app, MARGELLE)
    day = TODAY.isoformat()
    fields = {"email": BRISELAME_EMAIL, "status": "comptable", "services": ["aat", "paiements"]}
    page = post(client, "/mon-compte/delegations", starts_on=day, ends_on=day, **fields)
    assert page.status_code == 400
    told = "Décochez ce qui ne se délègue pas à ce statut : Avis d’arrêt de travail."
    assert told in page.text


def test_a_delegation_without_effect_is_not_told_as_one_under_which_one_acts(app: Flask) -> None:
    """EP-17: every page is refused until the delegate ceases; each says so, and offers it."""
    made = given(app)
    delegate = acting(app, made)
    assert 'id="acting-over"' not in delegate.get("/").text
    post(browser(app, MARGELLE), f"/mon-compte/delegations/{made.id}/revocation")
    page = delegate.get("/")
    assert page.status_code == 403
    assert 'id="acting-as"' not in page.text
    assert "La délégation de Solène MARGELLE n’a plus d’effet." in page.text
    assert 'id="stop-acting"' in page.text


def test_each_answer_is_confirmed_once_in_words(app: Flask) -> None:
    """EP-10, EP-17, RGAA 7.5."""
    with service_of(app).store.begin() as db:
        made, secret = sent(db)
    delegate, doctor = browser(app, BRISELAME), browser(app, MARGELLE)
    post(delegate, f"/invitations/{secret}/acceptation")
    assert confirmed(delegate.get("/delegue")) == ["Vous avez accepté la délégation."]
    assert not confirmed(delegate.get("/delegue"))
    post(delegate, "/agir", delegation_id=made.id)
    assert confirmed(delegate.get("/")) == ["Vous agissez désormais pour Solène MARGELLE."]
    post(delegate, "/agir/fin")
    assert confirmed(delegate.get("/")) == ["Vous agissez de nouveau en votre nom."]
    post(doctor, f"/mon-compte/delegations/{made.id}/revocation")
    assert "La délégation est révoquée" in doctor.get("/mon-compte/delegations").text


def test_a_delegate_reads_by_name_for_whom_each_act_was_done(app: Flask) -> None:
    """EP-06."""
    delegate = acting(app, given(app))
    post(delegate, "/agir/fin")
    page = delegate.get("/mon-compte/traces")
    assert "<td>Solène MARGELLE<br>" in page.text
    assert f"<td>{MARGELLE.id}" not in page.text


def test_a_home_page_lists_no_teleservice_that_is_refused_to_who_reads_it(app: Flask) -> None:
    """MA-11: a secretary is told that they are used by delegation."""
    page = browser(app, DRAPEYRON).get("/")
    assert 'href="/services/' not in page.text
    assert "par délégation" in text_of(page, "not-a-doctor")
    doctor = browser(app, MARGELLE).get("/")
    assert 'href="/services/aat"' in doctor.text
    assert 'id="not-a-doctor"' not in doctor.text


def test_a_consultation_is_told_as_consulted_not_as_sent(app: Flask) -> None:
    """MA-11."""
    doctor = browser(app, MARGELLE)
    address = drawn(doctor, "historique", **PATIENT)
    assert "Consulté" in text_of(doctor.get(address), "state")
    listed = doctor.get("/services/historique").text
    assert "Consulté" in listed
    assert "Envoyé" not in listed
