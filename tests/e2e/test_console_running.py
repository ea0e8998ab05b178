"""The console's pages of what runs: messages, events, journal, keys, settings, sessions, clock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Open
from tests.e2e.console import Console
from tests.e2e.demonstration import PERSON, running_demonstration

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """With a phone that holds an e-CPS; its journal is sealed fast."""
    folder: Path = tmp_path_factory.mktemp("console-running")
    quick: dict[str, Any] = {"journal_seal_delay": 0, "console_feed_interval": 0.3}
    with running_demonstration(folder, services=0, options=("--console",), **quick) as running:
        running.provider.command("audit", "seal")
        yield Console(running.provider)


def test_messages_are_read_as_their_addressees_get_them(
    console: Console, open_browser: Open
) -> None:
    """The QR code of a mail is a picture that can be dragged to the phone on screen."""
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Messages envoyés").click()
    onlooker.check("console-outbox")
    page.get_by_label("Nature").select_option("Courriel")
    page.get_by_role("button", name="Filtrer").click()
    page.locator("tbody a").last.click()
    picture = page.get_by_alt_text("QR code de ce courriel")
    expect(picture).to_have_attribute("draggable", "true")
    assert picture.evaluate("(image) => image.naturalWidth") > 100
    onlooker.check("console-message-mail")
    page.goto(f"{page.url}?lang=en")
    onlooker.check("console-message-english")
    page.goto(f"{console.url}/messages?nature=sms&lang=fr")
    page.locator("tbody a").last.click()
    expect(page.locator("pre")).to_contain_text("est votre code")
    onlooker.check("console-message-sms")
    page.goto(f"{console.url}/messages?etat=failed")
    onlooker.check("console-outbox-none")


def test_new_events_come_by_themselves_unless_they_are_suspended(
    console: Console, open_browser: Open
) -> None:
    """Decision 38; RGAA 13.8."""
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Événements").click()
    expect(page.get_by_role("log")).to_be_visible()
    newest = int(page.locator("#rows tr").first.get_attribute("data-seq") or "")
    console.provider.move_clock(1)
    first = page.locator("#rows tr").first
    expect(first).to_contain_text("store:clock:moved")
    assert int(first.get_attribute("data-seq") or "") == newest + 1
    onlooker.check("console-events")
    page.get_by_role("button", name="Suspendre les nouveautés").click()
    expect(page.locator("#feed-state")).to_have_text("Les nouveautés sont suspendues.")
    onlooker.check("console-events-paused")
    console.provider.command("key", "rotate", "tokens-es256")
    page.get_by_role("button", name="Suspendre les nouveautés").click()
    expect(page.locator("#rows tr").first).to_contain_text("keys:key:rotated")
    seqs = page.locator("#rows tr").evaluate_all("(rows) => rows.map((row) => row.dataset.seq)")
    assert len(seqs) == len(set(seqs))
    page.locator("#rows tr", has_text="devices:device:activated").locator("a").click()
    onlooker.check("console-event")
    page.goto(f"{console.url}/evenements?personne={PERSON}&resultat=failure")
    onlooker.check("console-events-none")
    page.goto(f"{console.url}/evenements?lang=en")
    onlooker.check("console-events-english")


def test_the_journal_is_verified_and_its_heads_are_taken_away(
    console: Console, open_browser: Open
) -> None:
    """Decision 39."""
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Journal", exact=True).click()
    onlooker.check("console-journal")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger les têtes").click()
    head = Path(download.value.path()).read_text("ascii").splitlines()[0]
    page.get_by_label("Tête gardée ailleurs").fill(head)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("status")).to_contain_text("Rien n’a été changé")
    onlooker.check("console-journal-whole")
    page.get_by_label("Tête gardée ailleurs").fill(head[:-9])
    page.get_by_role("button", name="Vérifier").click()
    expect(page.locator("#problems li")).to_contain_text("the kept head")
    onlooker.check("console-journal-broken")
    page.get_by_label("Au segment").fill("9999")
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_label("Au segment")).to_have_attribute("aria-invalid", "true")
    onlooker.check("console-journal-error")
    page.goto(f"{console.url}/journal/segment/1")
    onlooker.check("console-segment")
    page.goto(f"{console.url}/journal?lang=en")
    onlooker.check("console-journal-english")


def test_a_key_is_renewed_once(console: Console, open_browser: Open) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Clés de signature").click()
    onlooker.check("console-keys")
    page.goto(f"{console.url}/cles/vapid/renouvellement")
    again = page.url
    onlooker.check("console-rotation")
    page.get_by_role("button", name="Renouveler").click()
    renewed = page.get_by_role("region", name="Notifications des téléphones")
    expect(renewed.get_by_text("suivante", exact=True)).to_be_visible()
    onlooker.check("console-keys-renewed")
    page.goto(again)
    page.get_by_role("button", name="Renouveler").click()
    expect(page.get_by_role("alert")).to_contain_text("Une clé suivante est déjà publiée")
    onlooker.check("console-rotation-refused")
    page.goto(f"{console.url}/cles?lang=en")
    onlooker.check("console-keys-english")


def test_settings_are_found_and_linked_to(console: Console, open_browser: Open) -> None:
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Paramètres").click()
    onlooker.check("console-settings")
    page.goto(f"{console.url}/parametres#master_key")
    expect(page.locator("#master_key")).to_be_in_viewport()
    page.goto(f"{console.url}/parametres?q=rien-de-tel")
    onlooker.check("console-settings-none")
    page.goto(f"{console.url}/parametres?q=console&lang=en")
    onlooker.check("console-settings-english")


def test_the_clock_is_moved_and_time_is_over_for_what_was_open(
    console: Console, open_browser: Open
) -> None:
    """Decision 5. Without scripts; the operator's own session is over as well."""
    page, onlooker = open_browser(java_script_enabled=False)
    console.enter(page)
    page.get_by_role("link", name="Sessions ouvertes").click()
    expect(page.get_by_text("Aucune session n’est ouverte.")).to_be_visible()
    page.get_by_role("link", name="Événements").click()
    page.get_by_role("link", name="Actualiser").click()
    expect(page.get_by_role("button", name="Suspendre les nouveautés")).to_have_count(0)
    page.get_by_role("link", name="Horloge").click()
    page.get_by_role("button", name="Avancer l’horloge").click()
    expect(page.get_by_text("Choisissez de combien avancer")).to_be_visible()
    page.get_by_label("10 minutes").check()
    page.get_by_role("button", name="Avancer l’horloge").click()
    expect(page.get_by_role("status")).to_contain_text("Fait : Avancer l’horloge")
    expect(page.locator("#offset")).to_contain_text("en avance de 10 minutes")
    onlooker.check_silence()

    seen, watcher = open_browser()
    console.enter(seen)
    seen.goto(f"{console.url}/horloge")
    watcher.check("console-clock")
    seen.get_by_role("button", name="Avancer l’horloge").click()
    watcher.check("console-clock-error")
    seen.goto(f"{console.url}/horloge?lang=en")
    watcher.check("console-clock-english")
    seen.goto(f"{console.url}/sessions?lang=fr")
    watcher.check("console-sessions-none")
    seen.goto(f"{console.url}/horloge")
    seen.get_by_label("1 jour").check()
    seen.get_by_role("button", name="Avancer l’horloge").click()
    expect(seen.locator("h1")).to_have_text("Entrer dans la console")


def test_a_team_reads_what_its_service_does_wrong(console: Console, open_browser: Open) -> None:
    """Step by step, with what to do and where the rule stands; fit for print."""
    page, onlooker = open_browser()
    console.enter(page)
    page.get_by_role("link", name="Intégration", exact=True).click()
    onlooker.check("console-checklists-none")
    asked = {"client_id": "logiciel-de-cabinet", "scope": "openid", "state": "42"}
    for path in ("/auth", "/auth/realms/esante-wallet/protocol/openid-connect/token"):
        address = console.provider.base_url + path
        httpx.get(address, params=asked | {"client_secret": "s3cret"}, trust_env=False)
    page.reload()
    onlooker.check("console-checklists")
    page.get_by_role("link", name="logiciel-de-cabinet").click()
    expect(page.get_by_role("alert")).to_contain_text("refuserait ce service")
    expect(page.locator("#client_secret_in_url dd").nth(2)).to_contain_text(
        "l’en-tête Authorization"
    )
    expect(page.locator("main")).not_to_contain_text("s3cret")
    onlooker.check("console-checklist")
    page.locator("ol a", has_text="acr_values_missing").click()
    expect(page.locator("#acr_values_missing")).to_be_in_viewport()
    page.emulate_media(media="print")
    expect(page.locator("nav.sections")).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto(f"{console.url}/integration/service/logiciel-de-cabinet?lang=en")
    onlooker.check("console-checklist-english")
