"""A stranger who can make a service ask, and a service that asks too much (decisions 24, 29)."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.provider import Provider
from tests.ciba.helpers import (
    STRANGER,
    CibaService,
    add_ciba_client,
    approve,
    challenges,
    phone_of,
    requests,
)
from tests.devices.helpers import Bench, Statements, push_subscription
from tests.oauth.helpers import PERSON, advance, events
from tests.wallet.helpers import PIN, ask_signin


def limit(provider: Provider, **changes: Any) -> None:
    for name, value in changes.items():
        object.__setattr__(provider.settings, name, value)


@pytest.fixture
def bench(both: Provider) -> Bench:
    add_ciba_client(both)
    return Bench(both)


@pytest.fixture
def asking(bench: Bench) -> CibaService:
    return CibaService(bench.app, bench.provider)


def test_nobody_costs_what_somebody_costs(bench: Bench, asking: CibaService) -> None:
    """Attack 24, decision 41: the same statements for whoever is asked about, and as long rows."""
    bench.enrol(push=push_subscription())
    spent = {}
    for national_id in (PERSON, STRANGER):
        with Statements(bench.provider) as counted:
            asking.begin(login_hint=national_id)
        spent[national_id] = [statement.split("WHERE")[0] for statement in counted.statements]
    assert spent[PERSON] == spent[STRANGER]
    lengths = {len(message.payload_sealed) // 100 for message in bench.messages("push")}
    assert max(lengths) - min(lengths) <= 2


def test_no_answer_tells_whether_a_person_can_be_asked(bench: Bench, asking: CibaService) -> None:
    """Unknown, without phone, with one, suspended, struck off: one answer."""
    told = []
    told.append(asking.ask(login_hint=STRANGER))
    told.append(asking.ask())
    phone = bench.enrol()
    told.append(asking.ask())
    bench.send(phone, "/delete")
    told.append(asking.ask())
    shapes = {
        (answer.status_code, *sorted(answer.json), answer.json["expires_in"]) for answer in told
    }
    assert len(shapes) == 1
    assert len({tuple(sorted(c.document)) for c in challenges(bench.provider)}) == 1


def test_pushes_are_bounded_and_requests_are_not(bench: Bench, asking: CibaService) -> None:
    """Attack 23: a service that asks about one person over and over pushes a few times only."""
    phone = bench.enrol(push=push_subscription())
    begun = [asking.begin()["auth_req_id"] for _ in range(20)]
    assert len(set(begun)) == 20
    allowed = bench.provider.settings.ciba_pushes_per_person
    assert len(bench.messages("push")) == allowed
    assert bench.events().count("challenges:push:suppressed") == 20 - allowed
    assert bench.pending(phone)[0]["challenge_id"] == bench.last_challenge_id()


def test_a_service_that_asks_too_much_is_refused_and_no_other(
    bench: Bench, asking: CibaService
) -> None:
    """429 with the time to wait; the limit is the client's own, and ends."""
    limit(bench.provider, ciba_requests_per_client=3)
    add_ciba_client(bench.provider, "other")
    for _ in range(3):
        asking.begin()
    refused = asking.ask(login_hint=STRANGER)
    assert (refused.status_code, refused.json["error"]) == (429, "temporarily_unavailable")
    assert refused.headers["Retry-After"] == "60"
    assert asking.ask().status_code == 429
    assert events(bench.provider).count("oauth:backchannel:throttled") == 1
    assert len(requests(bench.provider)) == 3
    CibaService(bench.app, bench.provider, "other").begin()
    advance(bench.provider, 61)
    asking.begin()


def test_requests_that_are_refused_count_for_nothing(bench: Bench, asking: CibaService) -> None:
    limit(bench.provider, ciba_requests_per_client=1)
    for _ in range(5):
        assert asking.ask(binding_message="a\nb").status_code == 400
    asking.begin()


def test_what_one_service_asks_takes_no_place_of_others(bench: Bench, asking: CibaService) -> None:
    """Decision 24: on the phone's list each client has turns of its own, a browser too."""
    phone = bench.enrol()
    web = bench.start()
    add_ciba_client(bench.provider, "other")
    own = CibaService(bench.app, bench.provider, "other")
    own.begin(binding_message="le mien")
    for _ in range(30):
        asking.begin(binding_message="du bruit")
    shown = bench.pending(phone)
    assert len(shown) == bench.provider.settings.pending_shown
    assert web.challenge_id in {document["challenge_id"] for document in shown}
    assert "le mien" in {document.get("message") for document in shown}


def test_refusing_silences_pushes_and_never_the_request(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Decision 24: 'it was not me' ends the noise; who opens the phone still finds what waits."""
    add_ciba_client(provider)
    phone = phone_of(app, tmp_path)
    asking = CibaService(app, provider)
    asking.begin()
    phone.refuse("unknown_trigger")
    asking.begin()
    assert "challenges:push:suppressed" in events(provider)
    approve(phone)
    assert challenges(provider)[-1].state == "approved"


def test_a_stranger_locks_nobody_out(app: Flask, provider: Provider, tmp_path: Path) -> None:
    """Attacks 29 to 33: whatever a service asks, the person signs in in the browser."""
    add_ciba_client(provider)
    phone = phone_of(app, tmp_path)
    asking = CibaService(app, provider)
    for _ in range(40):
        asking.begin(binding_message="du bruit")
    asked = ask_signin(app)
    waiting = {challenge.challenge_id: challenge for challenge in phone.pending()}
    phone.approve(PIN, asked.number, waiting[asked.challenge_id])


def test_a_name_that_deceives_is_shown_plainly(bench: Bench) -> None:
    """Attack 47."""
    add_ciba_client(bench.provider, "bad", client_name="Faux\u202e\nnom")
    CibaService(bench.app, bench.provider, "bad").begin()
    assert challenges(bench.provider)[0].document["client_name"] == "Faux nom"


def test_what_is_not_begun_leaves_nothing(bench: Bench, asking: CibaService) -> None:
    refused = [("scope", "profile"), ("login_hint", "x"), ("binding_message", "\u202e")]
    for name, value in refused:
        changes: dict[str, Any] = {name: value}
        assert asking.ask(**changes).status_code == 400
    assert (requests(bench.provider), challenges(bench.provider)) == ([], [])
    assert bench.messages("push") == []
