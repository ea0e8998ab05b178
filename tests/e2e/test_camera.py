"""The phone's camera in a real Chromium: every way in which a person shows it a QR code."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.conftest import Open
from tests.e2e.looking import Onlooker
from tests.e2e.reader_place import Place, choose_reader, press, running_place, type_secret
from tests.wallet.cards import ACTIVE
from tests.wallet.helpers import PERSON, mailed_qr

pytestmark = pytest.mark.slow

NARROW: ViewportSize = {"width": 390, "height": 844}
# What a browser hands over when something is dropped or pasted on the page.
GIVE = """([kind, texts, file]) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(texts)) data.setData(type, text);
  if (file) {
    const bytes = Uint8Array.from(atob(file.content), (each) => each.charCodeAt(0));
    data.items.add(new File([bytes], file.name, { type: file.type }));
  }
  const options = { bubbles: true, cancelable: true };
  const event = kind === "drop"
    ? new DragEvent("drop", { ...options, dataTransfer: data })
    : new ClipboardEvent("paste", { ...options, clipboardData: data });
  document.querySelector(".viewfinder").dispatchEvent(event);
}"""
# The window that a person would choose shows this picture; the choice itself is the browser's.
SHOW = """(content) => {
  navigator.mediaDevices.getDisplayMedia = async (asked) => {
    if (!asked.video) throw new TypeError("no video was asked for");
    const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [1280, 800];
    const pen = canvas.getContext("2d");
    const paint = () => {
      pen.fillStyle = "#dde";
      pen.fillRect(0, 0, 1280, 800);
      pen.drawImage(picture, 300, 150, 320, 320);
    };
    paint();
    setInterval(paint, 50);
    return canvas.captureStream(30);
  };
}"""


@pytest.fixture
def place(sqlite_url: str, master_key: str, tmp_path: Path) -> Iterator[Place]:
    """With a card in use, and an empty phone."""
    with running_place(tmp_path, sqlite_url, master_key, ACTIVE) as running:
        yield running


def picture_of(place: Place) -> str:
    """The picture of the mail that a person gets, base64; the phone then asks for it."""
    place.phone.start_enrolment(place.base_url, PERSON)
    return base64.b64encode(mailed_qr(place.app, PERSON)).decode()


def hold(page: Page, place: Place) -> None:
    """Open the phone, which waits for the QR code of the mail."""
    page.set_viewport_size(NARROW)
    page.goto(place.reader)
    type_secret(page)
    expect(page.get_by_label("Image du QR code")).to_be_visible()


def give(page: Page, kind: str, texts: dict[str, str], file: dict[str, str] | None = None) -> None:
    expect(page.locator(".viewfinder")).to_be_visible()  # its script runs
    page.evaluate(GIVE, [kind, texts, file])


def expect_seen(page: Page) -> None:
    """The phone read the picture, and asks for the code of the SMS."""
    expect(page.get_by_label("Code reçu par SMS")).to_be_visible()


def test_what_the_camera_cannot_see_is_told_and_nothing_is_fetched(
    place: Place, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    picture_of(place)
    hold(page, place)
    onlooker.check("camera")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    told = page.locator(".viewfinder .told")
    for address in (f"{place.base_url}/qr.png", "https://images.exemple.test/qr.png"):
        give(page, "drop", {"text/html": f'<img src="{address}">', "text/uri-list": address})
        expect(told).to_contain_text("Cette image est à une autre adresse")
        onlooker.check_silence()
    for texts in ({}, {"text/plain": "bonjour"}, {"text/html": "<img src='data:text/html,x'>"}):
        give(page, "paste", texts)
        expect(told).to_contain_text("Il n’y a pas d’image à cet endroit.")
    broken = {"name": "qr.png", "type": "image/png", "content": base64.b64encode(b"x").decode()}
    give(page, "drop", {}, broken)
    expect(told).to_contain_text("n’est pas une image lisible")
    onlooker.check("camera-unreadable")
    assert {urlsplit(each).path for each in asked} <= {"/state"}
    page.goto(f"{place.reader}/?lang=en")
    expect(page.get_by_role("button", name="Aim at the screen")).to_be_visible()
    onlooker.check("camera-english")


def test_a_picture_without_a_qr_code_is_told_by_the_phone(place: Place, open_browser: Open) -> None:
    page, onlooker = open_browser()
    picture_of(place)
    hold(page, place)
    nothing = base64.b64encode(page.screenshot()).decode()
    give(page, "drop", {}, {"name": "photo.png", "type": "image/png", "content": nothing})
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Image du QR code")).to_be_visible()
    onlooker.check("camera-saw-nothing")


@pytest.mark.parametrize("way", ["file dropped", "image dragged", "image pasted", "address pasted"])
def test_the_camera_sees_what_is_dropped_or_pasted(
    place: Place, open_browser: Open, way: str
) -> None:
    page, onlooker = open_browser()
    content = picture_of(place)
    hold(page, place)
    address = f"data:image/png;base64,{content}"
    file = {"name": "qr.png", "type": "image/png", "content": content}
    match way:
        case "file dropped":
            give(page, "drop", {}, file)
        case "image dragged":
            give(page, "drop", {"text/html": f'<img alt="QR" src="{address}">'})
        case "image pasted":
            give(page, "paste", {}, file)
        case _:
            give(page, "paste", {"text/plain": address})
    expect_seen(page)
    onlooker.check_silence()


def test_the_clipboard_is_read_by_a_button(place: Place, open_browser: Open) -> None:
    """RGAA 7.3: whatever a pointer does, the keyboard does."""
    page, onlooker = open_browser(permissions=["clipboard-read", "clipboard-write"])
    content = picture_of(place)
    hold(page, place)
    copy = """async (content) => {
      const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
      const item = new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) });
      await navigator.clipboard.write([item]);
    }"""
    page.evaluate(copy, content)
    page.get_by_role("button", name="Coller l’image").focus()
    page.keyboard.press("Enter")
    expect_seen(page)
    onlooker.check_silence()


def test_the_camera_aims_at_the_screen(place: Place, open_browser: Open) -> None:
    page, onlooker = open_browser()
    content = picture_of(place)
    hold(page, place)
    page.evaluate(SHOW, content)
    page.get_by_role("button", name="Viser l’écran").click()
    expect_seen(page)
    onlooker.check_silence()


def test_a_person_may_think_better_of_aiming(place: Place, open_browser: Open) -> None:
    page, onlooker = open_browser()
    picture_of(place)
    hold(page, place)
    refuse = "() => { navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new Error()); }"
    page.evaluate(refuse)
    page.get_by_role("button", name="Viser l’écran").click()
    expect(page.locator(".viewfinder .told")).not_to_be_empty()
    onlooker.check_silence()


def test_aiming_is_allowed_where_the_camera_is_and_nowhere_else(
    place: Place, open_browser: Open
) -> None:
    page, _ = open_browser()
    picture_of(place)
    hold(page, place)
    for address, allowed in ((f"{place.reader}/", "(self)"), (f"{place.reader}/reader", "()")):
        shown = page.goto(address)
        assert shown is not None
        assert f"display-capture={allowed}" in shown.headers["permissions-policy"]


def test_the_camera_needs_no_javascript(place: Place, open_browser: Open) -> None:
    """Decision 14: a file is chosen, or the code typed."""
    page, onlooker = open_browser(java_script_enabled=False)
    content = picture_of(place)
    hold(page, place)
    assert not page.locator(".viewfinder").is_visible()
    field = page.get_by_label("Image du QR code")
    assert field.get_attribute("capture") == "environment"  # the camera of a real phone
    png: Any = {"name": "qr.png", "mimeType": "image/png", "buffer": base64.b64decode(content)}
    field.set_input_files(png)
    press(page, "Lire l’image")
    expect_seen(page)
    onlooker.check_silence()


def test_the_qr_code_of_the_portal_is_dragged_onto_the_phone(
    place: Place, open_browser: Open
) -> None:
    """Decision 33: as a person drags it, with what Chromium puts into the hand."""
    portal, watched = open_browser()
    portal.goto(f"{place.base_url}/portail/e-cps")
    choose_reader(portal)
    type_secret(portal)
    press(portal, "Insérer la carte")
    portal.locator("#code").fill(place.made.code)
    press(portal, "Se connecter avec cette carte")
    portal.wait_for_url("**/portail/**")
    portal.locator("form[action$='/qr'] button").click()
    dragged = _drag(portal, "img.qr")
    assert "data:image/png" in dragged.get("text/html", "") + dragged.get("text/uri-list", "")
    phone = portal.context.new_page()
    phone.set_viewport_size(NARROW)
    phone.goto(f"{place.reader}/activate/card")
    onlooker = Onlooker(phone)
    onlooker.check("camera-portal")
    phone.get_by_label("Fournisseur d’identité").first.fill(place.base_url)
    give(phone, "drop", dragged)
    expect(phone.locator("main")).to_contain_text("Code à saisir sur le portail")
    assert place.phone.pairing_code()
    onlooker.check_silence()
    watched.check_silence()


def _drag(page: Page, what: str) -> dict[str, str]:
    """Begin to drag with the mouse; gives what the browser carries."""
    page.evaluate("""() => document.addEventListener("dragstart", ({ dataTransfer }) => {
      const told = [...dataTransfer.types].map((type) => [type, dataTransfer.getData(type)]);
      document.body.dataset.dragged = JSON.stringify(Object.fromEntries(told));
    })""")
    box = page.locator(what).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60, steps=4)
    page.mouse.up()
    dragged: dict[str, str] = json.loads(page.evaluate("document.body.dataset.dragged"))
    return dragged
