"""The service of the demonstration as business software: a sign-in without a browser, by CIBA."""

from collections.abc import Callable
from typing import Any

import httpx

from idp.cli.demo_card_walk import CARD_HOLDER
from idp.cli.demo_stage import StepFailed, Walk
from idp.cli.demo_walk import PERSON, PIN
from idp.psc.addresses import BACKCHANNEL_AUTHENTICATION, TOKEN, USERINFO
from idp.settings import REALM_PATH

_GRANT = "urn:openid:params:grant-type:ciba"
_NUMBER = "42"


def ask(walk: Walk) -> None:
    """The software asks for the practitioner, and shows a number."""
    _begin(walk, PERSON, "MOBILE")
    walk.tell(f"The software asks for {PERSON} and shows the number {_NUMBER}; no browser opens.")
    waiting = _poll(walk)
    if waiting.get("error") != "authorization_pending":
        raise StepFailed(f"expected authorization_pending, but the provider said {waiting}")


def approve(walk: Walk) -> None:
    """On the phone: the same number, and the PIN."""
    shown = walk.wait_for(
        "a request on the phone", lambda: walk.phone.look("pending")["challenges"]
    )[0]["shown"]
    for line in shown.splitlines() if isinstance(shown, str) else shown:
        walk.tell(f"    {line}")
    outcome = walk.phone.do("approve", pin=PIN, number=_NUMBER)
    if outcome["outcome"] != "approved":
        raise StepFailed(f"the provider said {outcome}")
    walk.tell(f"The practitioner picks {_NUMBER} on the phone and types the PIN: approved.")


def receive(walk: Walk) -> None:
    """The software polls, and gets its tokens."""
    _receive(walk, PERSON)


def answer_by_card(walk: Walk) -> None:
    """The software asks for the card, whose holder answers at the reader (decision 34)."""
    _begin(walk, CARD_HOLDER, "CARD")
    walk.tell(f"The software asks for the card of {CARD_HOLDER} and shows {_NUMBER}.")
    shown = walk.wait_for(
        "a request at the reader", lambda: walk.reader.look("card-requests")["challenges"]
    )[0]
    outcome = walk.reader.do(
        "card-answer",
        challenge_id=shown["challenge_id"],
        decision="approve",
        number=_NUMBER,
        code=walk.card_code,
    )
    if outcome["outcome"] != "approved":
        raise StepFailed(f"the provider said {outcome}")
    walk.tell("The practitioner reads it at the reader and types the code: the card signed.")


def receive_by_card(walk: Walk) -> None:
    """The software polls, and gets the tokens of the card's holder."""
    _receive(walk, CARD_HOLDER)


def _begin(walk: Walk, person: str, channel: str) -> None:
    asked = _post(
        walk,
        BACKCHANNEL_AUTHENTICATION,
        scope="openid scope_all",
        acr_values="eidas1",
        login_hint=person,
        binding_message=_NUMBER,
        channel=channel,
    )
    walk.auth_req_id = asked["auth_req_id"]


def _receive(walk: Walk, person: str) -> None:
    token = walk.wait_for("the tokens", lambda: _tokens(_poll(walk)))
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    claims = httpx.get(
        _address(walk, USERINFO), headers=headers, trust_env=False, timeout=10
    ).json()
    if claims.get("SubjectNameID") != person:
        raise StepFailed(f"userinfo speaks of {claims.get('SubjectNameID')}")
    walk.tell(f"The software polled and has its tokens; userinfo gave {len(claims)} claims.")


def _poll(walk: Walk) -> dict[str, Any]:
    return _post(walk, TOKEN, grant_type=_GRANT, auth_req_id=walk.auth_req_id)


def _tokens(answer: dict[str, Any]) -> dict[str, Any] | None:
    return answer if "access_token" in answer else None


def _post(walk: Walk, path: str, **form: str) -> dict[str, Any]:
    answer = httpx.post(
        _address(walk, path),
        data=form,
        auth=walk.client,
        trust_env=False,
        timeout=10,
    )
    told: dict[str, Any] = answer.json()
    if answer.is_error and told.get("error") not in {"authorization_pending", "slow_down"}:
        raise StepFailed(f"{path} answered {answer.status_code}: {answer.text[:200]}")
    return told


def _address(walk: Walk, path: str) -> str:
    return walk.provider + REALM_PATH + path


STEPS: list[tuple[str, Callable[[Walk], None]]] = [
    ("without a browser: the software asks", ask),
    ("without a browser: the phone approves", approve),
    ("without a browser: the software gets its tokens", receive),
]
CARD_STEPS: list[tuple[str, Callable[[Walk], None]]] = [
    ("without a browser: the card approves", answer_by_card),
    ("without a browser: the software gets the tokens of the card", receive_by_card),
]
"""With a card in the reader."""
