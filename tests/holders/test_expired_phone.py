"""An e-CPS that reached its end: reminders before; then deleted, and activated again (EC-27)."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from idp.store.models import BrowserSession, Device, Grant
from idp.worker.jobs import recurring_jobs
from tests.cards.rows import a_grant, a_session, add, all_of
from tests.wallet.helpers import PERSON, PIN, advance, ask_signin, enrol, outbox
from wallet_sim.errors import DeviceInactive
from wallet_sim.phone import Phone

DAY = 86400


def run_jobs(provider: Provider) -> None:
    for job in recurring_jobs(provider):
        if job.name != "journal":
            job.run(provider)


def reminders(app: Flask) -> int:
    return sum(
        "Votre e-CPS expire le" in m["payload"]["text"]
        for m in outbox(app, PERSON)
        if m["kind"] == "mail"
    )


def to_the_end(provider: Provider) -> None:
    advance(provider, provider.settings.device_lifetime / timedelta(seconds=1) + 1)


def test_an_expired_phone_answers_nothing_even_before_the_job_has_seen_it(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """EC-27."""
    phone = enrol(app, tmp_path / "phone")
    to_the_end(provider)
    challenge = ask_signin(app)
    with pytest.raises(DeviceInactive) as refused:
        phone.approve(PIN, str(challenge.number))
    assert refused.value.members["state"] == "expired"
    with pytest.raises(DeviceInactive):
        phone.pending()


def test_the_sessions_of_an_expired_phone_end(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """EC-27: tokens too."""
    enrol(app, tmp_path / "phone")
    to_the_end(provider)
    (device,) = all_of(provider, Device)
    session = a_session(provider, card_number=None, device_id=device.device_id)
    add(provider, session, a_grant(provider, session))
    run_jobs(provider)
    assert [row.state for row in all_of(provider, Device)] == ["expired"]
    assert all_of(provider, BrowserSession)[0].ended_at is not None
    assert all_of(provider, Grant)[0].revoked_at is not None


def test_reminders_then_the_end_then_deleted_and_activated_again(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """EC-27, EC-21: renewal after expiry is the same procedure as the first time."""
    phone = enrol(app, tmp_path / "phone")
    life = provider.settings.device_lifetime / timedelta(seconds=1)
    written = reminders(app)
    advance(provider, life - 29 * DAY)
    run_jobs(provider)
    assert reminders(app) == written + 1
    advance(provider, 23 * DAY)
    run_jobs(provider)
    assert reminders(app) >= 1
    advance(provider, 7 * DAY)
    run_jobs(provider)
    phone.delete()
    assert phone.stage() == "empty"
    phone.close()
    again = enrol(app, tmp_path / "phone")
    challenge = ask_signin(app)
    approve(again, challenge.number)
    states = sorted(row.state for row in all_of(provider, Device))
    assert states == ["active", "expired"]


def approve(phone: Phone, number: str | None) -> None:
    phone.approve(PIN, str(number))
