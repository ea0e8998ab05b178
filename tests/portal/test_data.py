"""My data: every table that names a person is told of, and the export holds no secret."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.directory.contacts import declare_contact
from idp.portal.holdings import HOLDINGS, in_words
from idp.provider import Provider
from idp.store.models import Base, Device
from tests.cards.helpers import issued_card
from tests.portal.helpers import ACCOUNT, PERSON, SOMEBODY_ELSE, Visit, to
from tests.signin.helpers import all_of, events, post, token_in, wait
from tests.wallet.helpers import enrol

DATA = "/portail/donnees"
EXPORT = "/portail/donnees/export"
_NAMES_A_PERSON = {"national_id", "person", "holder", "recipient"}
MOBILE, EMAIL = "+33612345678", "camille.exemple@courriel.test"


def exported(visit: Visit) -> dict[str, Any]:
    visit.sign_in(EXPORT)
    return taken(visit)


def plain(text: str) -> str:
    """Without the spaces that keep a figure and its unit on one line."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def taken(visit: Visit) -> dict[str, Any]:
    sent = post(visit.browser, EXPORT)
    assert sent.status_code == 200
    document: dict[str, Any] = json.loads(sent.data)
    return document


def test_every_table_that_names_a_person_is_told_of() -> None:
    """RGPD, article 15: a table that is added must say what it holds, from where, how long."""
    naming = {
        table.name
        for table in Base.metadata.tables.values()
        if _NAMES_A_PERSON & {column.name for column in table.columns}
    }
    told = [table for holding in HOLDINGS for table in holding.tables]
    assert naming == set(told)
    assert len(told) == len(set(told))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(90, "90 secondes"), (60, "1 minute"), (4 * 3600, "4 heures"), (365 * 86400, "365 jours")],
)
def test_a_duration_is_told_exactly(app: Flask, seconds: int, words: str) -> None:
    with app.test_request_context("/"):
        assert plain(in_words(timedelta(seconds=seconds))) == words


def test_the_page_tells_the_figures_in_force(visit: Visit, provider: Provider) -> None:
    page = plain(visit.sign_in(DATA).text)
    assert "365 jours" in page
    assert "4 heures au plus après" in page
    assert "7 jours après l’envoi" in page


def test_contacts_are_masked_on_the_page_and_in_the_export(
    app: Flask, visit: Visit, provider: Provider
) -> None:
    """EC-02: who sits at an open session does not learn where the codes go."""
    with provider.store.begin() as db:
        declare_contact(provider, db, PERSON, MOBILE, EMAIL)
    page = visit.sign_in(DATA).text
    document = json.dumps(taken(visit))
    for text in (page, document):
        assert MOBILE not in text
        assert EMAIL not in text
        assert "** ** ** 78" in text
        assert "c***@courriel.test" in text


def test_the_export_demands_a_recent_sign_in(visit: Visit, provider: Provider) -> None:
    visit.sign_in(ACCOUNT)
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    wait(provider, minutes=15, seconds=1)
    assert to(visit.browser.get(EXPORT)) == "/portail/connexion?pour=export"
    sent = visit.browser.post(EXPORT, data={"csrf_token": token})
    assert to(sent) == "/portail/connexion?pour=export"
    assert "portal:data:exported" not in events(provider)


def test_the_export_is_a_file_and_is_noted(visit: Visit, provider: Provider) -> None:
    visit.sign_in(EXPORT)
    sent = post(visit.browser, EXPORT)
    assert sent.headers["Content-Disposition"].startswith("attachment;")
    assert sent.headers["Cache-Control"] == "no-store"
    assert "portal:data:exported" in events(provider)


def test_the_export_holds_what_is_theirs(
    app: Flask, visit: Visit, provider: Provider, tmp_path: Path
) -> None:
    enrol(app, tmp_path / "mine", PERSON)
    enrol(app, tmp_path / "theirs", SOMEBODY_ELSE)
    others = issued_card(provider, SOMEBODY_ELSE)
    document = exported(visit)
    assert document["identity"]["national_id"] == PERSON
    assert [phone["state"] for phone in document["phones"]] == ["active"]
    assert visit.card.card_number in {card["number"] for card in document["cards"]}
    assert document["sessions"]
    assert document["history"]["complete"] is True
    assert {"at", "event", "text"} <= set(document["history"]["events"][0])
    text = json.dumps(document)
    assert SOMEBODY_ELSE not in text
    assert others.card_number not in text


def test_the_export_holds_no_secret_key_digest_or_address(
    app: Flask, visit: Visit, provider: Provider, tmp_path: Path
) -> None:
    enrol(app, tmp_path / "mine", PERSON)
    text = json.dumps(exported(visit))
    (device,) = all_of(provider, Device)
    secrets = [device.device_thumbprint, device.credential_id, device.device_jwk["x"]]
    digests = [device.roll_hash, device.revocation_hash, device.pin_key_sealed]
    for known in (*secrets, *(digest.hex() for digest in digests if digest), "127.0.0.1"):
        assert known not in text


def test_a_history_that_is_cut_says_so(visit: Visit, provider: Provider) -> None:
    cut = provider.settings.model_copy(update={"portal_export_events": 2})
    object.__setattr__(provider, "settings", cut)
    history = exported(visit)["history"]
    assert history["complete"] is False
    assert len(history["events"]) == 2
