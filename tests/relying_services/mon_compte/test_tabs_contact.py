"""The contact form: messages are kept, and so are their answers and who gave them."""

import json
import re
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.mon_compte.__main__ import main
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.rows import (
    OTHER,
    OWNER,
    grant,
    numbers_in,
    refusals,
    traced,
)
from tests.relying_services.signed_in import confirmed, post, sign_in

TEXT = "Le lot 042 n’est pas payé.\r\n<script>alert(1)</script>"


@pytest.fixture
def browser(account: Flask) -> FlaskClient:
    return sign_in(account, OWNER)


def command(service_url: str, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*arguments, "--database-url", service_url])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({}, ["sujet", "message"]),
        ({"sujet": "inconnu", "message": "Bonjour"}, ["sujet"]),
        ({"sujet": "autre", "message": " \r\n "}, ["message"]),
        ({"sujet": "autre", "message": "é" * 2001}, ["message"]),
    ],
)
def test_what_is_missing_in_a_message_is_said_at_its_field(
    account: Flask, browser: FlaskClient, terms: dict[str, str], fields: list[str]
) -> None:
    """MA-02; RGAA 11.10: each field has its own error, and nothing is sent."""
    answer = post(browser, "/contact", **terms)
    assert answer.status_code == 400
    assert re.findall(r'id="(\w+)-error" role="alert"', answer.text) == fields
    assert "Aucun message." in answer.text
    assert not traced(account)


def test_a_message_and_its_answer_are_kept_with_who_answered(
    account: Flask, browser: FlaskClient, service_url: str
) -> None:
    """MA-02: the contact form. Both acts are traced, without a word of the text."""
    address = post(browser, "/contact", sujet="tiers_payant", message=TEXT).location
    told = browser.get(address)
    assert confirmed(told) == ["Votre message est envoyé à votre caisse."]
    page = told.text
    assert "Le lot 042 n’est pas payé." in page
    assert "<script>" not in page
    assert "n’a pas encore répondu" in page
    status, printed = command(service_url, "questions")
    assert status == 0
    waiting = json.loads(printed)
    assert (waiting["owner"], waiting["subject"], waiting["text"]) == (
        OWNER,
        "tiers_payant",
        TEXT.replace("\r\n", "\n"),
    )
    answer = ("answer", str(waiting["id"]), "--by", "Agent BRUMEVAL", "--text", "Payé hier.")
    assert command(service_url, *answer)[0] == 0
    page = browser.get(address).text
    assert "Agent BRUMEVAL" in page
    assert "Payé hier." in page
    assert "répondu" in browser.get("/contact").text
    assert command(service_url, "questions") == (0, "")
    answered, sent = traced(account)
    assert (answered.actor, answered.action) == ("agent:Agent BRUMEVAL", "question:answered")
    assert (sent.actor, sent.action, sent.object) == (OWNER, "question:sent", "question:1")
    assert "lot" not in str(sent.details) + str(answered.details)


@pytest.mark.parametrize("number", ["1", "99"])
def test_a_message_is_answered_once(browser: FlaskClient, service_url: str, number: str) -> None:
    """MA-02: the first answer stays; an unknown message has none."""
    address = post(browser, "/contact", sujet="autre", message="Bonjour").location
    answer = ("answer", number, "--by", "Agent", "--text")
    command(service_url, "answer", "1", "--by", "Agent", "--text", "Première réponse")
    status, printed = command(service_url, *answer, "Seconde réponse")
    assert status == 1
    assert f"message {number} is unknown or answered already" in printed
    page = browser.get(address).text
    assert "Première réponse" in page
    assert "Seconde réponse" not in page


def test_a_person_sends_a_bounded_number_of_messages_a_day(
    made: Made, service_url: str, clock: Clock
) -> None:
    """The setting `questions_a_day`; another person is not held by it."""
    app = made(service_url, questions_a_day=2)
    browser, message = sign_in(app, OWNER), {"sujet": "autre", "message": "Bonjour"}
    statuses = [post(browser, "/contact", **message).status_code for _each in range(3)]
    assert statuses == [303, 303, 429]
    assert post(sign_in(app, OTHER), "/contact", **message).status_code == 303
    clock.move(timedelta(hours=25))
    assert post(sign_in(app, OWNER), "/contact", **message).status_code == 303


def test_own_messages_are_listed_page_by_page(made: Made, service_url: str) -> None:
    """MA-02."""
    app = made(service_url, page_rows=2)
    browser = sign_in(app, OWNER)
    for _each in range(3):
        post(browser, "/contact", sujet="autre", message="Bonjour")
    assert numbers_in(browser.get("/contact")) == ["3", "2"]
    assert numbers_in(browser.get("/contact?apres=2")) == ["1"]


@pytest.mark.parametrize("level", ["masked", "prepare"])
def test_attack_messages_are_closed_to_who_has_less_than_the_whole_service(
    account: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    """MA-10: a message may name a patient."""
    address = post(browser, "/contact", sujet="autre", message="ÉTANGLIN Zoé").location
    grant(monkeypatch, level)  # type: ignore[arg-type] # both are levels
    other = sign_in(account, "account:1")
    for refused in (other.get(address), other.get("/contact"), post(other, "/contact")):
        assert refused.status_code == 403
        assert "TANGLIN" not in refused.text
    assert {each[2] for each in refusals(account)} == {"level_too_low"}


def test_a_message_of_a_delegate_tells_who_wrote_it(
    account: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-10: it belongs to the owner; its author is named."""
    grant(monkeypatch, "full")
    assistant = sign_in(account, OTHER, name="Aliénor QUERVILLE")
    address = post(assistant, "/contact", sujet="autre", message="Bonjour").location
    assert "Aliénor QUERVILLE" in browser.get(address).text
    (sent,) = traced(account)
    assert (sent.actor, sent.on_behalf_of) == (OTHER, OWNER)


def test_a_message_that_is_sent_twice_is_one_message(account: Flask, browser: FlaskClient) -> None:
    """MA-02: two presses of the button, or a page come back to; both are led to the message."""
    [once] = re.findall(r'name="once" value="([^"]+)"', browser.get("/contact").text)
    fields = {"once": once, "sujet": "autre", "message": "Bonjour"}
    answers = [post(browser, "/contact", **fields).location for _ in range(2)]
    assert answers[0] == answers[1]
    assert [each.action for each in traced(account)] == ["question:sent"]
