"""What people are written is French and English at once: the reader is not the requester."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import UndefinedError

from idp.devices.lifecycle import suspend_device
from idp.directory.contacts import declare_contact
from idp.outbox.reading import read_outbox
from idp.outbox.texts import compose_notice
from idp.provider import Provider
from idp.resources import TEMPLATES
from idp.store.devices import active_devices
from tests.architecture.imports import modules
from tests.wallet.helpers import PERSON, enrol

NOTICES = sorted(path.stem for path in (TEMPLATES / "mail" / "notices").glob("*.txt"))
_LONGEST_SMS = 306  # two joined messages


def test_no_words_of_a_message_follow_the_language_of_a_request() -> None:
    """Whoever enrols or signs in may be a stranger, in another language."""
    # Queueing once more what was written writes nothing.
    writers = [
        module.name
        for module in modules("idp")
        if module.imports_from("idp.outbox.queue", "idp.devices.notices.tell_contacts")
        - {"idp.outbox.queue.send_again"}
    ]
    translating = {
        module.name for module in modules("idp") if module.imports_from("flask_babel.gettext")
    }
    assert writers
    # The enrolment's views and errors translate; what writes messages does not.
    assert translating.isdisjoint(writers)


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_is_french_then_english_with_a_subject_and_an_sms(
    provider: Provider, name: str
) -> None:
    notice = compose_notice(
        provider.settings,
        name,
        phone="Mon téléphone",
        date="1er janvier",
        card="9799000001",
        key="Ma clé",
    )
    french, _, english = notice.mail.partition("\n--\n")
    assert french.startswith("Bonjour,")
    assert english.strip().startswith("Hello,")
    assert provider.settings.support_contact in french
    assert provider.settings.service_name in notice.subject
    assert "\n" not in notice.subject
    assert " / " in notice.sms
    assert "\n" not in notice.sms
    assert len(notice.sms) <= _LONGEST_SMS
    assert "{" not in notice.mail + notice.sms


def test_a_notice_with_a_word_missing_is_no_notice(provider: Provider) -> None:
    with pytest.raises(UndefinedError):
        compose_notice(provider.settings, "activated")


def test_every_notice_is_written_by_somebody() -> None:
    told = {
        node.value
        for module in modules("idp")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(NOTICES) - told == set()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_suspension_is_told_alike_whatever_the_requester_speaks(
    app: Flask, provider: Provider, tmp_path: Path, language: str
) -> None:
    """Decisions 16 and 26."""
    enrol(app, tmp_path / "phone")
    with (
        app.test_request_context(headers={"Accept-Language": language}),
        provider.store.begin() as db,
    ):
        (device,) = active_devices(db, PERSON, provider.clock.now())
        suspend_device(provider, db, device, "counter")
    mail = [m["payload"] for m in read_outbox(provider, recipients=None) if m["kind"] == "mail"]
    expected = compose_notice(provider.settings, "suspended")
    assert (mail[-1]["subject"], mail[-1]["text"]) == (expected.subject, expected.mail)


def test_a_command_writes_too_where_there_is_no_request(
    provider: Provider, browser: FlaskClient
) -> None:
    """Decision 26."""
    with provider.store.begin() as db:
        declare_contact(provider, db, PERSON, "0639980088", None)
    texts = [m["payload"]["text"] for m in read_outbox(provider, recipients=None)]
    assert any("Bonjour," in text and "Hello," in text for text in texts)
    assert any(text.startswith(provider.settings.service_name) for text in texts)
