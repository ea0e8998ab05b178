"""Cases: who may read them, give an opinion, and conclude."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.oncology.conftest import (
    PRESENTER,
    STRANGER,
    SURGEON,
    Made,
    doctor,
)
from tests.relying_services.plans import scanned, watched
from tests.relying_services.signed_in import confirmed, post, text_of

CASE = {"titre": "Femme de 62 ans", "question": "Chirurgie ?", "participants": SURGEON}
OPINION = {"position": "favorable", "avis": "Opérable."}
CONCLUSION = {"conclusion": "Chirurgie, puis radiothérapie."}


def done(app: Flask) -> list[tuple[str, str, str, str]]:
    with service_of(app).store.read() as db:
        return [(e.actor, e.action, e.object, e.reason) for e in reversed(entries(db))]


@pytest.mark.parametrize("act", ["", "/avis", "/conclusion"])
def test_attack_a_case_of_others_is_found_by_nobody(
    app: Flask, presenter: FlaskClient, act: str
) -> None:
    """MA-10: guessing a number tells the same whether there is such a case."""
    post(presenter, "/dossiers/nouveau", **CASE)
    stranger = doctor(app, STRANGER, "SM04")
    for number in ("1", "2", "x", str(2**64)):
        address = f"/dossiers/{number}{act}"
        form = OPINION | CONCLUSION
        told = post(stranger, address, **form) if act else stranger.get(address)
        assert (told.status_code, "Femme" in told.text) == (404, False)
    assert "Aucun dossier." in stranger.get("/").text
    assert {reason for who, _, _, reason in done(app) if who == STRANGER} == {"not_found"}


def test_attack_a_forged_form_says_nothing(presenter: FlaskClient) -> None:
    assert presenter.post("/dossiers/nouveau", data=CASE).status_code == 403
    assert "Aucun dossier." in presenter.get("/").text


def test_only_who_presents_a_case_concludes_it(
    app: Flask, presenter: FlaskClient, surgeon: FlaskClient
) -> None:
    post(presenter, "/dossiers/nouveau", **CASE)
    told = post(surgeon, "/dossiers/1/conclusion", **CONCLUSION)
    assert (told.status_code, text_of(told, "error")) == (403, "not_presenter")
    assert 'action="/dossiers/1/conclusion"' not in surgeon.get("/dossiers/1").text
    assert done(app)[-2][1:] == ("case:concluded", "case:1", "not_presenter")


def test_a_case_is_concluded_by_so_many_specialties_and_not_by_so_many_people(
    make: Made, either_url: str
) -> None:
    """CP-08: the specialty is that of the activity chosen; who has none counts for none."""
    app = make(either_url)
    people = {"899700991001": "SM04", "899700991002": "SM04", "899700991003": ""}
    presenter = doctor(app, PRESENTER, "SM54")
    post(presenter, "/dossiers/nouveau", **(CASE | {"participants": "\n".join(people)}))
    for actor, specialty in people.items():
        assert post(doctor(app, actor, specialty), "/dossiers/1/avis", **OPINION).status_code == 303
    post(presenter, "/dossiers/1/avis", **OPINION)
    told = post(presenter, "/dossiers/1/conclusion", **CONCLUSION)
    assert (told.status_code, text_of(told, "error")) == (409, "quorum_missing")
    post(doctor(app, "899700991003", "SM42"), "/dossiers/1/avis", **OPINION)
    assert post(presenter, "/dossiers/1/conclusion", **CONCLUSION).status_code == 303
    assert text_of(presenter.get("/dossiers/1"), "conclusion") == CONCLUSION["conclusion"]


def test_nothing_is_added_to_a_concluded_case(make: Made) -> None:
    app = make(quorum=1)
    presenter, surgeon = doctor(app, PRESENTER, "SM54"), doctor(app, SURGEON, "SM04")
    post(presenter, "/dossiers/nouveau", **CASE)
    post(presenter, "/dossiers/1/avis", **OPINION)
    post(presenter, "/dossiers/1/conclusion", **CONCLUSION)
    for told in (
        post(surgeon, "/dossiers/1/avis", **OPINION),
        post(presenter, "/dossiers/1/conclusion", conclusion="Autre."),
    ):
        assert (told.status_code, text_of(told, "error")) == (409, "case_closed")
    assert "Autre." not in presenter.get("/dossiers/1").text


def test_an_opinion_takes_the_place_of_the_same_persons_last(
    app: Flask, presenter: FlaskClient, surgeon: FlaskClient
) -> None:
    """Domain 7: each act and each reading in the trace, without what it says."""
    post(presenter, "/dossiers/nouveau", **CASE)
    post(surgeon, "/dossiers/1/avis", **OPINION)
    post(surgeon, "/dossiers/1/avis", **(OPINION | {"avis": "Finalement non."}))
    page = presenter.get("/dossiers/1").text
    assert ("Finalement non." in page, "Opérable." in page) == (True, False)
    assert [each[:3] for each in done(app)] == [
        (PRESENTER, "case:presented", "case:1"),
        (SURGEON, "opinion:given", "case:1"),
        (SURGEON, "opinion:given", "case:1"),
        (PRESENTER, "case:read", "case:1"),
    ]
    with service_of(app).store.read() as db:
        assert [entry.details for entry in entries(db) if entry.details] == [
            {"participants": [SURGEON]}
        ]


def test_a_case_is_concluded_once(make: Made, either_url: str) -> None:
    app = make(either_url, quorum=1)
    clients = [doctor(app, PRESENTER, "SM54") for _ in range(3)]
    post(clients[0], "/dossiers/nouveau", **CASE)
    post(clients[0], "/dossiers/1/avis", **OPINION)
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(
            pool.map(lambda one: post(one, "/dossiers/1/conclusion", **CONCLUSION), clients)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"titre": ""}, "titre", "sans nommer le patient"),
        ({"titre": "a" * 151}, "titre", "150"),
        ({"question": " "}, "question", "sans nommer le patient"),
        ({"participants": ""}, "participants", "au moins un confrère"),
        ({"participants": PRESENTER}, "participants", "au moins un confrère"),
        ({"participants": "99700990015"}, "participants", "exemple 899700990015"),
        ({"participants": "Dr Martin!"}, "participants", "identifiant national"),
        ({"participants": " ".join(f"8997009900{n:02}" for n in range(13))}, "participants", "12"),
    ],
)
def test_what_cannot_be_presented_is_told_at_its_field(
    presenter: FlaskClient, changes: dict[str, str], field: str, told: str
) -> None:
    page = post(presenter, "/dossiers/nouveau", **(CASE | changes))
    assert page.status_code == 400
    assert told in text_of(page, f"{field}-error")


def test_no_page_reads_a_whole_table(app: Flask, presenter: FlaskClient) -> None:
    engine = service_of(app).store.engine
    with watched(engine) as asked:
        post(presenter, "/dossiers/nouveau", **CASE)
        post(presenter, "/dossiers/1/avis", **OPINION)
        post(presenter, "/dossiers/1/conclusion", **CONCLUSION)
        for address in ("/", "/dossiers/1", "/connexion/attente"):
            presenter.get(address)
    assert scanned(engine, asked) == {}


def test_a_case_that_is_presented_twice_is_one_case(app: Flask, presenter: FlaskClient) -> None:
    """Two presses of the button, or a page come back to: both are led to the case."""
    [once] = re.findall(r'name="once" value="([^"]+)"', presenter.get("/dossiers/nouveau").text)
    answers = [post(presenter, "/dossiers/nouveau", once=once, **CASE) for _ in range(2)]
    assert [each.location for each in answers] == ["/dossiers/1"] * 2
    assert [each[1] for each in done(app)] == ["case:presented"]


def test_each_act_on_a_case_is_confirmed_in_words(make: Made) -> None:
    """RGAA 7.5; a conclusion that comes too early confirms nothing."""
    presenter = doctor(make(quorum=1), PRESENTER, "SM54")
    post(presenter, "/dossiers/nouveau", **CASE)
    assert confirmed(presenter.get("/dossiers/1")) == ["Le dossier est présenté."]
    post(presenter, "/dossiers/1/conclusion", **CONCLUSION)
    assert not confirmed(presenter.get("/dossiers/1"))
    post(presenter, "/dossiers/1/avis", **OPINION)
    assert confirmed(presenter.get("/dossiers/1")) == ["Votre avis est enregistré."]
    post(presenter, "/dossiers/1/conclusion", **CONCLUSION)
    assert confirmed(presenter.get("/dossiers/1")) == ["Le dossier est conclu."]
