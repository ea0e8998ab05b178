"""The reader's page for people (docs/cards.md 4)."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from tests.signin.helpers import begin
from tests.wallet.cards import ACTIVE, RECEIVED, MadeCard, block
from tests.wallet.listener import made_card
from tests.wallet.reader.helpers import NAVIGATION, ORIGIN, SECRET, handle_in, open_reader, press
from wallet_sim.card.reader import Reader


def test_a_person_signs_in_on_the_page(
    browser: FlaskClient, made: MadeCard, client: Client
) -> None:
    handle = handle_in(begin(browser))
    token = open_reader(client, handle)
    form = {"csrf_token": token, "h": handle, "card": ACTIVE}
    refused = press(client, "use", **form, code=made.wrong_code)
    assert refused.status_code == 409
    assert "Code faux. Essais restants : 2." in refused.text
    assert made.wrong_code not in refused.text
    done = press(client, "use", **form, code=made.code)
    assert done.status_code == 303
    assert done.headers["Location"].startswith(f"http://localhost:8000/signin/{handle}/card?")
    page = client.get("/reader", base_url=ORIGIN)
    assert "Logiciel de cabinet" in page.text
    assert press(client, "remove", csrf_token=token).status_code == 303
    page = client.get("/reader?done=remove", base_url=ORIGIN)
    assert "La carte est retirée." in page.text
    assert "Logiciel de cabinet" not in page.text


def test_a_card_that_arrived_is_refused_in_french_and_activated_on_the_page(
    app: Flask, browser: FlaskClient, tmp_path: Path, listener: str, client: Client
) -> None:
    """CP-07."""
    made = made_card(app, tmp_path, listener, RECEIVED)
    handle = handle_in(begin(browser))
    form = {"csrf_token": open_reader(client, handle), "h": handle}
    refused = press(client, "use", **form, card=RECEIVED, code=made.code)
    assert refused.status_code == 409
    assert "activ" in refused.text.split('role="alert">')[1].split("</p>")[0]
    assert "<details open>" in refused.text
    assert press(client, "activate", **form).headers["Location"] == (
        f"/reader?h={handle}&done=activate"
    )
    assert press(client, "use", **form).headers["Location"].startswith("http://localhost:8000/")


def test_a_person_unblocks_a_card_on_the_page(made: MadeCard, client: Client) -> None:
    block(made)
    form = {"csrf_token": open_reader(client), "card": ACTIVE}
    assert "La carte est bloquée" in press(client, "use", **form, code=made.code).text
    form |= {"new_code": "2580", "repeated_code": "2580"}
    wrong = press(client, "unblock", **form, unblock_code=made.wrong_unblock_code)
    assert "Code de déblocage faux. Essais restants : 2." in wrong.text
    right = press(client, "unblock", **form, unblock_code=made.unblock_code)
    assert right.headers["Location"] == "/reader?done=unblock"


def test_a_person_changes_the_code_of_a_card_on_the_page(made: MadeCard, client: Client) -> None:
    form = {"csrf_token": open_reader(client)}
    press(client, "insert", **form, card=ACTIVE)
    chosen = form | {"new_code": "2580", "repeated_code": "2580"}
    wrong = press(client, "change-code", **chosen, code=made.wrong_code)
    assert "Code faux. Essais restants : 2." in wrong.text
    right = press(client, "change-code", **chosen, code=made.code)
    assert right.headers["Location"] == "/reader?done=change-code"
    press(client, "remove", **form)
    assert press(client, "use", **form, card=ACTIVE, code=made.code).status_code == 409
    assert press(client, "use", **form, card=ACTIVE, code="2580").status_code == 303
    assert made.state.code.tries_left == 3


@pytest.mark.parametrize("act", ["change-code", "unblock"])
def test_a_new_code_that_is_not_typed_twice_alike_costs_no_try(
    made: MadeCard, client: Client, act: str
) -> None:
    form = {"csrf_token": open_reader(client), "new_code": "2580"}
    press(client, "insert", **form, card=ACTIVE)
    codes = {"code": made.wrong_code, "unblock_code": made.wrong_unblock_code}
    for repeated in ({}, {"repeated_code": "2581"}):
        told = press(client, act, **form, **codes, **repeated)
        assert "Les deux saisies du nouveau code diffèrent." in told.text
        assert "2580" not in told.text
    assert (made.state.code.tries_left, made.state.unblock.tries_left) == (3, 3)


def test_a_card_is_inserted_before_its_code_is_typed(made: MadeCard, client: Client) -> None:
    form = {"csrf_token": open_reader(client)}
    page = client.get("/reader", base_url=ORIGIN).text
    assert 'name="code"' not in page
    assert press(client, "insert", **form).status_code == 409
    assert press(client, "insert", **form, card="9700000999").status_code == 409
    done = press(client, "insert", **form, card=ACTIVE)
    assert done.headers["Location"] == "/reader?done=insert"
    page = client.get("/reader", base_url=ORIGIN).text
    assert 'name="code"' in page
    assert "Essais restants : 3." in page


def test_a_card_shows_how_far_it_is_from_being_blocked(made: MadeCard, client: Client) -> None:
    form = {"csrf_token": open_reader(client), "card": ACTIVE}
    for _ in range(2):
        told = press(client, "use", **form, code=made.wrong_code).text
    assert "Dernier essai" in told
    told = press(client, "use", **form, code=made.wrong_code).text
    assert "Bloquée" in told
    assert 'name="unblock_code"' in told
    assert 'name="code"' not in told
    codes = {"new_code": "2580", "repeated_code": "2580"}
    for _ in range(3):
        told = press(client, "unblock", **form, **codes, unblock_code=made.wrong_unblock_code).text
    told = client.get("/reader", base_url=ORIGIN).text
    assert "Bloquée pour de bon" in told
    assert "demandez-en le remplacement" in told
    assert 'name="unblock_code"' not in told
    assert "Retirer la carte" in told


@pytest.mark.parametrize("forged", [{}, {"csrf_token": "0" * 64}])
@pytest.mark.parametrize(
    "action", ["insert", "use", "activate", "unblock", "change-code", "remove"]
)
def test_a_form_of_another_page_is_refused(
    made: MadeCard, client: Client, action: str, forged: dict[str, str]
) -> None:
    """Decision 2."""
    open_reader(client)
    form = {"card": ACTIVE, "code": made.wrong_code, **forged}
    assert press(client, action, **form).status_code == 403
    assert made.state.code.tries_left == 3


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_link_of_the_sign_in_page_leads_to_the_reader_and_nothing_else_does(
    client: Client, site: str
) -> None:
    """Decision 2: a link that a person follows shows the page; no frame, script or form does."""
    linked = {"Sec-Fetch-Site": site, **NAVIGATION}
    assert client.get("/reader?h=abc", base_url=ORIGIN, headers=linked).status_code == 200
    for headers in (
        {"Sec-Fetch-Site": site},
        {**linked, "Sec-Fetch-Dest": "iframe"},
        {**linked, "Sec-Fetch-Mode": "cors"},
        {**linked, "Origin": "http://localhost:8000"},
    ):
        answer = client.get("/reader?h=abc", base_url=ORIGIN, headers=headers)
        assert answer.status_code == 403, headers
    assert client.post("/reader/use", base_url=ORIGIN, headers=linked).status_code == 403
    assert client.get("/", base_url=ORIGIN, headers=linked).status_code == 403


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/do/delete", "/reader?x"])
def test_the_login_leads_to_our_pages_only(client: Client, target: str) -> None:
    form = {"secret": SECRET, "came_for": target}
    assert client.post("/login", base_url=ORIGIN, data=form).headers["Location"] == "/"


def test_the_page_may_post_to_itself_and_lead_to_the_provider(
    made: MadeCard, client: Client
) -> None:
    """Decision 14: and to nowhere else; frames are the screen's own."""
    open_reader(client)
    policy = client.get("/reader", base_url=ORIGIN).headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:8000" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy


def test_a_reader_without_cards_says_so(client: Client) -> None:
    client.post("/login", base_url=ORIGIN, data={"secret": SECRET})
    assert "Aucune carte" in client.get("/reader", base_url=ORIGIN).text


def test_the_page_speaks_english_too(made: MadeCard, client: Client) -> None:
    token = open_reader(client)
    english = {"Accept-Language": "en"}
    assert "Insert the card" in client.get("/reader", base_url=ORIGIN, headers=english).text
    form = {"csrf_token": token, "card": ACTIVE, "code": made.wrong_code}
    refused = client.post("/reader/use", base_url=ORIGIN, headers=english, data=form)
    assert "Wrong code. Tries left: 2." in refused.text


def test_cards_that_are_unreadable_are_left_out(made: MadeCard, reader: Reader) -> None:
    (made.path.parent / "broken.card").write_text("{}")
    assert [each.number for each in reader.cards()] == [ACTIVE]
