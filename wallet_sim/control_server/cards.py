"""Cards: made and activated by the real steps, and shown to a reader by who holds them."""

import base64
from http import HTTPStatus
from typing import Any

from pydantic import Field
from werkzeug.exceptions import BadRequest

from wallet_sim.behaviours.acting_card import card_script
from wallet_sim.control_server.desk import Desk
from wallet_sim.control_server.operations import Members, NationalId, Operations
from wallet_sim.harness.cards import HeldCard

operations = Operations()

_UNKNOWN = {HTTPStatus.NOT_FOUND: "No card of this number is here."}
_REFUSED = {HTTPStatus.CONFLICT: "The card or the provider refused it; `code` says why."}
_NOT_OPENED = {HTTPStatus.CONFLICT: "The code is not the card's, or none of its tries is left."}


class NewCard(Members):
    """Whose card is to be made."""

    national_id: NationalId
    """Of the person, for whom a card was ordered (`card: true` when the person was made)."""


class CardTold(Members):
    """A card, and the code that its holder types."""

    card_number: str
    national_id: str
    code: str
    script: list[dict[str, Any]]
    """What its holder does with the next sign-ins, one each."""
    then: dict[str, Any]
    """What its holder does with all that follow."""


class CardsTold(Members):
    """All cards."""

    cards: list[CardTold]


class CardScriptGiven(Members):
    """What the holder does when the card is asked for: `cards` of `GET /behaviours`."""

    steps: list[dict[str, Any]] = Field([])
    """One for each sign-in, such as `{"do": "wrong_code", "times": 2}`."""
    then: dict[str, Any] = Field({"do": "sign_in"})
    """What is done with all that follow."""


class CardAnswersTold(Members):
    """What the holder of a card did, oldest first."""

    answers: list[dict[str, Any]]
    """Each `{handle, behaviour, outcome, tries, error, redirect}`."""


class SignInAsked(Members):
    """A sign-in that waits for a card."""

    address: str
    """Where the sign-in page leads for a card, as the browser was sent."""


class SignInTold(Members):
    """What the holder of the card did with a sign-in."""

    outcome: str
    """`signed_in`, `ignored`, or the code of what refused it."""
    error: str | None
    """In words, what went wrong, wanted or not."""
    redirect: str | None
    """Where the browser that began goes on, once signed in; worth nothing in another."""


class CertificatesTold(Members):
    """The certificates of a card, PEM."""

    authentication: str
    signature: str
    chain: str
    """Those of the authorities above."""


class ChipTold(Members):
    """What a chip holds beside its keys."""

    number: str
    content: str
    """Holder, activities, dates: a JWS of the authority of the cards."""
    certificates: CertificatesTold


class ToBeSigned(Members):
    """What the holder of a card signs."""

    content: str
    """Base64."""


class SignatureTold(Members):
    """A holder's signature, as it stands beside a signed file."""

    alg: str
    certificate: str
    """The signature certificate, PEM."""
    signature: str
    """ECDSA on P-256 with SHA-256 over the content, DER, base64url."""


@operations.add("GET", "/cards", answer=CardsTold)
def list_cards(desk: Desk) -> CardsTold:
    """Every card here."""
    return CardsTold(cards=[_told(held) for _, held in desk.cards])


@operations.add(
    "POST", "/cards", body=NewCard, answer=CardTold, status=HTTPStatus.CREATED,
    refusals=_REFUSED | {HTTPStatus.NOT_FOUND: "Nobody has this identifier."},
)  # fmt: skip
def make_card(desk: Desk, body: NewCard) -> CardTold:
    """Make the card that was ordered, receive it and its code by post, and activate it."""
    person = desk.psc.people.find(body.national_id)
    with desk.changing:
        held = desk.psc.cards.make(person)
        desk.cards.put(held.number, held)
    return _told(held)


@operations.add("GET", "/cards/<card_number>", answer=CardTold, refusals=_UNKNOWN)
def show_card(desk: Desk, card_number: str) -> CardTold:
    """One card."""
    return _told(desk.cards.get(card_number))


@operations.add(
    "PUT", "/cards/<card_number>/script", body=CardScriptGiven, answer=CardTold, refusals=_UNKNOWN
)
def give_card_script(desk: Desk, card_number: str, body: CardScriptGiven) -> CardTold:
    """Say what the holder does when the card is asked for; what was said before is forgotten."""
    held = desk.cards.get(card_number)
    held.acting.script = card_script(body.steps, body.then)
    return _told(held)


@operations.add(
    "GET", "/cards/<card_number>/answers", answer=CardAnswersTold, refusals=_UNKNOWN
)  # fmt: skip
def list_card_answers(desk: Desk, card_number: str) -> CardAnswersTold:
    """What the holder of the card did until now."""
    return CardAnswersTold(answers=[a.as_json() for a in desk.cards.get(card_number).acted])


@operations.add(
    "POST", "/cards/<card_number>/sign-ins", body=SignInAsked, answer=SignInTold,
    refusals=_UNKNOWN | {HTTPStatus.CONFLICT: "The address names no sign-in."},
)  # fmt: skip
def sign_in_by_card(desk: Desk, card_number: str, body: SignInAsked) -> SignInTold:
    """Do what the script says with a sign-in that a browser of yours began.

    A card that does not sign in is an answer too: `redirect` is null, and `outcome` tells why.
    """
    acted = desk.cards.get(card_number).sign_in(body.address)
    return SignInTold(outcome=acted.outcome, error=acted.error, redirect=acted.redirect)


@operations.add(
    "GET", "/cards/<card_number>/content", answer=ChipTold, refusals=_UNKNOWN | _NOT_OPENED
)
def show_chip(desk: Desk, card_number: str) -> ChipTold:
    """What the chip holds: its holder puts the card in, types the code, and takes it out."""
    return ChipTold.model_validate(desk.cards.get(card_number).content())


@operations.add(
    "POST", "/cards/<card_number>/signatures", body=ToBeSigned, answer=SignatureTold,
    refusals=_UNKNOWN | _NOT_OPENED,
)  # fmt: skip
def sign_by_card(desk: Desk, card_number: str, body: ToBeSigned) -> SignatureTold:
    """Have the holder sign some content, with the code typed at the reader."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except ValueError as error:
        raise BadRequest("content must be base64") from error
    return SignatureTold.model_validate(desk.cards.get(card_number).sign(content))


def _told(held: HeldCard) -> CardTold:
    script = held.acting.script
    return CardTold(
        card_number=held.number,
        national_id=held.person.national_id,
        code=held.code,
        script=[step.as_json() for step in script.steps],
        then=script.then.as_json(),
    )
