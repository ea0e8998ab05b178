"""What the reader agent believes of a listener (docs/cards.md 8)."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from idp.devices.documents import sign_document
from idp.provider import Provider
from idp.settings import Settings
from tests.ciba.answers import challenge_of
from tests.ciba.card.helpers import CardAtReader, ask
from tests.ciba.helpers import NUMBER, CibaService
from tests.wallet.listener import listen
from wallet_sim.card.errors import RequestGone, RequestRefused
from wallet_sim.errors import DocumentRefused, NoAnswer


def listed(
    card: CardAtReader, settings: Settings, status: str, kind: str, body: bytes
) -> list[Any]:
    """What the agent makes of an answer to its look."""

    def lying(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        del environ
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    with listen(lying, card.listener, settings) as address:
        card.meet(address)
        return card.reader.waiting()


def given(card: CardAtReader, settings: Settings, *texts: str) -> list[Any]:
    body = json.dumps({"challenges": texts}).encode()
    return listed(card, settings, "200 OK", "application/json", body)


def document_of(provider: Provider, card: CardAtReader) -> dict[str, Any]:
    challenge = challenge_of(provider)
    return challenge.document | {"nonce": challenge.nonce, "card_number": card.number}


@pytest.mark.parametrize(
    "changes",
    [
        {"card_number": "9799999999"},
        {"purpose": "signin"},
        {"v": 2},
        {"challenge_id": "../../pending"},
        {"number": {"mode": "guess"}},
        {"nonce": None},
    ],
)
def test_a_document_of_another_form_or_for_another_card_is_not_shown(
    client: CibaService, card: CardAtReader, settings: Settings, changes: dict[str, Any]
) -> None:
    """Decision 18: nothing that was not asked of this card is ever signed by it."""
    ask(client, card)
    key = client.provider.keyring.active("phone")
    text = sign_document(key, document_of(client.provider, card) | changes)
    with pytest.raises(DocumentRefused):
        given(card, settings, text)


def test_a_document_that_another_signed_is_not_shown(
    client: CibaService, card: CardAtReader, settings: Settings
) -> None:
    """Decision 23: the card knows the provider's phone-facing keys."""
    ask(client, card)
    stranger = ECKey.generate_key("P-256")
    kid = client.provider.keyring.active("phone").kid
    payload = json.dumps(document_of(client.provider, card)).encode()
    for name in (kid, stranger.thumbprint()):
        header = {"alg": "ES256", "kid": name, "typ": "ecps-document+jws"}
        with pytest.raises(DocumentRefused):
            given(card, settings, jws.serialize_compact(header, payload, stranger, ["ES256"]))


def test_one_that_lapsed_does_not_hide_the_others(
    client: CibaService, card: CardAtReader, settings: Settings
) -> None:
    ask(client, card)
    key = client.provider.keyring.active("phone")
    document = document_of(client.provider, card)
    lapsed = document | {"challenge_id": "lapsed", "exp": document["iat"] - 1}
    shown = given(card, settings, sign_document(key, lapsed), sign_document(key, document))
    assert [each.payload for each in shown] == [document]


@pytest.mark.parametrize(
    "answer",
    [
        ("500 Oops", "application/json", b"{}"),
        ("200 OK", "text/html", b"<p>"),
        ("200 OK", "application/json", b"[]"),
        ("200 OK", "application/json", b"{}"),
        ("200 OK", "application/json", b'{"challenges": "x"}'),
        ("303 See Other", "text/html", b""),
    ],
)
def test_an_answer_of_another_form_is_no_answer(
    card: CardAtReader, settings: Settings, answer: tuple[str, str, bytes]
) -> None:
    with pytest.raises(NoAnswer):
        listed(card, settings, *answer)


def test_a_refusal_keeps_its_code_and_its_words(card: CardAtReader, settings: Settings) -> None:
    body = json.dumps({"code": "card_opposed", "detail": "En opposition"}).encode()
    with pytest.raises(RequestRefused) as told:
        listed(card, settings, "403 Forbidden", "application/problem+json", body)
    assert (told.value.reason, told.value.detail) == ("card_opposed", "En opposition")


def test_a_card_in_another_s_place_is_asked_its_own_only(
    client: CibaService, card: CardAtReader
) -> None:
    """What one card was shown, the next one in the reader does not answer."""
    ask(client, card)
    shown = card.sees().challenge_id
    card.reader.remove()
    card.reader.insert(card.number)
    card.reader.enter_code(card.made.code)
    with pytest.raises(RequestGone):
        card.reader.answer(shown, "approve", NUMBER, code=card.made.code)
