"""The end of a phone: announced, and final for all it had approved (attack 41, EC-27)."""

from datetime import timedelta

from idp.challenges.outcome import finish
from idp.devices.lifecycle import remind, revoke_device, suspend_device
from tests.devices.helpers import Bench
from tests.devices.phone_driver import Driver


def approved(bench: Bench) -> tuple[Driver, str]:
    """A sign-in approved, whose browser has not finished yet."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    assert bench.answer(phone, document, str(challenge.number)).status_code == 200
    return phone, challenge.challenge_id


def finished(bench: Bench, challenge_id: str) -> bool:
    with bench.provider.store.begin() as db:
        return finish(db, challenge_id, completion=None, now=bench.provider.clock.now()) is not None


def test_an_approval_of_a_revoked_phone_is_not_finished(bench: Bench) -> None:
    """The owner of a stolen phone revokes it: what the thief approved a moment ago dies too."""
    phone, challenge_id = approved(bench)
    with bench.provider.store.begin() as db:
        assert revoke_device(bench.provider, db, bench.device(phone), "lost")
    assert not finished(bench, challenge_id)


def test_an_approval_of_a_phone_suspended_as_a_copy_is_not_finished(bench: Bench) -> None:
    phone, challenge_id = approved(bench)
    with bench.provider.store.begin() as db:
        assert suspend_device(bench.provider, db, bench.device(phone), "stale-roll")
    assert not finished(bench, challenge_id)


def test_an_approval_of_a_phone_that_was_replaced_is_not_finished(bench: Bench) -> None:
    _, challenge_id = approved(bench)
    bench.enrol()
    assert not finished(bench, challenge_id)


def test_the_end_of_one_phone_leaves_the_sign_ins_of_others(bench: Bench) -> None:
    phone = bench.enrol("899700990023")
    _, challenge_id = approved(bench)
    with bench.provider.store.begin() as db:
        revoke_device(bench.provider, db, bench.device(phone), "lost")
    assert finished(bench, challenge_id)


def test_a_question_that_the_old_phone_left_open_ends_for_its_browser(bench: Bench) -> None:
    """Nobody could answer it any more: better told at once than waited for."""
    phone = bench.enrol()
    challenge = bench.start()
    document = bench.pending(phone)[0]
    assert bench.answer(phone, document, str(challenge.number), pin="111111").status_code == 403
    new = bench.enrol()
    assert bench.challenge(challenge.challenge_id).state == "cancelled"
    assert bench.sign_in(new).status_code == 200


def reminded(bench: Bench) -> int:
    with bench.provider.store.begin() as db:
        return remind(bench.provider, db)


def test_a_person_is_reminded_a_month_and_a_week_before_the_end_once_each(bench: Bench) -> None:
    """EC-27."""
    bench.enrol()
    bench.advance(bench.provider.settings.device_lifetime - timedelta(days=31))
    assert reminded(bench) == 0
    told = len(bench.messages("mail"))
    bench.advance(timedelta(days=2))
    assert (reminded(bench), reminded(bench)) == (1, 0)
    bench.advance(timedelta(days=23))
    assert (reminded(bench), reminded(bench)) == (1, 0)
    assert len(bench.messages("mail")) == told + 2


def test_reminders_that_were_missed_are_not_made_up_for(bench: Bench) -> None:
    """A worker that stood still for weeks writes once."""
    bench.enrol()
    bench.advance(bench.provider.settings.device_lifetime - timedelta(days=2))
    assert (reminded(bench), reminded(bench)) == (1, 0)


def test_nobody_is_reminded_of_a_phone_that_ended(bench: Bench) -> None:
    phone = bench.enrol()
    bench.advance(bench.provider.settings.device_lifetime - timedelta(days=5))
    with bench.provider.store.begin() as db:
        revoke_device(bench.provider, db, bench.device(phone), "lost")
    assert reminded(bench) == 0
