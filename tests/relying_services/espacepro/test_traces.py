"""The trace as people read it and take it away: who acted, for whom, and by which means."""

import csv
import io

import pytest
from flask import Flask

from relying_services.service.app import service_of
from relying_services.service.spreadsheet import inert
from relying_services.service.trace import Actor
from tests.relying_services.espacepro.pages import (
    PATIENT,
    SICK_LEAVE,
    TRANSPORT,
    acting,
    browser,
    drawn,
    given,
    traced,
)
from tests.relying_services.espacepro.stage import BRISELAME, MARGELLE
from tests.relying_services.plans import scanned, watched
from tests.relying_services.signed_in import post, sign_in


def test_the_delegator_reads_every_act_done_for_them(app: Flask) -> None:
    """EP-06: on the page, with author, delegation, service, outcome; refusals too."""
    made = given(app)
    client = acting(app, made)
    drawn(client, "transport", **TRANSPORT)
    assert client.get("/services/atmp").status_code == 403
    page = browser(app, MARGELLE).get("/mon-compte/traces?vue=delegation")
    for shown in (
        "Anatole BRISELAME",
        made.id,
        "Prescription de transport",
        "service_outside",
        "Début d’action par délégation",
    ):
        assert shown in page.text, shown


def test_the_whole_trace_is_exported(app: Flask) -> None:
    """EP-06: CSV and JSON hold the same entries, many more than a page; the export is traced."""
    made = given(app)
    client = acting(app, made)
    service = service_of(app)
    actor = Actor(BRISELAME.id, "CARD", on_behalf_of=MARGELLE.id, delegation_id=made.id)
    with service.store.begin() as db:
        for _ in range(1_050):
            service.note(db, actor, "act:read", object="act:A-1", service="aat")
    drawn(client, "aat", **SICK_LEAVE)
    doctor = browser(app, MARGELLE)
    answer = doctor.get("/mon-compte/traces.csv?vue=delegation")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    told = doctor.get("/mon-compte/traces.json?vue=delegation").json
    assert told is not None
    assert rows == told["entries"]
    assert len(rows) == 1_052
    assert {each["on_behalf_of"] for each in rows} == {MARGELLE.id}
    assert rows[0]["actor_name"] == "Anatole BRISELAME"
    assert traced(app)[0] == ("trace:exported", "done")


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_of_an_export_is_a_formula(cell: str) -> None:
    assert inert(cell) == f"'{cell}"
    assert inert(f"a{cell}") == f"a{cell}"


def test_a_formula_in_a_name_is_inert_in_the_export(app: Flask) -> None:
    """EP-06: what a delegate is called reaches the delegator's spreadsheet as a text."""
    client = sign_in(app, MARGELLE.id, name="=HYPERLINK(1)")
    client.get("/mon-compte/traces")
    text = client.get("/mon-compte/traces.csv").text
    assert "'=HYPERLINK(1)" in text
    assert ";=HYPERLINK" not in text


def test_the_holder_reads_that_a_card_was_used_beside_another_session(app: Flask) -> None:
    """EP-15: the flag is in the holder's trace, with what to do."""
    service = service_of(app)
    doctor = browser(app, MARGELLE)
    with service.store.begin() as db:
        service.note(db, Actor(MARGELLE.id, "CARD"), "session:opened", simultaneous=True)
    page = doctor.get("/mon-compte/traces")
    assert "Usage simultané à vérifier" in page.text
    assert "usage simultané" in page.text
    assert ";yes;" in doctor.get("/mon-compte/traces.csv").text
    assert "Usage simultané" not in browser(app, BRISELAME).get("/mon-compte/traces").text


def test_acts_and_traces_are_found_along_an_index(app: Flask) -> None:
    """MA-09: however many acts and entries there are."""
    made, store = given(app), service_of(app).store
    doctor, substitute = browser(app, MARGELLE), acting(app, made)
    with watched(store.engine) as statements:
        for client in (doctor, substitute):
            address = drawn(client, "aat", **SICK_LEAVE)
            client.get(f"{address}")
            client.get("/services/aat?avant=9")
            post(client, f"{address}/confirmation")
        drawn(doctor, "historique", **PATIENT)
        doctor.get("/mon-compte/traces?avant=9")
        doctor.get("/mon-compte/traces.csv")
    assert len(statements) >= 10
    assert scanned(store.engine, statements) == {}
