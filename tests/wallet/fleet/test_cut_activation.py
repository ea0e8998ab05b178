"""An activation that the end of a populate cut, and whose document is of another time."""

from urllib.parse import parse_qs, urlsplit

from tests.serving.running import RunningProvider
from tests.wallet.fleet.commands import Command
from wallet_sim.dev_provider import DevProvider
from wallet_sim.fleet.rows import RowMemory
from wallet_sim.fleet.state import Holder, open_state
from wallet_sim.phone import Phone

_HOUR = 3600


def test_an_activation_whose_document_is_of_another_time_is_begun_anew(
    server: RunningProvider, command: Command
) -> None:
    command.run("populate")
    with open_state(command.state) as state:
        holder = state.holders()[0]
        server.move_clock(_HOUR)
        try:
            _cut_before_the_pin(Phone(RowMemory(state, holder), language="en"), server, holder)
        finally:
            server.move_clock(-_HOUR)
        assert holder.number in {each.number for each in state.holders(fit=False)}

    told = command.run("populate")

    assert "could not be activated" not in told.output
    with open_state(command.state) as state:
        assert state.holders(fit=False) == []


def _cut_before_the_pin(phone: Phone, server: RunningProvider, holder: Holder) -> None:
    person = holder.national_id
    dev = DevProvider(server.base_url, server.dev_secret)
    phone.delete()
    before = dev.cursor(person)
    phone.start_enrolment(server.base_url, person)
    mail = dev.wait_for(person, "mail", after=before, seconds=30)
    phone.redeem(parse_qs(urlsplit(mail.payload["qr"]).query)["t"][0])
    phone.enter_sms_code(dev.wait_for(person, "sms", after=before, seconds=30).code)
    assert phone.stage() == "pin"
    phone.close()
    dev.close()
