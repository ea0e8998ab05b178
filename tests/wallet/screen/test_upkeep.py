"""History, change of PIN, deletion; and phones beside each other."""

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.wallet.helpers import PIN, ask_signin, enrol, new_phone
from tests.wallet.screen.helpers import (
    FIRST,
    ORIGIN,
    SECOND,
    SECRET,
    Browser,
    serve_one,
    serve_several,
)
from wallet_sim.door import SECRET_HEADER
from wallet_sim.errors import FileRefused
from wallet_sim.history import LONGEST
from wallet_sim.phone import Phone

NEW_PIN = "1379"


@pytest.fixture
def browser(phone: Phone) -> Browser:
    return Browser(serve_one(phone)).unlock()


@pytest.mark.parametrize("page", ["history", "details", "pin", "forgotten", "delete"])
def test_an_empty_phone_has_no_such_page(app: Flask, tmp_path: Path, page: str) -> None:
    browser = Browser(serve_one(new_phone(app, tmp_path / "phone"))).unlock()
    assert browser.look(page).status_code == 409


@pytest.mark.parametrize(
    ("old", "new", "again", "told"),
    [
        ("9753", NEW_PIN, NEW_PIN, "Essais restants : 2."),
        (PIN, NEW_PIN, "1378", "Les deux codes diffèrent"),
        (PIN, "4321", "4321", "n’est pas une suite"),
    ],
)
def test_a_pin_is_not_changed_where_something_is_wrong(  # noqa: PLR0917 - fixtures, and four columns
    app: Flask, browser: Browser, phone: Phone, old: str, new: str, again: str, told: str
) -> None:
    refused = browser.press("change-pin", old=old, new=new, again=again)
    assert refused.status_code == 409
    assert told in refused.text
    phone.approve(PIN, ask_signin(app).number)


def test_a_pin_is_changed(app: Flask, browser: Browser, phone: Phone) -> None:
    done = browser.press("change-pin", old=PIN, new=NEW_PIN, again=NEW_PIN)
    assert done.headers["Location"] == "/?done=change-pin"
    phone.approve(NEW_PIN, ask_signin(app).number)


def test_an_e_cps_is_deleted(browser: Browser, phone: Phone) -> None:
    assert browser.press("delete").status_code == 303
    assert phone.stage() == "empty"
    assert "est supprimée de ce téléphone" in browser.look("?done=delete").text


def test_the_history_holds_the_last_decisions_and_no_number(app: Flask, phone: Phone) -> None:
    """Decision 21: what a thief of the file may read of it."""
    with phone.file.hold() as held:
        first = {"at": 1, "service": "Premier service", "outcome": "refused"}
        content = held.state.model_dump()
        content["history"] = [first] + [{**first, "service": "Autre"}] * (LONGEST - 1)
        held.begin(type(held.state).model_validate(content))
    phone.approve(PIN, ask_signin(app).number)
    kept = json.loads(phone.file.path.read_text())["history"]
    assert len(kept) == LONGEST
    assert "Premier service" not in {each["service"] for each in kept}
    assert set(kept[-1]) == {"at", "service", "outcome"}
    assert kept[-1]["outcome"] == "approved"


def test_a_file_of_the_first_version_still_opens(app: Flask, phone: Phone) -> None:
    content = json.loads(phone.file.path.read_text())
    del content["history"]
    phone.file.path.write_text(json.dumps({**content, "version": 1}))
    phone.approve(PIN, ask_signin(app).number)
    assert json.loads(phone.file.path.read_text())["version"] == 2


@pytest.mark.parametrize("version", [0, 3, "2", None])
def test_a_file_of_no_known_version_is_refused(phone: Phone, version: object) -> None:
    content = json.loads(phone.file.path.read_text())
    phone.file.path.write_text(json.dumps({**content, "version": version}))
    with pytest.raises(FileRefused, match="version"):
        phone.stage()


@pytest.mark.parametrize(
    "changed", [{"at": 10**18}, {"at": -1}, {"at": None}, {"outcome": "<b>"}, {"service": 1}]
)
def test_a_history_that_no_phone_wrote_is_told_as_a_damaged_file(
    browser: Browser, phone: Phone, changed: dict[str, object]
) -> None:
    content = json.loads(phone.file.path.read_text())
    decided = {"at": 1, "service": "Premier service", "outcome": "refused"} | changed
    phone.file.path.write_text(json.dumps({**content, "history": [decided]}))
    for page in ("", "history"):
        told = browser.look(page)
        assert told.status_code == 409
        assert "Le fichier de ce téléphone est illisible" in told.text


def test_a_text_of_a_service_does_not_reorder_the_history(browser: Browser, phone: Phone) -> None:
    """Attack 47."""
    with phone.file.hold() as held:
        content = held.state.model_dump()
        content["history"] = [{"at": 1, "service": "Faux\u202e<b>", "outcome": "lost"}]
        held.begin(type(held.state).model_validate(content))
    page = browser.look("history").text
    assert "\u202e" not in page
    assert "<b>" not in page


def test_one_phone_does_not_show_what_waits_for_another(app: Flask, tmp_path: Path) -> None:
    enrol(app, tmp_path / FIRST)
    screen = serve_several(app, tmp_path)
    ask_signin(app)
    assert 'id="request"' in Browser(screen, f"/phones/{FIRST}").unlock().look().text
    assert "Par courriel et SMS" in Browser(screen, f"/phones/{SECOND}").unlock().look().text


def test_a_form_answers_for_the_phone_it_stands_on(app: Flask, tmp_path: Path) -> None:
    enrol(app, tmp_path / FIRST)
    screen = serve_several(app, tmp_path)
    asked = ask_signin(app)
    second = Browser(screen, f"/phones/{SECOND}").unlock()
    form = {"pin": PIN, "number": asked.number, "challenge_id": asked.challenge_id}
    assert second.press("approve", **form).status_code == 409
    first = Browser(screen, f"/phones/{FIRST}").unlock()
    assert "Demande approuvée" in first.press("approve", **form).text


def test_pushes_reach_each_phone_below_its_own_path(app: Flask, tmp_path: Path) -> None:
    screen = serve_several(app, tmp_path)
    browser = Browser(screen)
    paths = {}
    for name in (FIRST, SECOND):
        placed = screen.rack.find(name)
        assert placed
        paths[name] = placed.receiver.subscription.path
        assert paths[name].startswith(f"/phones/{name}/push/")
    refused = browser.client.post(paths[FIRST], base_url=ORIGIN, data=b"")
    assert refused.status_code == 403
    assert json.loads(refused.data)["code"] == "push_refused"
    crossed = paths[FIRST].replace(FIRST, SECOND)
    assert browser.client.post(crossed, base_url=ORIGIN, data=b"").status_code == 404


def test_a_phone_is_added_and_comes_back_with_the_next_start(app: Flask, tmp_path: Path) -> None:
    browser = Browser(serve_several(app, tmp_path), f"/phones/{FIRST}").unlock()
    form = {"csrf_token": browser.token(), "name": "Zoé au cabinet"}
    added = browser.client.post("/phones", base_url=ORIGIN, data=form)
    assert added.headers["Location"] == "/#zoe-au-cabinet"
    enrol(app, tmp_path / "phones" / "zoe-au-cabinet")
    again = Browser(serve_several(app, tmp_path))
    told = again.client.get(
        "/phones/zoe-au-cabinet/control/v1/status",
        base_url=ORIGIN,
        headers={SECRET_HEADER: SECRET},
    )
    assert json.loads(told.data)["stage"] == "active"
