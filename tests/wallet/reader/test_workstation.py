"""What software beside the reader does with the card that is in it (docs/cards.md 9)."""

import base64
import json
import time

import pytest
from werkzeug.test import Client

from tests.wallet.cards import ACTIVE, MadeCard
from tests.wallet.reader.helpers import ORIGIN, call
from wallet_sim.card.content import open_content
from wallet_sim.card.errors import SignatureRefused
from wallet_sim.card.signed_file import verify_file

BATCH = b"a batch of invoices"
TO_SIGN = {"content": base64.b64encode(BATCH).decode()}


def refusal(client: Client, name: str) -> tuple[int, str]:
    told = call(client, name, TO_SIGN if name == "card-sign" else None)
    return told.status_code, json.loads(told.data).get("code", "")


@pytest.mark.parametrize("name", ["card-content", "card-sign"])
def test_a_card_tells_and_signs_nothing_before_its_code_is_typed(
    made: MadeCard, client: Client, name: str
) -> None:
    assert refusal(client, name) == (409, "card_absent")
    call(client, "card-insert", {"card": ACTIVE})
    assert refusal(client, name) == (409, "code_missing")
    call(client, "card-code", {"code": made.code})
    assert refusal(client, name) == (200, "")
    call(client, "card-code", {"code": made.wrong_code})
    assert refusal(client, name) == (409, "code_missing")
    call(client, "card-code", {"code": made.code})
    call(client, "card-remove", {})
    call(client, "card-insert", {"card": ACTIVE})
    assert refusal(client, name) == (409, "code_missing")


def test_reading_and_signing_without_the_secret_are_refused(made: MadeCard, client: Client) -> None:
    """Decision 2: an open card in its reader signs for nobody who comes by."""
    call(client, "card-insert", {"card": ACTIVE})
    call(client, "card-code", {"code": made.code})
    content = client.get("/control/v1/card-content", base_url=ORIGIN)
    signed = client.post("/control/v1/card-sign", base_url=ORIGIN, json=TO_SIGN)
    assert (content.status_code, signed.status_code) == (403, 403)


@pytest.mark.parametrize("members", [{}, {"content": ""}, {"content": 7}, {"content": "a b"}])
def test_what_is_no_base64_is_not_signed(
    made: MadeCard, client: Client, members: dict[str, object]
) -> None:
    call(client, "card-insert", {"card": ACTIVE})
    call(client, "card-code", {"code": made.code})
    assert call(client, "card-sign", members).status_code == 400


def test_a_workstation_reads_the_chip_and_verifies_it_by_itself(
    made: MadeCard, client: Client
) -> None:
    call(client, "card-insert", {"card": ACTIVE})
    call(client, "card-code", {"code": made.code})
    told = json.loads(call(client, "card-content").data)
    assert set(told) == {"number", "content", "certificates"}
    assert set(told["certificates"]) == {"authentication", "signature", "chain"}
    chain = told["certificates"]["chain"]
    content = open_content(told["content"], chain=chain, number=told["number"])
    assert content["card_number"] == told["number"] == ACTIVE
    assert content["holder"]["national_id"] == made.state.face["national_id"]


def test_a_card_signs_with_its_signature_key(made: MadeCard, client: Client) -> None:
    """CP-14: these bytes and no others, by the certificate to sign with."""
    call(client, "card-insert", {"card": ACTIVE})
    call(client, "card-code", {"code": made.code})
    signed = json.loads(call(client, "card-sign", TO_SIGN).data)["signed"]
    certificates = json.loads(call(client, "card-content").data)["certificates"]
    assert signed["certificate"] == certificates["signature"] != certificates["authentication"]
    text, chain, now = json.dumps(signed).encode(), certificates["chain"].encode(), int(time.time())
    signer = verify_file(BATCH, text, chain, now)
    assert str(made.state.face["national_id"]) in signer.subject.rfc4514_string()
    with pytest.raises(SignatureRefused, match="does not hold over this content"):
        verify_file(BATCH + b"!", text, chain, now)
