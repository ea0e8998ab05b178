"""The second channel of the demonstration: a phone paired by card and QR, then the card itself."""

import re
from collections.abc import Callable
from urllib.parse import urljoin

from idp.cli.demo_browser import Page
from idp.cli.demo_stage import StepFailed, Walk

CARD_HOLDER = "899700990023"
CARD_NUMBER = "9700000002"
PIN = "7305"
_PICTURE = re.compile(r"data:image/png;base64,(.+)")


def make_card(walk: Walk) -> None:
    """Make the card, and read the letter that brings its code."""
    walk.make_card(CARD_NUMBER)
    letter = walk.message("letter", holding="code")
    code = walk.card_code = letter["code"]
    walk.tell(f"A card is made, and posted. Its code comes in a letter of its own: {code}.")
    walk.reader.do("card-insert", card=CARD_NUMBER)
    walk.reader.do("card-code", code=code)
    walk.tell("The practitioner inserts the card into the reader and types the code.")


def enter_portal(walk: Walk) -> None:
    """Sign in to the portal with the card."""
    walk.page = walk.browser.visit(f"{walk.provider}/portail/e-cps")
    show_card(walk, walk.at(f"{walk.provider}/signin/", "the sign-in page"))
    page = walk.at(f"{walk.provider}/portail/", "the portal")
    walk.tell(f"The card signed the TLS handshake; the portal says “{page.heading}”.")


def scan_portal(walk: Walk) -> None:
    """Scan the QR of the portal with a second phone."""
    page = walk.at(f"{walk.provider}/portail/", "the portal")
    form = next((form for form in page.forms if form.action.endswith("/qr")), None)
    if form is None:
        raise StepFailed(f"the portal offers no QR: {page.heading}")
    walk.page = walk.browser.submit(page, form)
    picture = next(filter(None, map(_PICTURE.fullmatch, walk.page.pictures)), None)
    if picture is None:
        raise StepFailed(f"no QR is shown: {walk.page.heading}")
    shown = walk.new_phone.do("pair", idp=walk.provider, png=picture[1])
    code = shown["code"]
    walk.tell(f"A second phone scans the QR, proves its new key, and shows the code {code}.")
    walk.page = walk.browser.visit(f"{walk.provider}/portail/e-cps")
    page = walk.at(f"{walk.provider}/portail/", "the portal")
    form = page.form_with("code")
    if form is None:
        raise StepFailed(f"the portal asks for no code: {page.heading}")
    walk.page = walk.browser.submit(page, form, code=code)
    walk.tell(f"The practitioner types it on the portal: “{walk.page.heading}”.")


def choose_pin(walk: Walk) -> None:
    """Choose the PIN: only now is the phone active."""
    if walk.new_phone.do("pairing")["state"] != "confirmed":
        raise StepFailed("the portal did not confirm the phone")
    identity = walk.new_phone.do("pin", pin=PIN)
    walk.page = walk.browser.visit(f"{walk.provider}/portail/e-cps")
    page = walk.at(f"{walk.provider}/portail/", "the portal")
    walk.tell(f"The e-CPS of {identity['display_name']} is active; the portal: “{page.heading}”.")


def sign_in_by_card(walk: Walk) -> None:
    """Sign in to the service with the card."""
    walk.page = walk.browser.visit(f"{walk.service}/login")
    page = walk.at(walk.provider, "the provider")
    form = next((form for form in page.forms if form.action.endswith("/confirm")), None)
    if form is None:
        raise StepFailed(f"single sign-on asks for no confirmation: {page.heading}")
    walk.page = walk.browser.submit(page, form, answer="confirm")
    page = walk.at(walk.service, "the service")
    if '"authMode": "CARD"' not in page.texts.get("userinfo", ""):
        raise StepFailed(f"userinfo does not tell of the card: {page.texts.get('userinfo')}")
    walk.tell(f"Single sign-on into the service: “{page.texts['signed-in']}”, by card.")


def remove_card(walk: Walk) -> None:
    """Take the card out: it opens nothing any more."""
    walk.reader.do("card-remove")
    if walk.reader.look("card-status")["open"]:
        raise StepFailed("the card is still open")
    walk.tell("The card is out of the reader, and locked.")


def show_card(walk: Walk, page: Page) -> None:
    """Choose the simulated reader on the sign-in page; it sends the browser back."""
    tab = next((link for link in page.links if "moyen=carte" in link), None)
    if tab is not None:
        page = walk.browser.visit(urljoin(page.url, tab))
    form = next((form for form in page.forms if form.action.endswith("/card")), None)
    if form is None:
        raise StepFailed(f"the sign-in page offers no card: {page.heading}")
    reader = walk.browser.submit(page, form, reader="1").url
    if not reader.startswith(f"{walk.reader.url}/reader?h="):
        raise StepFailed(f"the sign-in page offers no card reader, but leads to {reader}")
    handle = reader.partition("?h=")[2]
    walk.page = walk.browser.visit(walk.reader.do("card-sign-in", handle=handle)["redirect"])


STEPS: list[tuple[str, Callable[[Walk], None]]] = [
    ("card: made, posted, inserted", make_card),
    ("card: sign in to the portal", enter_portal),
    ("pair: QR on the portal, code on the phone", scan_portal),
    ("pair: PIN", choose_pin),
    ("card: into the service", sign_in_by_card),
]
"""What is done with a card, which stays in the reader."""
END: list[tuple[str, Callable[[Walk], None]]] = [("card: removed", remove_card)]
