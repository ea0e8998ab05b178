"""Letters between professionals: who may read them, what may be sent."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.sessions import live_sessions_of
from relying_services.service.store.trace import entries
from tests.relying_services.messaging.conftest import BRISELAME, MARGELLE, Made
from tests.relying_services.plans import scanned, watched
from tests.relying_services.signed_in import confirmed, post, sign_in, text_of

ADDRESS = "anatole.briselame@messagerie.simulation.test"
LETTER = {"adresse": ADDRESS, "objet": "Avis demandé", "message": "Bonjour,\nQu’en pensez-vous ?"}


def done(app: Flask) -> list[tuple[str, str, str, str]]:
    with service_of(app).store.read() as db:
        return [(e.actor, e.action, e.object, e.reason) for e in reversed(entries(db))]


@pytest.mark.parametrize(
    "address",
    ["/messages/1", "/messages/2", "/messages/x", f"/messages/{2**64}", "/ecrire?reponse=1"],
)
def test_attack_a_letter_of_others_is_found_by_nobody(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient, address: str
) -> None:
    """MA-10: guessing a number tells the same whether there is such a letter."""
    post(margelle, "/ecrire", **LETTER)
    stranger = sign_in(app, "899700990031", name="Zoé CURIEUSE")
    told = stranger.get(address)
    assert (told.status_code, "Avis demandé" in told.text) == (404, False)
    guessed = address.rpartition("/" if "messages" in address else "=")[2]
    assert done(app)[-1][1:] == ("letter:read", f"letter:{guessed}", "not_found")


def test_attack_a_phone_session_reads_nothing(app: Flask, margelle: FlaskClient) -> None:
    """EP-16: the card at every request, and not only when the session began."""
    by_phone = sign_in(app, MARGELLE, means="MOBILE")
    for address in ("/", "/envoyes", "/ecrire", "/annuaire", "/messages/1"):
        told = by_phone.get(address)
        assert (told.status_code, text_of(told, "error")) == (403, "means_refused")
    assert post(by_phone, "/ecrire", **LETTER).status_code == 403
    assert done(app)[-1] == (MARGELLE, "page:opened", "", "means_refused")


def test_attack_a_forged_form_sends_nothing(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient
) -> None:
    assert margelle.post("/ecrire", data=LETTER).status_code == 403
    assert "Aucun message reçu." in briselame.get("/").text


def test_who_is_not_signed_in_is_sent_to_sign_in(app: Flask) -> None:
    assert app.test_client().get("/messages/1").location == "/login"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"adresse": ""}, "adresse"),
        ({"adresse": "personne@messagerie.simulation.test"}, "adresse"),
        ({"objet": " "}, "objet"),
        ({"objet": "a" * 151}, "objet"),
        ({"message": ""}, "message"),
        ({"message": "a" * 10_001}, "message"),
    ],
)
def test_what_cannot_be_sent_is_told_at_its_field_and_kept(
    margelle: FlaskClient, briselame: FlaskClient, changes: dict[str, str], field: str
) -> None:
    told = post(margelle, "/ecrire", **(LETTER | changes))
    assert told.status_code == 400
    assert f'id="{field}-error"' in told.text
    assert "Erreur : Écrire un message" in told.text
    assert "Qu’en pensez-vous" in told.text or field == "message"


def test_a_letter_that_its_recipient_read_is_no_more_unread(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient
) -> None:
    """Domain 7: each act and each reading in the trace, without what the letter says."""
    assert post(margelle, "/ecrire", **LETTER).location == "/envoyes"
    assert confirmed(margelle.get("/envoyes")) == ["Le message est envoyé."]
    assert not confirmed(margelle.get("/envoyes"))
    assert margelle.get("/messages/1").status_code == 200
    assert text_of(briselame.get("/"), "unread") == "1 message non lu"
    page = briselame.get("/messages/1")
    assert "Solène MARGELLE" in page.text
    assert "Bonjour,<br>Qu’en pensez-vous" in page.text
    assert text_of(briselame.get("/"), "unread") == "0 messages non lus"
    assert done(app)[-3:] == [
        (MARGELLE, "letter:sent", "letter:1", ""),
        (MARGELLE, "letter:read", "letter:1", ""),
        (BRISELAME, "letter:read", "letter:1", ""),
    ]
    with service_of(app).store.read() as db:
        assert not any(entry.details for entry in entries(db))


def test_an_answer_goes_to_who_wrote(margelle: FlaskClient, briselame: FlaskClient) -> None:
    post(margelle, "/ecrire", **LETTER)
    page = briselame.get("/ecrire?reponse=1")
    assert "solene.margelle@messagerie.simulation.test" in page.text
    assert 'value="Re : Avis demandé"' in page.text


def test_two_of_a_name_have_two_addresses(make: Made, either_url: str) -> None:
    app = make(either_url)
    first = sign_in(app, MARGELLE, name="Jean DUPONT", family_name="DUPONT").get("/")
    second = sign_in(app, BRISELAME, name="Jéan DUPONT", family_name="DUPONT").get("/")
    assert text_of(first, "address") == "jean.dupont@messagerie.simulation.test"
    assert text_of(second, "address") == "jean.dupont.2@messagerie.simulation.test"
    found = sign_in(app, MARGELLE, name="Jean DUPONT").get("/annuaire?nom=dupont%20j")
    assert found.text.count("@messagerie.simulation.test</a>") == 2
    assert "Aucune boîte" in sign_in(app, MARGELLE).get("/annuaire?nom=x").text


def test_a_day_has_its_most_letters(make: Made, clock: Clock) -> None:
    app = make(letters_a_day=2)
    sign_in(app, BRISELAME, name="Anatole BRISELAME").get("/")
    margelle = sign_in(app, MARGELLE)
    for _ in range(2):
        assert post(margelle, "/ecrire", **LETTER).status_code == 303
    assert post(margelle, "/ecrire", **LETTER).status_code == 429
    clock.move(timedelta(days=1))
    assert post(sign_in(app, MARGELLE), "/ecrire", **LETTER).status_code == 303


def test_lists_have_pages(make: Made) -> None:
    app = make(page_rows=2)
    reader = sign_in(app, BRISELAME, name="Anatole BRISELAME")
    reader.get("/")
    margelle = sign_in(app, MARGELLE)
    for number in range(3):
        post(margelle, "/ecrire", **(LETTER | {"objet": f"Objet {number}"}))
    first = reader.get("/").text
    assert ("Objet 2" in first, "Objet 0" in first) == (True, False)
    second = reader.get("/?avant=2").text
    assert ("Objet 2" in second, "Objet 0" in second) == (False, True)
    assert 'rel="next"' in margelle.get("/envoyes").text


def test_who_has_several_activities_chooses_first(app: Flask) -> None:
    """CP-08."""
    several = sign_in(app, MARGELLE)
    with service_of(app).store.begin() as db:
        for row in live_sessions_of(db, MARGELLE, service_of(app).clock.now()):
            row.activity = None
    assert several.get("/").location == "/activity"


def test_no_page_reads_a_whole_table(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient
) -> None:
    engine = service_of(app).store.engine
    with watched(engine) as asked:
        post(margelle, "/ecrire", **LETTER)
        for address in ("/", "/?avant=9", "/envoyes", "/messages/1", "/annuaire?nom=b"):
            assert briselame.get(address).status_code == 200
    assert scanned(engine, asked) == {}


def test_a_letter_that_is_sent_twice_arrives_once(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient
) -> None:
    """Two presses of the button, or a page come back to: both are led to what was sent."""
    [once] = re.findall(r'name="once" value="([^"]+)"', margelle.get("/ecrire").text)
    answers = [post(margelle, "/ecrire", once=once, **LETTER) for _ in range(2)]
    assert [each.location for each in answers] == ["/envoyes"] * 2
    assert text_of(briselame.get("/"), "unread") == "1 message non lu"
    assert [each[1] for each in done(app)].count("letter:sent") == 1


def test_the_last_letter_of_a_day_is_not_told_to_be_one_too_many(make: Made) -> None:
    app = make(letters_a_day=1)
    sign_in(app, BRISELAME, name="Anatole BRISELAME").get("/")
    margelle = sign_in(app, MARGELLE)
    for _ in range(2):
        assert post(margelle, "/ecrire", once="of-this-page", **LETTER).status_code == 303


def test_a_link_of_somebody_makes_no_page_claim_an_act(margelle: FlaskClient) -> None:
    """RGAA 7.5: what was done is told by the act alone, once."""
    assert not confirmed(margelle.get("/envoyes?envoye=1"))
