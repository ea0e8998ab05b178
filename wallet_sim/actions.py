"""What can be asked of a phone that is served: the control API's verbs and the page's alike.

An action takes the members of a JSON object, all texts, and gives a JSON object.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from werkzeug.exceptions import BadRequest

from wallet_sim.approval import Reason
from wallet_sim.display import render
from wallet_sim.documents import Challenge
from wallet_sim.errors import ChallengeClosed
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

Members = Mapping[str, Any]


def start(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{idp, national_id}`: type the identifier."""
    phone.start_enrolment(text(members, "idp"), text(members, "national_id"))
    del receiver
    return {"stage": phone.stage()}


def scan(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{png}`, base64 of the picture, or `{token}` as typed: the mail's secret."""
    del receiver
    if "token" in members:
        return asdict(phone.redeem(text(members, "token")))
    return asdict(phone.scan(_picture(members)))


def pair(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{idp}` with `{png}`, `{qr}` as read or `{token}` as typed: the portal's QR."""
    del receiver
    address = text(members, "idp")
    typed = next((name for name in ("token", "qr") if name in members), None)
    return asdict(phone.pair(address, text(members, typed) if typed else _picture(members)))


def pairing(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{}`: whether the phone's code was typed on the portal."""
    del receiver, members
    return asdict(phone.pairing_state())


def code(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{code}`: type the code of the SMS."""
    del receiver
    phone.enter_sms_code(text(members, "code"))
    return {"stage": phone.stage()}


def resend(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{}`: ask for another SMS."""
    del receiver, members
    return asdict(phone.resend_sms())


def pin(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{pin}`: choose the PIN; from then on pushes come to this process."""
    identity = phone.choose_pin(text(members, "pin"), push=receiver.subscription.as_json())
    receiver.trust_provider()
    return identity.model_dump()


def approve(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{pin, number, challenge_id}`: approve, the newest where no id is given."""
    del receiver
    number = text(members, "number") if members.get("number") else None
    approval = phone.approve(text(members, "pin"), number, _named(phone, members))
    return {"outcome": "approved", **asdict(approval)}


def refuse(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{reason, challenge_id}`: refuse; `reason` is `cancelled` or `unknown_trigger`."""
    del receiver
    reason: Reason = (
        "unknown_trigger" if members.get("reason") == "unknown_trigger" else "cancelled"
    )
    phone.refuse(reason, _named(phone, members))
    return {"outcome": "refused"}


def change_pin(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{old, new}`: change the PIN."""
    del receiver
    phone.change_pin(text(members, "old"), text(members, "new"))
    return {"outcome": "changed"}


def recover(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{}`: what became of a lost answer."""
    del receiver, members
    recovered = phone.recover()
    return {"outcome": recovered.outcome if recovered else None}


def delete(phone: Phone, receiver: Receiver, members: Members) -> dict[str, Any]:
    """`{}`: delete the e-CPS."""
    del receiver, members
    phone.delete()
    return {"outcome": "deleted"}


def pending(phone: Phone, receiver: Receiver) -> dict[str, Any]:
    """The requests that wait, as signed and as shown, and how many pushes came."""
    waiting = phone.pending() if phone.stage() == "active" else []
    return {
        "pushes": receiver.count,
        "challenges": [describe(challenge, phone) for challenge in waiting],
    }


def status(phone: Phone, receiver: Receiver) -> dict[str, Any]:
    """How far this phone is and, once active, what the provider says of it."""
    stage = phone.stage()
    known: dict[str, Any] = {"stage": stage, "pushes": receiver.count}
    if stage != "active":
        return known
    told = phone.status()
    return {**known, "identity": told.identity.model_dump(), "provider": told.provider}


def describe(challenge: Challenge, phone: Phone) -> dict[str, Any]:
    """A request for programs: the document and the lines a person reads."""
    return {
        "challenge_id": challenge.challenge_id,
        "document": challenge.payload,
        "shown": render(challenge, phone.language),
    }


def text(members: Members, name: str) -> str:
    """A member that must be a text.

    Raises:
        BadRequest: it is missing or something else.
    """
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(f"the member {name} is missing")
    return value


def _picture(members: Members) -> bytes:
    try:
        return base64.b64decode(text(members, "png"), validate=True)
    except ValueError as error:
        raise BadRequest("png must be base64") from error


def _named(phone: Phone, members: Members) -> Challenge | None:
    wanted = members.get("challenge_id")
    if not wanted:
        return None
    for challenge in phone.pending():
        if challenge.challenge_id == wanted:
            return challenge
    raise ChallengeClosed({"code": "challenge_closed", "detail": "it waits no longer"}, 409)


Action = Callable[[Phone, Receiver, Members], dict[str, Any]]
Look = Callable[[Phone, Receiver], dict[str, Any]]

ACTIONS: dict[str, Action] = {
    "start": start,
    "scan": scan,
    "pair": pair,
    "pairing": pairing,
    "code": code,
    "resend": resend,
    "pin": pin,
    "approve": approve,
    "refuse": refuse,
    "change-pin": change_pin,
    "recover": recover,
    "delete": delete,
}
LOOKS: dict[str, Look] = {"pending": pending, "status": status}
