"""What the chip holds beside its keys, signed by the authority of the cards (docs/cards.md 3)."""

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey
from sqlalchemy import delete

from idp.devices.proofs import decode_base64url, encode_base64url
from idp.directory.activities import activities_of
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.models import PracticeActivity
from tests.cards.helpers import IssuedCard, Line, card_row, issued_card

EMPLOYEE = "699700990015001/0000000001"


def content_of(card: IssuedCard) -> dict[str, Any]:
    """The content, after its signature was checked against the authority above the card."""
    issuer = card.chain[0]
    pem = issuer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    opened = jws.deserialize_compact(card.given["content"], ECKey.import_key(pem), ["ES256"])
    thumbprint = hashlib.sha256(issuer.public_bytes(Encoding.DER)).digest()
    assert opened.headers() == {
        "alg": "ES256",
        "typ": "ecps-card-content+jws",
        "x5t#S256": encode_base64url(thumbprint),
    }
    content: dict[str, Any] = json.loads(opened.payload)
    return content


def test_the_content_holds_each_activity_with_its_billing_number(provider: Provider) -> None:
    """CP-02, CP-14: signed by the authority of the cards."""
    national_id = "899700990056"
    with provider.store.begin() as db:
        person = find_person(db, national_id)
        assert person is not None
        ids = [each.activity_id for each in activities_of(national_id, person.exercices)]
        db.execute(delete(PracticeActivity).where(PracticeActivity.activity_id.in_(ids)))
        db.add(
            PracticeActivity(
                activity_id=ids[1],
                national_id=national_id,
                profession="10C",
                state="carried",
                details={},
                department="99",
                billing_number="991234567",
                convention="3",
                tariff_zone="20",
                declared_at=provider.clock.now(),
            )
        )
    card = issued_card(provider, national_id, content_version=7)
    content = content_of(card)
    assert [each["activity_id"] for each in content["activities"]] == ids
    assert [each["billing_number"] for each in content["activities"]] == [
        None,
        "991234567",
        None,
        None,
    ]
    terms = [(each["convention"], each["tariff_zone"]) for each in content["activities"]]
    assert terms == [(None, None), ("3", "20"), (None, None), (None, None)]
    assert all(each["details"]["codeModeExercice"] for each in content["activities"])
    row = card_row(provider, card.card_number)
    assert row.starts_at is not None
    assert (content["card_number"], content["content_version"]) == (card.card_number, 7)
    assert content["starts_at"] == int(row.starts_at.timestamp())
    assert content["holder"]["national_id"] == national_id


def test_an_altered_content_is_recognised(provider: Provider) -> None:
    """Docs/cards.md 3."""
    card = issued_card(provider)
    head, payload, signature = card.given["content"].split(".")
    issuer = card.chain[0].public_key()
    pem = issuer.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    changed = encode_base64url(decode_base64url(payload).replace(b"Anatole", b"Arsenic"))
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(f"{head}.{changed}.{signature}", ECKey.import_key(pem), ["ES256"])


def test_the_card_asks_for_its_content_anew(provider: Provider) -> None:
    """CP-12: nothing but its own key is needed."""
    card = issued_card(provider)
    line = Line(provider, card)
    response = line.send("/content", {})
    assert response.status_code == 200
    card.given["content"] = response.get_json()["content"]
    assert content_of(card)["card_number"] == card.card_number


def test_a_service_card_holds_no_name(provider: Provider) -> None:
    """Decision 30."""
    card = issued_card(provider, EMPLOYEE, family="CPE", is_nominative=False)
    holder = content_of(card)["holder"]
    assert (holder["family_name"], holder["given_name"]) == ("", "")


def test_the_content_tells_category_and_specialty(provider: Provider) -> None:
    """CSS R161-53: identity, qualification, exercise."""
    holder = content_of(issued_card(provider))["holder"]
    assert (holder["profession"], holder["category"]) == ("10C", "C")
    assert holder["specialty"].startswith("SM")


def test_a_student_has_no_specialty_yet(provider: Provider) -> None:
    """CSS R161-55: the card of a professional in training is a CPF."""
    holder = content_of(issued_card(provider, family="CPF"))["holder"]
    assert holder["specialty"] == ""
