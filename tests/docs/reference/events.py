"""The security events of the journal."""

from flask import Flask
from flask_babel import Babel, force_locale

from idp.audit.events import Event
from idp.portal.history_words import KINDS, SENTENCES
from tests.architecture.imports import ROOT

_HEAD = """# Events of the journal

Generated from `idp/audit/events.py` by `make docs`: edit there. An event is
`source:subject:action`: the part that saw it, what it happened to, what happened. Where it names a
person, the second column is what that person reads of it in their account, and the third where it
stands there; the others are for operators.

`ecps-idp audit` reads them, the console shows them, `GET /dev/v1/events` hands them to tests, and
the metric `ecps_events_total` counts them.

| event | meaning | in the account |
|---|---|---|
"""

MEANINGS = {
    Event.WORLD_CREATED: "The database was born, as a simulation or for real.",
    Event.CLOCK_MOVED: "The clock of the simulation was moved.",
    Event.SNAPSHOT_RESTORED: "The simulation went back to a snapshot.",
    Event.DIRECTORY_IMPORTED: "A new generation of the directory was imported.",
    Event.DIRECTORY_REFUSED: "A file of the directory was refused; the generation before it stays.",
    Event.KEY_ROTATED: "A signing key got a successor.",
    Event.KEY_REWRAPPED: "Keys and secrets were sealed anew, under another master key.",
    Event.CLIENT_ADDED: "A service was registered.",
    Event.CLIENT_CHANGED: "A service's registration was changed.",
    Event.CLIENT_CERTIFICATE_ISSUED: "The simulation made a certificate for a service.",
    Event.CLIENT_REMOVED: "A service was removed.",
    Event.CLIENT_DISABLED: "A service was disabled: nobody signs in to it.",
    Event.CLIENT_ENABLED: "A disabled service was enabled again.",
    Event.CLIENT_REFUSED: "A service did not prove itself: wrong secret, assertion or certificate.",
    Event.CLIENT_REGISTRATION_PERMITTED: "An initial access token for registrations was made.",
    Event.CLIENT_REGISTRATION_WITHDRAWN: "An initial access token was withdrawn.",
    Event.CLIENT_REGISTRATION_REFUSED: "A service that would register itself was refused.",
    Event.DEVICE_DENIED: "The request of a device without a keyboard was denied.",
    Event.DEVICE_THROTTLED: "Too many devices of a public client wait, from one network.",
    Event.USER_CODE_THROTTLED: "Codes of such devices were tried too often from one address.",
    Event.SUBJECT_REFUSED: "A token that was brought to be exchanged was refused.",
    Event.REVOCATION_REFUSED: "A wrong revocation code was typed.",
    Event.MESSAGE_FAILED: "A message could not be delivered, and was given up.",
    Event.JOURNAL_PURGED: "A segment of the journal was purged after its retention.",
    Event.OPERATOR_INVITED: "An operator was invited to the console.",
    Event.OPERATOR_JOINED: "An invited operator registered their security keys.",
    Event.OPERATOR_CHANGED: "An operator's roles were changed.",
    Event.OPERATOR_DISABLED: "An operator was disabled.",
    Event.OPERATOR_ENTERED: "An operator entered the console.",
    Event.OPERATOR_CONFIRMED: "An operator at work proved again who they are.",
    Event.OPERATOR_REFUSED: "Somebody was refused at the console's door.",
    Event.OPERATOR_PAUSED: "An operator must wait after wrong tries.",
    Event.OPERATOR_THROTTLED: "Entries to the console came too often.",
    Event.OPERATOR_LEFT: "An operator left the console.",
    Event.ACT_ASKED: "An act was asked for that a second operator must approve.",
    Event.ACT_DONE: "An act of an operator was carried out.",
    Event.ACT_DECLINED: "A second operator declined an act.",
    Event.ACT_WITHDRAWN: "An act was withdrawn by whoever asked for it.",
    Event.ACT_FAILED: "An approved act could not be carried out.",
    Event.ACT_LAPSED: "Nobody approved an act in time.",
    Event.ACT_FORBIDDEN: "An operator tried what their role does not permit.",
    Event.ACT_RESULT_SHOWN: "The result of an act was shown, once.",
    Event.MESSAGE_SHOWN: "An operator read a message of the outbox.",
}
"""What happened, for the events that name no person."""


def page() -> str:
    """The whole page, in English."""
    app = Flask("events")
    Babel(app, default_translation_directories=str(ROOT / "idp" / "translations"))
    with app.app_context(), force_locale("en"):
        return _HEAD + "\n".join(_row(event) for event in Event) + "\n"


def _row(event: Event) -> str:
    sentence = SENTENCES.get(event)
    if sentence is None:
        return f"| `{event.value}` | {MEANINGS[event]} | |"
    return f"| `{event.value}` | {sentence.text} | {KINDS[sentence.kind]} |"
