"""What the phone shows of a request without a browser, and what it answers (decisions 18, 29)."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from idp.devices.proofs import encode_base64url
from idp.provider import Provider
from tests.ciba.helpers import (
    NUMBER,
    CibaService,
    add_ciba_client,
    approve,
    challenges,
    phone_of,
    service,
)
from tests.devices.helpers import Bench
from tests.wallet.helpers import PIN, Network, advance, ask_signin
from wallet_sim.cli import main
from wallet_sim.cli.common import Shell
from wallet_sim.display import render
from wallet_sim.errors import (
    ChallengeClosed,
    NothingPending,
    NumberNotOffered,
    WrongNumber,
    WrongPin,
)
from wallet_sim.phone import Phone

MESSAGE = "Ordonnance n° 12, poste 4"


@pytest.fixture
def asking(app: Flask, provider: Provider) -> CibaService:
    add_ciba_client(provider)
    return service(app)


@pytest.fixture
def phone(app: Flask, tmp_path: Path, asking: CibaService) -> Phone:
    """The person's phone, where nothing waits yet."""
    del asking
    return phone_of(app, tmp_path)


def state(provider: Provider) -> str:
    return challenges(provider)[-1].state


def shown(phone: Phone) -> dict[str, Any]:
    return phone.pending()[0].payload


def test_two_digits_are_one_of_three_to_pick(asking: CibaService, phone: Phone) -> None:
    """Decision 29: in `psc` the person picks the number that the software shows."""
    asking.begin(binding_message="42")
    matching = shown(phone)["number"]
    assert matching["mode"] == "choice"
    assert len(set(matching["options"])) == 3
    assert "42" in matching["options"]
    assert shown(phone)["message"] is None


def test_a_number_that_the_software_does_not_show_ends_the_request(
    asking: CibaService, phone: Phone
) -> None:
    """Decision 20."""
    asking.begin()
    other = next(option for option in shown(phone)["number"]["options"] if option != NUMBER)
    with pytest.raises(WrongNumber):
        approve(phone, other)
    assert state(asking.provider) == "wrong_number"
    with pytest.raises(NothingPending):
        approve(phone)


def test_a_wrong_pin_leaves_message_and_number(asking: CibaService, phone: Phone) -> None:
    """Decision 20: only the nonce changes."""
    asking.begin()
    before = shown(phone)
    with pytest.raises(WrongPin):
        phone.approve("9753", NUMBER)
    after = shown(phone)
    assert before | {"nonce": ""} == after | {"nonce": ""}
    approve(phone)
    assert state(asking.provider) == "approved"


def test_a_text_is_shown_and_there_is_no_number(asking: CibaService, phone: Phone) -> None:
    """Decision 29."""
    asking.begin(binding_message=MESSAGE)
    assert shown(phone)["message"] == MESSAGE
    assert shown(phone)["number"] == {"mode": "none"}
    with pytest.raises(NumberNotOffered):
        approve(phone, "42")
    approve(phone, None)
    assert state(asking.provider) == "approved"


def test_a_request_without_message_is_approved_by_pin_alone(
    asking: CibaService, phone: Phone
) -> None:
    asking.begin(binding_message=None)
    assert (shown(phone)["message"], shown(phone)["number"]) == (None, {"mode": "none"})
    approve(phone, None)
    assert state(asking.provider) == "approved"


def test_the_phone_shows_service_action_message_and_place(
    asking: CibaService, phone: Phone
) -> None:
    """Decision 29: the registered name first; a software has no browser."""
    asking.begin(binding_message=MESSAGE)
    (waiting,) = phone.pending()
    french, english = render(waiting, "fr"), render(waiting, "en")
    assert french[:2] == [
        "Service : Logiciel de cabinet",
        "Action : Se connecter depuis le logiciel",
    ]
    assert french[2] == f"Message : {MESSAGE}"
    assert french[3].startswith("Lieu : ")
    assert english[1] == "Action : Sign in from the software"
    assert not any("Navigateur" in line for line in french)


def test_the_phone_says_where_the_number_is_to_be_found(asking: CibaService, phone: Phone) -> None:
    """There is no page: the software shows it."""
    asking.begin(binding_message="42")
    (waiting,) = phone.pending()
    assert render(waiting, "fr")[-1].startswith("Choisir le nombre affiché par le logiciel : ")
    assert render(waiting, "en")[-1].startswith("Pick the number that the software shows : ")


def test_the_document_names_neither_the_request_nor_its_tokens(
    asking: CibaService, phone: Phone
) -> None:
    """Decision 18."""
    begun = asking.begin(binding_message=MESSAGE)
    assert begun["auth_req_id"] not in str(shown(phone))
    assert set(shown(phone)) == {
        "v",
        "purpose",
        "challenge_id",
        "nonce",
        "device_id",
        "client_id",
        "client_name",
        "action",
        "acr",
        "message",
        "place",
        "same_device",
        "number",
        "iat",
        "exp",
    }


def test_the_place_is_that_of_the_client(app: Flask, asking: CibaService, phone: Phone) -> None:
    """Decision 29: by the operator's table of networks."""
    networks = {"192.0.2.0/24": "Centre hospitalier"}
    object.__setattr__(asking.provider.settings, "networks", networks)
    asking.http = app.test_client()
    asking.http.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    asking.begin()
    assert shown(phone)["place"] == "Centre hospitalier"


@pytest.mark.parametrize(
    ("reason", "became"), [("cancelled", "refused"), ("unknown_trigger", "not_me")]
)
def test_the_person_may_refuse_without_pin(
    asking: CibaService, phone: Phone, reason: Any, became: str
) -> None:
    """fapi-ciba-id1-user-rejects-authentication: on the phone."""
    asking.begin()
    phone.refuse(reason)
    assert state(asking.provider) == became
    assert phone.pending() == []


def test_three_wrong_pins_end_the_request(asking: CibaService, phone: Phone) -> None:
    """Decision 19: the same counter as any sign-in."""
    asking.begin()
    for _ in range(3):
        with pytest.raises(WrongPin):
            phone.approve("9753", NUMBER)
    assert state(asking.provider) == "locked"


def test_a_request_that_lapsed_is_neither_shown_nor_approved(
    asking: CibaService, phone: Phone
) -> None:
    """Decision 8."""
    asking.begin(requested_expiry=30)
    (waiting,) = phone.pending()
    advance(asking.provider, 31)
    assert phone.pending() == []
    with pytest.raises(ChallengeClosed):
        phone.approve(PIN, NUMBER, waiting)


def test_an_approval_lasts_as_long_as_the_client_was_told(
    asking: CibaService, phone: Phone
) -> None:
    """CIBA Core 7.3: `expires_in`; a browser's approval waits for its browser instead."""
    asking.begin(requested_expiry=300)
    approve(phone)
    (challenge,) = challenges(asking.provider)
    assert (challenge.expires_at - challenge.created_at).total_seconds() == 300


def test_browser_and_software_may_ask_at_once(
    app: Flask, asking: CibaService, phone: Phone
) -> None:
    """Each is answered for itself."""
    web = ask_signin(app)
    asking.begin()
    waiting = {challenge.payload["action"]: challenge for challenge in phone.pending()}
    phone.approve(PIN, NUMBER, waiting["ciba"])
    states = {challenge.challenge_id: challenge.state for challenge in challenges(asking.provider)}
    assert states[web.challenge_id] == "pending"
    phone.approve(PIN, web.number, waiting["sign-in"])


def test_the_command_of_the_phone_asks_for_no_number(
    app: Flask, asking: CibaService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is none to match, nobody is made to type one."""
    home = phone_of(app, tmp_path).file.path.parent
    asking.begin(binding_message=MESSAGE)
    shell = partial(Shell, transport=Network(app), clock=asking.provider.clock)
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)
    arguments = ["--home", str(home), "approve", "--pin", PIN]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert f"Message : {MESSAGE}" in result.output
    assert state(asking.provider) == "approved"


class TestProtocol:
    """The provider's own checks, below the simulated phone."""

    @pytest.fixture
    def bench(self, both: Provider) -> Bench:
        return Bench(both)

    def ask(self, bench: Bench, message: str | None) -> CibaService:
        add_ciba_client(bench.provider)
        asking = CibaService(bench.app, bench.provider)
        asking.begin(binding_message=message)
        return asking

    def test_a_number_is_malformed_where_none_is_asked_and_costs_no_try(self, bench: Bench) -> None:
        phone = bench.enrol()
        self.ask(bench, MESSAGE)
        (document,) = bench.pending(phone)
        answer = bench.answer(phone, document, "42")
        assert (answer.status_code, answer.get_json()["member"]) == (400, "number")
        assert bench.challenge(document["challenge_id"]).tries == 0

    def test_no_number_is_malformed_where_one_is_asked(self, bench: Bench) -> None:
        """What approves a message does not approve a number."""
        phone = bench.enrol()
        self.ask(bench, NUMBER)
        (document,) = bench.pending(phone)
        answer = bench.answer(phone, document, None)
        assert (answer.status_code, answer.get_json()["member"]) == (400, "number")
        assert bench.challenge(document["challenge_id"]).state == "pending"

    def test_null_is_what_is_signed_where_there_is_no_number(self, bench: Bench) -> None:
        phone = bench.enrol()
        self.ask(bench, None)
        (document,) = bench.pending(phone)
        assert bench.answer(phone, document, None).status_code == 200
        assert bench.challenge(document["challenge_id"]).state == "approved"

    def test_the_message_is_part_of_what_is_signed(self, bench: Bench) -> None:
        """Decision 18: another message was approved, another document."""
        phone = bench.enrol()
        self.ask(bench, MESSAGE)
        (document,) = bench.pending(phone)
        answer = bench.answer(phone, document | {"message": "autre chose"}, None)
        assert (answer.status_code, answer.get_json()["code"]) == (409, "nonce_stale")

    def test_another_phone_does_not_answer(self, bench: Bench) -> None:
        bench.enrol()
        other = bench.enrol("899700990023")
        self.ask(bench, None)
        document = bench.challenge(bench.last_challenge_id())
        asked = document.document | {"nonce": document.nonce, "device_id": other.device_id}
        assert bench.answer(other, asked, None).status_code == 409
        assert bench.pending(other) == []

    def test_a_push_is_of_use_as_long_as_the_request(self, bench: Bench) -> None:
        bench.enrol(
            push={
                "endpoint": "http://127.0.0.1:8002/push",
                "keys": {
                    "p256dh": encode_base64url(b"\x04" + bytes(64)),
                    "auth": encode_base64url(bytes(16)),
                },
            }
        )
        self.ask(bench, None)
        (message,) = bench.messages("push")
        asked = bench.challenge(bench.last_challenge_id())
        assert message.expires_at == asked.expires_at
