"""What ends a security key, and what leaves it alone."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.cards.opposition import oppose
from idp.devices.lifecycle import revoke_device
from idp.holders import close_person, follow_directory, reopen_person
from idp.provider import Provider
from idp.store.holders import strike_off
from idp.store.holdings import phones_of_holders
from tests.cards.helpers import IssuedCard
from tests.conftest import BASE_URL
from tests.portal.helpers import CARDS
from tests.portal.test_revocation import revoke
from tests.security_keys.helpers import KEYS, NAME, Practitioner, error_in, sign_in
from tests.signin.helpers import add_client, events, live_sessions, token_in, wait
from tests.wallet.helpers import (
    PERSON,
    PIN,
    ask_signin,
    enrol,
    mailed_qr,
    new_phone,
    outbox,
    sms_code,
    stolen,
)
from wallet_sim.errors import CloneSuspected

SUSPENDED = "est suspendue"


def test_a_removal_wants_a_confirmation_of_this_very_page(holder: Practitioner) -> None:
    """RGAA 11.12: the page asks; only its form removes."""
    page = f"{KEYS}/{holder.only_key().credential_id}/suppression"
    assert "définitive" in holder.browser.get(page).text
    assert holder.browser.post(page).status_code == 403
    assert holder.only_key().state == "active"


def test_a_removed_key_is_gone_with_its_sessions_and_its_holder_is_told(
    app: Flask, holder: Practitioner
) -> None:
    sign_in(app).by(holder.key)
    assert "refusée partout" in holder.remove().text
    key = holder.only_key()
    assert (key.state, key.state_reason) == ("removed", "holder")
    assert NAME not in holder.browser.get(KEYS).text
    assert [session.credential_id for session in live_sessions(holder.provider)] == [None]
    assert "securitykeys:key:removed" in events(holder.provider)
    subjects = [message["payload"].get("subject", "") for message in outbox(app, PERSON)]
    assert sum("une clé de sécurité est supprimée" in subject for subject in subjects) == 1


def test_a_removal_in_the_keys_own_session_is_still_confirmed(holder: Practitioner) -> None:
    """The session ends with the key that stepped it up; the page says what was done."""
    page = holder.step_up_by_key()
    assert page.status_code == 303
    assert "refusée partout" in holder.remove().text
    assert live_sessions(holder.provider) == []


def test_a_key_is_called_as_its_holder_likes(holder: Practitioner) -> None:
    page = f"{KEYS}/{holder.only_key().credential_id}/nom"
    token = token_in(holder.browser.get(page))
    refused = holder.browser.post(page, data={"csrf_token": token, "name": "  "})
    assert refused.status_code == 400
    assert "Donnez un nom" in refused.text
    long = {"csrf_token": token, "name": "Clé\u202e " + "x" * 200}
    assert holder.browser.post(page, data=long).status_code == 303
    name = holder.only_key().name
    assert name.startswith("Clé xxx")
    assert len(name) == holder.provider.settings.security_key_name_length
    assert "securitykeys:key:renamed" in events(holder.provider)


def test_a_key_falls_with_the_lost_card_that_vouched_for_it(
    app: Flask, person: Practitioner, card: IssuedCard
) -> None:
    """Decision 32: since the declared loss."""
    person.enter_by_card(card)
    person.register()
    oppose_card(person.provider, card, since=timedelta(minutes=5))
    key = person.only_key()
    assert (key.state, key.state_reason) == ("suspended", "card-opposed")
    assert SUSPENDED in error_in(sign_in(app).by(person.key))
    texts = [str(message["payload"]) for message in outbox(app, PERSON)]
    assert any("peut-être plus entre vos mains" in text for text in texts)


def test_a_key_older_than_the_loss_stays(
    app: Flask, person: Practitioner, card: IssuedCard
) -> None:
    """Decision 32: what the card did in its holder's hands holds."""
    person.enter_by_card(card)
    person.register()
    wait(person.provider, hours=2)
    oppose_card(person.provider, card, since=timedelta(hours=1))
    assert sign_in(app).by(person.key).status_code == 303


def test_a_key_vouched_for_by_something_else_stays(
    app: Flask, holder: Practitioner, card: IssuedCard
) -> None:
    oppose_card(holder.provider, card, since=timedelta(hours=1))
    assert sign_in(app).by(holder.key).status_code == 303


def test_a_key_falls_with_either_of_what_was_used_in_its_session(
    app: Flask, person: Practitioner, card: IssuedCard
) -> None:
    """A thief of the card could have stepped up the session of the phone."""
    person.enter_by_card(card, CARDS)
    add_client(person.provider, "phones", means=["MOBILE"])
    person.step_up_by_phone("phones")
    person.register()
    assert person.only_key().vouched_by["card_number"] == card.card_number
    assert person.only_key().vouched_by["device_id"]
    oppose_card(person.provider, card, since=timedelta(minutes=5))
    assert person.only_key().state == "suspended"


def test_a_key_falls_with_the_lost_phone_that_vouched_for_it(
    app: Flask, provider: Provider, browser: FlaskClient, tmp_path: Path
) -> None:
    """Revoked by its code: who has phone and PIN may have registered a key meanwhile."""
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    code = phone.choose_pin(PIN).revocation_code
    person = Practitioner(browser, provider, phone)
    person.enter_by_phone()
    person.register()
    assert revoke(app.test_client(), code).status_code == 200
    assert (person.only_key().state, person.only_key().state_reason) == ("suspended", "phone-lost")


def test_a_key_falls_with_the_copied_phone_that_vouched_for_it(
    app: Flask, person: Practitioner, tmp_path: Path
) -> None:
    """Attack 19."""
    person.enter_by_phone()
    copy = stolen(app, tmp_path / "copy", person.phone.file.path.read_bytes())
    person.register()
    person.phone.approve(PIN, ask_signin(app).number)
    with pytest.raises(CloneSuspected):
        copy.approve(PIN, ask_signin(app).number)
    key = person.only_key()
    assert (key.state, key.state_reason) == ("suspended", "phone-suspended")


def test_a_phone_replaced_in_good_order_leaves_the_key_alone(
    app: Flask, holder: Practitioner, tmp_path: Path
) -> None:
    """Decision 16: the old phone is revoked when the new one is active; it was in its hands."""
    enrol(app, tmp_path / "new", PERSON, "1379")
    assert sign_in(app).by(holder.key).status_code == 303


@pytest.mark.parametrize("reason", ["deleted", "administrator", "replaced"])
def test_a_phone_that_is_not_lost_leaves_the_key_alone(
    app: Flask, holder: Practitioner, reason: str
) -> None:
    with holder.provider.store.begin() as db:
        (device,) = phones_of_holders(db, [PERSON])
        assert revoke_device(holder.provider, db, device, reason)
    assert sign_in(app).by(holder.key).status_code == 303


def test_who_is_struck_off_loses_the_key_and_gets_it_back_by_nothing(
    app: Flask, holder: Practitioner
) -> None:
    """EC-01; `reopen` revives nothing: another key is registered."""
    with holder.provider.store.begin() as db:
        assert close_person(holder.provider, db, PERSON, "radiation", actor="operator").keys == 1
    with holder.provider.store.begin() as db:
        assert reopen_person(holder.provider, db, PERSON, actor="operator")
    assert holder.only_key().state == "removed"
    assert "n’est pas reconnue" in error_in(sign_in(app).by(holder.key))


def test_who_left_with_nothing_but_a_key_loses_it_too(holder: Practitioner) -> None:
    """EC-01: following the directory finds whoever holds a key, without phone or session."""
    holder.phone.delete()
    provider = holder.provider
    with provider.store.begin() as db:
        strike_off(db, PERSON, now=provider.clock.now())
    assert live_sessions(provider) == []
    assert follow_directory(provider).people_closed == 1
    assert (holder.only_key().state, holder.only_key().state_reason) == ("removed", "struck-off")
    assert follow_directory(provider).people_closed == 0


def test_a_suspended_key_is_shown_with_its_reason_and_can_only_be_removed(
    app: Flask, holder: Practitioner
) -> None:
    copied = holder.key.copy()
    sign_in(app).by(holder.key)
    sign_in(app).by(copied)
    page = holder.browser.get(KEYS).text
    assert "suspendue" in page
    assert "Une copie de cette clé" in page
    assert "/nom" not in page
    assert "refusée partout" in holder.remove().text


def oppose_card(provider: Provider, card: IssuedCard, *, since: timedelta) -> None:
    lost = provider.clock.now() - since
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="perte", lost_since=lost)
