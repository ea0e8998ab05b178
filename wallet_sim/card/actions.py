"""What can be asked of a served card reader: the control API's verbs and the page's alike.

As in `wallet_sim/actions.py`, an action takes the members of a JSON object and gives one.
"""

import base64
from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import BadRequest

from wallet_sim.actions import Members, text
from wallet_sim.card.file import CardState
from wallet_sim.card.reader import Reader
from wallet_sim.card.requests import Decision
from wallet_sim.display import render


def insert(reader: Reader, members: Members) -> dict[str, Any]:
    """`{card}`: insert the card of this number."""
    reader.insert(text(members, "card"))
    return status(reader)


def enter_code(reader: Reader, members: Members) -> dict[str, Any]:
    """`{code}`: type the code of the inserted card."""
    reader.enter_code(text(members, "code"))
    return status(reader)


def unblock(reader: Reader, members: Members) -> dict[str, Any]:
    """`{unblock_code, new_code}`: give the inserted card a new code."""
    reader.unblock(text(members, "unblock_code"), text(members, "new_code"))
    return status(reader)


def change_code(reader: Reader, members: Members) -> dict[str, Any]:
    """`{code, new_code}`: give the inserted card a new code, by the one it has."""
    reader.change_code(text(members, "code"), text(members, "new_code"))
    return status(reader)


def activate(reader: Reader, members: Members) -> dict[str, Any]:
    """`{}`: activate the inserted card, whose code was typed."""
    del members
    return {"state": reader.activate()}


def sign_in(reader: Reader, members: Members) -> dict[str, Any]:
    """`{handle}`: sign in; gives the address where the browser that began goes on."""
    done = reader.sign_in(text(members, "handle"))
    return {"redirect": done.redirect, "service": done.service}


def answer(reader: Reader, members: Members) -> dict[str, Any]:
    """`{challenge_id, decision, number, code}`: answer a request that `card-requests` showed.

    `decision` is `approve` or `refuse`; `number` goes with an approval, where one is asked for.
    """
    decision = decision_of(text(members, "decision"))
    number = text(members, "number") if members.get("number") else None
    code = text(members, "code")
    return {"outcome": reader.answer(text(members, "challenge_id"), decision, number, code=code)}


def sign(reader: Reader, members: Members) -> dict[str, Any]:
    """`{content}`, base64: the holder's signature over these bytes, as it stands beside a file."""
    try:
        content = base64.b64decode(text(members, "content"), validate=True)
    except ValueError as error:
        raise BadRequest("content must be base64") from error
    return {"signed": reader.sign(content).model_dump()}


def remove(reader: Reader, members: Members) -> dict[str, Any]:
    """`{}`: take the card out."""
    del members
    reader.remove()
    return status(reader)


def requests(reader: Reader) -> dict[str, Any]:
    """The requests that wait for the inserted card, as signed and as shown."""
    return {
        "challenges": [
            {
                "challenge_id": each.challenge_id,
                "document": each.payload,
                "shown": render(each, reader.language),
            }
            for each in reader.waiting()
        ]
    }


def content(reader: Reader) -> dict[str, Any]:
    """What the chip of the inserted card holds, as the authority signed it; its code was typed."""
    return told_of_chip(reader.read())


def told_of_chip(card: CardState) -> dict[str, Any]:
    """Number, content and certificates of a card: the reader of them verifies them."""
    return {
        "number": card.number,
        "content": card.content,
        "certificates": {
            "authentication": card.certificates.authentication,
            "signature": card.certificates.signature,
            "chain": card.certificates.chain,
        },
    }


def status(reader: Reader) -> dict[str, Any]:
    """The cards at hand, and the one that is inserted."""
    inserted = reader.inserted
    return {
        "cards": [_face(each) for each in reader.cards()],
        "inserted": inserted.number if inserted else None,
        "open": reader.is_open,
    }


def decision_of(given: str) -> Decision:
    """What is decided of a request.

    Raises:
        BadRequest: neither to approve nor to refuse it.
    """
    match given:
        case "approve" | "refuse":
            return given
        case _:
            raise BadRequest("the decision is approve or refuse")


def _face(card: CardState) -> dict[str, Any]:
    return {**card.face, "number": card.number, "tries_left": card.code.tries_left}


Action = Callable[[Reader, Members], dict[str, Any]]

ACTIONS: dict[str, Action] = {
    "card-insert": insert,
    "card-code": enter_code,
    "card-unblock": unblock,
    "card-change-code": change_code,
    "card-activate": activate,
    "card-sign-in": sign_in,
    "card-answer": answer,
    "card-sign": sign,
    "card-remove": remove,
}
LOOKS: dict[str, Callable[[Reader], dict[str, Any]]] = {
    "card-status": status,
    "card-requests": requests,
    "card-content": content,
}
