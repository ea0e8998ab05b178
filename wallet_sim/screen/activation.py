"""The steps of an activation: by identifier, mail and SMS, or by card (decisions 17 and 33)."""

from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from wallet_sim.documents import Policy
from wallet_sim.errors import NotEnrolled, PhoneError, PinsDiffer
from wallet_sim.screen.handset import Handset

_WELCOME = "welcome"
BY_MAIL = (
    "Identifiant national",
    "QR code du courriel",
    "Code du SMS",
    "Code e-CPS",
    "Code de révocation",
)
BY_CARD = (
    "QR code du portail",
    "Code à saisir sur le portail",
    "Code e-CPS",
    "Code de révocation",
)


@dataclass(frozen=True)
class Way:
    """How this phone is being activated, and where its steps stand."""

    steps: tuple[str, ...]

    def at(self, step: str) -> dict[str, Any]:
        """What the stepper of a page shows."""
        return {"steps": self.steps, "step": self.steps.index(step) + 1}


def way_of(handset: Handset) -> Way:
    """By card where the phone shows a code to type on the portal."""
    memory = handset.phone.memory()
    begun = memory.enrolment if memory else None
    return Way(BY_CARD if begun is not None and begun.code is not None else BY_MAIL)


def welcome(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """An empty phone: which way to activate it."""
    return handset.show(request, _WELCOME, error=error)


def begin_by_mail(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """Type the identifier."""
    return handset.show(
        request,
        "identifier",
        error=error,
        provider=_provider(handset, request),
        **Way(BY_MAIL).at("Identifiant national"),
    )


def begin_by_card(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """Scan the QR of the portal."""
    return handset.show(
        request,
        "portal_qr",
        error=error,
        provider=_provider(handset, request),
        **Way(BY_CARD).at("QR code du portail"),
    )


def step(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """The step where this activation stands."""
    match handset.phone.stage():
        case "empty" | "active":
            return welcome(handset, request, error)
        case "mail":
            return _mail_or_sms(handset, request, error)
        case "pairing":
            return _pairing(handset, request, error)
        case "pin":
            return _pin(handset, request, error)


def require_twice(form: Any, name: str) -> None:
    """Refuse a new PIN whose second entry is not the first.

    Raises:
        PinsDiffer: it is another.
        BadRequest: one of them is missing.
    """
    chosen, again = form.get(name, ""), form.get("again", "")
    if not chosen or not again:
        raise BadRequest("the new PIN is typed twice")
    if chosen != again:
        raise PinsDiffer("the two entries differ")


def policy_of(handset: Handset) -> Policy:
    """What a PIN must be, by the provider's signed word (decision 22).

    Raises:
        NotEnrolled: this phone knows no provider.
    """
    memory = handset.phone.memory()
    if memory is None:
        raise NotEnrolled("this phone holds no e-CPS: enrol it first")
    return memory.configuration.policy


def activated(handset: Handset, request: Request, way: Way, code: str) -> Response:
    """The revocation code, in this answer and in no other: it is kept nowhere."""
    address = f"{handset.phone.provider()}/portail/revocation"
    place = way.at("Code de révocation")
    return handset.show(request, "activated", code=code, address=address, **place)


def _mail_or_sms(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    memory = handset.phone.memory()
    sms = memory.enrolment.sms if memory and memory.enrolment else None
    way = Way(BY_MAIL)
    if sms is None:
        return handset.show(request, "mail_qr", error=error, **way.at("QR code du courriel"))
    now = handset.phone.clock.timestamp()
    return handset.show(
        request,
        "sms",
        error=error,
        sms=sms,
        must_wait=sms.resend_at > now,
        **way.at("Code du SMS"),
    )


def _pairing(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    seen = handset.watch.look()
    code = handset.phone.pairing_code()
    place = Way(BY_CARD).at("Code à saisir sur le portail")
    trouble = error or seen.trouble
    return handset.show(request, "pairing", error=trouble, seen=seen, code=code, **place)


def _pin(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    place = way_of(handset).at("Code e-CPS")
    return handset.show(request, "pin", error=error, policy=policy_of(handset), **place)


def _provider(handset: Handset, request: Request) -> str:
    return str(request.form.get("idp", handset.provider))
