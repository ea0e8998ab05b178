"""The walk of the demonstration: what a practitioner does, told step by step.

The phone is driven through its own control address, the pages through a browser: every key, push,
page and token on the way is real.
"""

import base64
import json
import re
from collections.abc import Callable

from idp.cli.demo_stage import StepFailed, Walk

PERSON = "899700990015"
PIN = "4826"


def type_identifier(walk: Walk) -> None:
    """On the phone: type the national identifier."""
    walk.tell(f"The practitioner types {PERSON} on the phone, which makes its device key first.")
    walk.phone.do("start", idp=walk.provider, national_id=PERSON)


def scan_mail(walk: Walk) -> None:
    """Read the mail, and scan its QR with the phone."""
    mail = walk.message("mail")
    walk.tell(f"A mail arrives: “{mail['subject']}”. The phone decodes the QR image in it.")
    png = mail["png"]
    picture = bytes.fromhex(png) if re.fullmatch(r"[0-9a-f]+", png) else base64.b64decode(png)
    walk.phone.do("scan", png=base64.b64encode(picture).decode())


def type_sms_code(walk: Walk) -> None:
    """Read the SMS, and type its code on the phone."""
    text = walk.message("sms")["text"]
    walk.tell(f"An SMS arrives: “{text}”")
    code = re.search(r"\b\d{4,10}\b", text)
    if code is None:
        raise StepFailed("the SMS holds no code")
    walk.phone.do("code", code=code[0])


def choose_pin(walk: Walk) -> None:
    """Choose the PIN: the e-CPS becomes active."""
    identity = walk.phone.do("pin", pin=PIN)
    walk.tell(f"The PIN is chosen; the e-CPS of {identity['display_name']} is active.")
    walk.tell(f"The phone shows its revocation code once: {identity['revocation_code']}.")


def open_service(walk: Walk) -> None:
    """In a browser: open the service, which sends the person to the provider."""
    walk.page = walk.browser.visit(f"{walk.service}/login")
    page = walk.at(walk.provider, "the provider's sign-in page")
    if page.form_with("national_id") is None:
        raise StepFailed(f"no field national_id at {page.url}")
    walk.tell(f"The service sends the browser to the provider: “{page.heading}”.")


def ask_to_sign_in(walk: Walk) -> None:
    """Type the identifier; the page shows a number."""
    walk.pushes = walk.phone.look("status")["pushes"]
    page = walk.at(walk.provider, "the sign-in page")
    form = page.form_with("national_id")
    if form is None:
        raise StepFailed("the sign-in page has no form")
    walk.page = walk.browser.submit(page, form, national_id=PERSON)
    shown = walk.at(walk.provider, "the waiting page").texts.get("challenge-number", "")
    if not shown:
        raise StepFailed(f"no number is shown: {walk.page.heading}")
    walk.tell(f"The page shows the number {shown}.")


def receive_push(walk: Walk) -> None:
    """The phone receives the encrypted push, and shows the request."""
    walk.wait_for("a push", lambda: walk.phone.look("status")["pushes"] > walk.pushes)
    request = walk.wait_for(
        "a request on the phone", lambda: walk.phone.look("pending")["challenges"]
    )
    walk.tell("The phone is woken by an encrypted Web Push, and shows the signed request:")
    shown = request[0]["shown"]
    for line in shown.splitlines() if isinstance(shown, str) else shown:
        walk.tell(f"    {line}")


def approve(walk: Walk) -> None:
    """On the phone: choose the number, type the PIN."""
    page = walk.at(walk.provider, "the waiting page")
    outcome = walk.phone.do("approve", pin=PIN, number=page.texts["challenge-number"])
    if outcome["outcome"] != "approved":
        raise StepFailed(f"the provider said {outcome}")
    walk.tell("The practitioner picks that number and types the PIN: approved.")


def arrive(walk: Walk) -> None:
    """The waiting page leads back to the service, which shows who signed in."""
    waiting = walk.at(walk.provider, "the waiting page").url

    def arrived() -> bool:
        walk.page = walk.browser.visit(waiting)
        return walk.page.url.startswith(walk.service)

    walk.wait_for("the way back to the service", arrived)
    page = walk.at(walk.service, "the service")
    if PERSON not in page.texts.get("signed-in", ""):
        raise StepFailed(f"the service does not show who signed in: {page.heading}")
    walk.tell(f"The service verified the tokens: “{page.texts['signed-in']}” is signed in.")


def read_userinfo(walk: Walk) -> None:
    """What userinfo told the service."""
    claims = json.loads(walk.at(walk.service, "the service").texts["userinfo"])
    if claims.get("SubjectNameID") != PERSON:
        raise StepFailed(f"userinfo speaks of {claims.get('SubjectNameID')}")
    walk.tell(f"Userinfo gave {len(claims)} claims: {', '.join(claims)}.")


def refresh(walk: Walk) -> None:
    """Renew the tokens."""
    page = walk.at(walk.service, "the service")
    form = next((form for form in page.forms if form.action.endswith("/refresh")), None)
    if form is None:
        raise StepFailed("the service offers no renewal")
    walk.page = walk.browser.submit(page, form)
    walk.at(f"{walk.service}/", "the service with fresh tokens")
    walk.tell("The service renewed its tokens with the refresh token, and asked userinfo again.")


def log_out(walk: Walk) -> None:
    """Log out of the service and of the provider."""
    page = walk.at(walk.service, "the service")
    form = next((form for form in page.forms if form.action.endswith("/logout")), None)
    if form is None:
        raise StepFailed("the service offers no logout")
    walk.page = walk.browser.submit(page, form)
    asked = walk.page.form_with("csrf_token") if walk.page.url.startswith(walk.provider) else None
    if asked is not None:
        walk.page = walk.browser.submit(walk.page, asked)
    walk.at(f"{walk.service}/signed-out", "the service's page after a logout")
    walk.page = walk.browser.visit(f"{walk.service}/login")
    if walk.at(walk.provider, "the sign-in page").form_with("national_id") is None:
        raise StepFailed("the session at the provider survived the logout")
    walk.tell("Logged out here and at the provider: the next visit asks who signs in again.")


STEPS: list[tuple[str, Callable[[Walk], None]]] = [
    ("enrol: identifier on the phone", type_identifier),
    ("enrol: QR of the mail", scan_mail),
    ("enrol: code of the SMS", type_sms_code),
    ("enrol: PIN", choose_pin),
    ("sign in: the service asks", open_service),
    ("sign in: identifier on the page", ask_to_sign_in),
    ("sign in: push to the phone", receive_push),
    ("sign in: number and PIN on the phone", approve),
    ("sign in: back to the service", arrive),
    ("userinfo", read_userinfo),
    ("refresh", refresh),
    ("logout", log_out),
]
