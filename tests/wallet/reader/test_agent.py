"""The agent of the reader, against the real listener (docs/cards.md 4)."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.serving.authority import ServerCertificate
from idp.settings import Settings
from tests.signin.helpers import begin, returned
from tests.wallet.cards import ACTIVE, RECEIVED, MadeCard
from tests.wallet.listener import listen, made_card, point
from tests.wallet.reader.helpers import ORIGIN, handle_in
from wallet_sim.card.errors import (
    CardAbsent,
    CardInUse,
    CodeMissing,
    HandleMalformed,
    RedirectRefused,
    SignInRefused,
)
from wallet_sim.card.reader import Reader, handle_of
from wallet_sim.errors import NoAnswer


def test_a_card_signs_its_holder_in(browser: FlaskClient, made: MadeCard, reader: Reader) -> None:
    """Docs/cards.md 4: real TLS, and the browser that began finishes."""
    page = begin(browser)
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    done = reader.sign_in(handle_in(page))
    assert done.service == "Logiciel de cabinet"
    assert done.redirect.startswith(f"http://localhost:8000{page}/card?completion=")
    assert "code" in returned(browser.get(done.redirect.removeprefix("http://localhost:8000")))


def test_no_card_and_no_code_sign_nobody_in(made: MadeCard, reader: Reader) -> None:
    with pytest.raises(CardAbsent):
        reader.sign_in("h" * 43)
    with pytest.raises(CardAbsent):
        reader.insert("9799999999")
    reader.insert(ACTIVE)
    with pytest.raises(CodeMissing):
        reader.sign_in("h" * 43)


def test_a_removed_card_asks_for_its_code_again(
    browser: FlaskClient, made: MadeCard, reader: Reader
) -> None:
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    reader.remove()
    reader.insert(ACTIVE)
    with pytest.raises(CodeMissing):
        reader.sign_in(handle_in(begin(browser)))


def test_an_inserted_card_is_in_no_other_reader(made: MadeCard, reader: Reader) -> None:
    """Decision 31."""
    reader.insert(ACTIVE)
    with pytest.raises(CardInUse), made.insert():
        pass
    reader.remove()
    with made.insert():
        pass


def test_a_refusal_keeps_its_code_and_its_french_words(
    app: Flask, browser: FlaskClient, tmp_path: Path, listener: str, reader: Reader
) -> None:
    """CP-07, decision 31: before activation the card opens, and signs nobody in."""
    made = made_card(app, tmp_path, listener, RECEIVED)
    page = begin(browser)
    reader.insert(RECEIVED)
    reader.enter_code(made.code)
    with pytest.raises(SignInRefused) as refused:
        reader.sign_in(handle_in(page))
    assert refused.value.reason == "card_not_activated"
    assert "activ" in refused.value.detail
    assert reader.activate() == "active"
    assert reader.sign_in(handle_in(page)).redirect


@pytest.mark.parametrize("handle", ["", "../static/x", "a b", "h?x=1", "é"])
def test_what_is_no_handle_goes_nowhere(made: MadeCard, reader: Reader, handle: str) -> None:
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    with pytest.raises(HandleMalformed):
        reader.sign_in(handle)


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.test/signin/h/card",
        "http://localhost:8000.evil.test/signin",
        "http://localhost:8000@evil.test/signin",
        "http://user@localhost:8000/signin",
        "https://localhost:8000/signin",
        "http://localhost:8001/signin",
        "http://localhost:8000",
        "//evil.test/",
        "/signin",
        "javascript:alert(1)",
        "http://localhost:8000/\\evil.test",
        "",
    ],
)
def test_a_redirect_away_from_the_provider_is_refused(
    made: MadeCard,
    reader: Reader,
    certificate: ServerCertificate,
    settings: Settings,
    redirect: str,
) -> None:
    """Docs/cards.md 4: it must lie under the provider's address."""

    def lead_away(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        del environ
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"redirect": redirect, "service": "x"}).encode()]

    with listen(lead_away, certificate, settings) as address:
        point(made, address)
        reader.insert(ACTIVE)
        reader.enter_code(made.code)
        with pytest.raises(RedirectRefused):
            reader.sign_in("h" * 43)


@pytest.mark.parametrize(
    "answer",
    [
        ("500 Oops", "application/json", b"{}"),
        ("200 OK", "text/html", b"<p>"),
        ("200 OK", "application/json", b"[]"),
        ("303 See Other", "text/html", b""),
    ],
)
def test_an_answer_of_another_form_is_no_answer(
    made: MadeCard,
    reader: Reader,
    certificate: ServerCertificate,
    settings: Settings,
    answer: tuple[str, str, bytes],
) -> None:
    status, kind, body = answer

    def odd(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        del environ
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    with listen(odd, certificate, settings) as address:
        point(made, address)
        reader.insert(ACTIVE)
        reader.enter_code(made.code)
        with pytest.raises(NoAnswer):
            reader.sign_in("h" * 43)


def test_the_handle_is_found_in_both_addresses() -> None:
    assert handle_of(f"{ORIGIN}/reader?h=abc") == "abc"
    assert handle_of("https://localhost:8005/card/abc") == "abc"
    for address in (ORIGIN, f"{ORIGIN}/reader?h=", "https://localhost/card/a%20b"):
        with pytest.raises(HandleMalformed):
            handle_of(address)
