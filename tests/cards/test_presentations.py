"""Codes are counted at the provider as well: a copied card file resets nothing (decision 31)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import event

from idp import create_app
from idp.audit.events import Event
from idp.cards.codes import proof_of
from idp.cards.states import CardState
from idp.devices.proofs import decode_base64url, encode_base64url
from idp.provider import Provider
from idp.store.world import move_clock
from tests.cards.helpers import (
    Line,
    a_request_id,
    issued_card,
    recorded,
    wrong_code,
)

STRANGER = ec.generate_private_key(ec.SECP256R1())
PROOF = encode_base64url(bytes(32))


@pytest.fixture
def line(both: Provider) -> Line:
    """A card in use, on either database."""
    return Line(both, issued_card(both))


@pytest.fixture
def one(provider: Provider) -> Line:
    """A card in use, where the rule does not depend on the database."""
    return Line(provider, issued_card(provider))


def told(response: Any, status: int = 200) -> dict[str, Any]:
    assert response.status_code == status, response.get_json()
    body: dict[str, Any] = response.get_json()
    return body


def refusals(line: Line) -> int:
    return len(recorded(line.provider, Event.CARD_CODE_REFUSED, line.card.card_number))


# -- nobody else burns its tries ------------------------------------------------------------------


@pytest.mark.parametrize(
    "forge",
    [
        lambda _line: {"key": STRANGER},
        lambda line: {"key": line.card.authentication_key},
        lambda _line: {"kid": "9899999999"},
        lambda _line: {"aud": "https://elsewhere.test"},
        lambda _line: {"path": "/cards/v1/activation"},
        lambda line: {"iat": line.provider.clock.timestamp() - 3600},
        lambda _line: {"v": 2},
        lambda _line: {"request_id": "short"},
    ],
    ids=["stranger", "other-key", "unknown", "audience", "path", "age", "version", "request-id"],
)
def test_nobody_without_the_card_key_burns_a_try(
    one: Line, forge: Callable[[Line], dict[str, Any]]
) -> None:
    """Decision 31; attack 40: an unknown card and a bad signature get the same words."""
    options = forge(one)
    members = {"kind": "code", "proof": PROOF}
    response = one.send("/presentations", members, **options)
    assert told(response, 401)["code"] == "not_recognised"
    assert response.get_json()["detail"] == "Cette carte n’est pas reconnue."
    assert one.row.tries_left == 3


@pytest.mark.parametrize("body", ["", "a.b.c", "é", "{}"])
def test_what_is_no_request_burns_no_try(one: Line, body: str) -> None:
    """Decision 31."""
    for path in ("/presentations", "/presentations/x/held", "/activation", "/content"):
        assert told(one.post(f"/cards/v1{path}", body), 401)["code"] == "not_recognised"


def test_a_request_of_another_media_type_is_refused(one: Line) -> None:
    response = one.http.post("/cards/v1/presentations", json={})
    assert told(response, 415)["code"] == "media_type_refused"


def test_a_request_is_good_once(line: Line) -> None:
    """Decision 31: whoever copied a request from the wire burns nothing with it."""
    path, members = "/cards/v1/presentations", {"kind": "code", "proof": PROOF}
    request_id = a_request_id()
    body = line.signed(path, members, request_id=request_id)
    assert line.post(path, body).status_code == 200
    assert told(line.post(path, body), 409)["code"] == "request_id_reused"
    again = line.signed(path, members, request_id=request_id)
    assert told(line.post(path, again), 409)["code"] == "request_id_reused"
    assert line.row.tries_left == 2


@pytest.mark.parametrize(
    ("members", "member"),
    [
        ({}, "kind"),
        ({"kind": "code"}, "proof"),
        ({"kind": "other", "proof": PROOF}, "kind"),
        ({"kind": ["code"], "proof": PROOF}, "kind"),
        ({"kind": "code", "proof": "AAAA"}, "proof"),
        ({"kind": "code", "proof": PROOF + "="}, "proof"),
        ({"kind": "unblock", "proof": 7}, "proof"),
    ],
)
def test_a_malformed_presentation_takes_no_try(
    one: Line, members: dict[str, Any], member: str
) -> None:
    """Decision 31."""
    refused = told(one.send("/presentations", members), 400)
    assert (refused["code"], refused["member"]) == ("malformed", member)
    assert (one.row.tries_left, one.row.unblock_tries_left) == (3, 3)


# -- the try comes first --------------------------------------------------------------------------


def test_a_try_is_taken_before_the_code_is_evaluated(line: Line) -> None:
    """Attack 40: right or wrong, the provider cannot tell and counts."""
    for left in (2, 1, 0):
        given = told(line.present())
        assert given["tries_left"] == line.row.tries_left == left
        assert len(decode_base64url(given["evaluation"])) == 32


def test_the_try_is_written_before_the_evaluation_leaves(one: Line) -> None:
    """Attack 40: a provider that falls over between the two took the try."""
    seen: list[int] = []

    @event.listens_for(one.provider.store.engine, "commit")
    def committed(_connection: Any) -> None:
        seen.append(len(seen))

    opened = one.provider.sealer.open

    def open_after_commit(*arguments: Any, **named: Any) -> bytes:
        assert seen, "the share is opened while the try can still be lost"
        return opened(*arguments, **named)

    seen.clear()
    one.provider.sealer.open = open_after_commit  # type: ignore[method-assign]
    assert one.present().status_code == 200


def test_three_wrong_codes_block_the_card(line: Line) -> None:
    """Attack 40; CP-07: and it stays so, whatever code follows."""
    line.wrong(2)
    assert line.row.state == CardState.ACTIVE
    line.wrong()
    assert line.row.state == CardState.BLOQUEE
    assert refusals(line) == 1
    refused = told(line.present(), 423)
    assert (refused["code"], refused["unblock_tries_left"]) == ("code_blocked", 3)
    assert refusals(line) == 2


def test_neither_time_nor_a_restart_gives_tries_back(provider: Provider) -> None:
    """Attack 40."""
    card = issued_card(provider)
    Line(provider, card).wrong(3)
    with provider.store.begin() as db:
        move_clock(db, timedelta(days=300))
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    restarted = Line(provider, card, create_app(provider.settings))
    assert told(restarted.present(), 423)["code"] == "code_blocked"


def test_simultaneous_presentations_take_distinct_tries(line: Line) -> None:
    """Attack 40."""
    lines = [Line(line.provider, line.card) for _ in range(8)]
    ready = threading.Barrier(len(lines))

    def present(each: Line) -> Any:
        path = "/cards/v1/presentations"
        body = each.signed(path, {"kind": "code", "proof": PROOF})
        ready.wait()
        return each.post(path, body)

    with ThreadPoolExecutor(len(lines)) as pool:
        answers = list(pool.map(present, lines))
    left = [a.get_json()["tries_left"] for a in answers if a.status_code == 200]
    assert sorted(left) == [0, 1, 2]
    assert sorted(a.status_code for a in answers) == [200] * 3 + [423] * 5
    assert line.row.state == CardState.BLOQUEE


@pytest.mark.parametrize("state", [CardState.OPPOSEE, CardState.EXPIREE, CardState.INVALIDEE])
def test_a_card_that_is_over_still_opens_as_a_chip_does(
    provider: Provider, state: CardState
) -> None:
    """Docs/cards.md 3: it is refused where it is used; its state never changes."""
    line = Line(provider, issued_card(provider, state=state))
    given = told(line.present())
    assert told(line.held(given["presentation"]))["tries_left"] == 3
    line.wrong(3)
    assert line.row.state == state
    assert told(line.present(), 423)["code"] == "code_blocked"


# -- told to have held ----------------------------------------------------------------------------


def test_a_right_code_fills_the_counter(line: Line) -> None:
    """Decision 31."""
    line.wrong(2)
    given = told(line.present())
    assert given["evaluation"] == line.card.given["evaluations"]["code"]
    assert told(line.held(given["presentation"])) == {"tries_left": 3}
    assert line.row.tries_left == 3


def test_a_right_code_at_the_third_try_blocks_nothing(line: Line) -> None:
    """Attack 40: blocked when the last try is taken, and in use again when it held."""
    line.wrong(2)
    given = told(line.present())
    assert (given["tries_left"], line.row.state) == (0, CardState.BLOQUEE)
    assert told(line.held(given["presentation"])) == {"tries_left": 3}
    assert (line.row.tries_left, line.row.state) == (3, CardState.ACTIVE)


def test_only_the_last_presentation_may_be_told_to_have_held(line: Line) -> None:
    """Decision 31: what was tried since stays counted."""
    right = told(line.present())
    line.wrong()
    assert told(line.held(right["presentation"]), 403)["code"] == "presentation_refused"
    assert line.row.tries_left == 1


def test_a_presentation_is_told_to_have_held_once(line: Line) -> None:
    """Decision 31: else a proof seen once would evaluate codes for ever."""
    given = told(line.present())
    assert line.held(given["presentation"]).status_code == 200
    again = line.held(given["presentation"], new_proof=PROOF)
    assert told(again, 403)["code"] == "presentation_refused"


@pytest.mark.parametrize(
    "signature",
    [
        lambda line, about: line.sign(about, STRANGER),
        lambda line, about: line.sign(about, line.card.signature_key),
        lambda line, about: line.sign(about, line.card.card_key),
        lambda line, about: line.sign(about + b"\0"),
        lambda line, about: line.sign(about.replace(b"held", b"activate")),
        lambda line, about: line.sign(about.replace(line.number, b"9899999999")),
        lambda _line, _about: encode_base64url(bytes(70)),
        lambda _line, _about: "",
    ],
    ids=["stranger", "signature-key", "card-key", "longer", "purpose", "card", "zeros", "empty"],
)
def test_a_signature_that_does_not_hold_fills_no_counter(
    one: Line, signature: Callable[[Line, bytes], str]
) -> None:
    """Attack 40: the card key alone proves no code."""
    given = told(one.present())
    about = b"\0".join([b"ecps-card-held", one.number, given["presentation"].encode()])
    response = one.held(given["presentation"], signature=signature(one, about))
    assert told(response, 403)["code"] == "presentation_refused"
    assert one.row.tries_left == 2


@pytest.mark.parametrize(
    ("members", "member"),
    [({"signature": None}, "signature"), ({"signature": "é"}, "signature"), ({"new_proof": 1}, "")],
)
def test_a_malformed_report_changes_nothing(
    one: Line, members: dict[str, Any], member: str
) -> None:
    given = told(one.present())
    response = one.held(given["presentation"], **members)
    assert told(response, 400)["member"] == (member or "new_proof")
    assert one.row.tries_left == 2


def test_a_presentation_of_another_card_is_refused(provider: Provider) -> None:
    """Decision 31."""
    lines = [Line(provider, issued_card(provider)) for _ in range(2)]
    given = told(lines[0].present())
    assert told(lines[1].held(given["presentation"]), 403)["code"] == "presentation_refused"


def test_the_holder_changes_the_code(one: Line) -> None:
    """Docs/cards.md 3: the evaluation of the new code, once the old one held."""
    new = wrong_code(one.card.code)
    proof = encode_base64url(proof_of(new, one.card.code_salt))
    given = told(one.present())
    answer = told(one.held(given["presentation"], new_proof=proof))
    assert answer["evaluation"] != one.card.given["evaluations"]["code"]
    assert told(one.present(new))["evaluation"] == answer["evaluation"]


# -- the unblocking code --------------------------------------------------------------------------


def test_an_unblocked_card_is_in_use_again_with_a_new_code(line: Line) -> None:
    """CP-13; attack 40."""
    line.wrong(3)
    given = told(line.present(kind="unblock"))
    assert given["evaluation"] == line.card.given["evaluations"]["unblock"]
    assert (given["tries_left"], line.row.state) == (2, CardState.BLOQUEE)
    new = wrong_code(line.card.code)
    proof = encode_base64url(proof_of(new, line.card.code_salt))
    answer = told(line.held(given["presentation"], new_proof=proof))
    assert answer["tries_left"] == 3
    row = line.row
    assert (row.tries_left, row.unblock_tries_left, row.state) == (3, 3, CardState.ACTIVE)
    assert told(line.present(new))["evaluation"] == answer["evaluation"]


def test_the_unblocking_code_has_three_tries_for_good(line: Line) -> None:
    """Attack 40: then the card must be replaced."""
    line.wrong(3)
    for left in (2, 1, 0):
        given = told(line.present(wrong_code(line.card.unblock_code), kind="unblock"))
        assert given["tries_left"] == left
    refused = told(line.present(kind="unblock"), 423)
    assert (refused["code"], refused["unblock_tries_left"]) == ("code_blocked", 0)
    assert line.row.state == CardState.BLOQUEE
    assert refusals(line) == 2


def test_the_right_code_gives_no_more_tries_of_the_unblocking_code(one: Line) -> None:
    """Attack 40."""
    assert one.present(wrong_code(one.card.unblock_code), kind="unblock").status_code == 200
    given = told(one.present())
    assert told(one.held(given["presentation"]))["tries_left"] == 3
    assert one.row.unblock_tries_left == 2


def test_a_report_of_one_code_is_none_of_the_other(one: Line) -> None:
    """Decision 31: the kind is part of what is hashed."""
    given = told(one.present())
    forged = given["presentation"].replace("code.", "unblock.")
    assert told(one.held(forged), 403)["code"] == "presentation_refused"


def test_a_code_is_not_evaluated_as_the_other_kind(one: Line) -> None:
    """Docs/cards.md 3: the kind is evaluated along."""
    evaluations = {
        told(one.send("/presentations", {"kind": kind, "proof": PROOF}))["evaluation"]
        for kind in ("code", "unblock")
    }
    assert len(evaluations) == 2


def test_no_code_proof_or_share_stands_in_the_journal(one: Line) -> None:
    """Attack 45."""
    one.wrong(3)
    for entry in recorded(one.provider, Event.CARD_CODE_REFUSED, one.card.card_number):
        assert set(entry.data) == {"card_number", "kind"}
