"""Preparing a session, by the doctor who will be replaced, with the card in the reader."""

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.billing import identifiers, replacements
from relying_services.billing import memorised as memorising
from relying_services.billing.blueprint import bp, refusals_traced, settings
from relying_services.billing.card_errors import SituationWithoutNumber
from relying_services.billing.chip import Chip
from relying_services.billing.desk import this_desk
from relying_services.billing.freshness import require_fresh
from relying_services.billing.memorised import ASKED, GRANTED, KINDS, MAILBOX_WAYS, Wish
from relying_services.billing.states import Act, State, follow
from relying_services.paris import day_of
from relying_services.service import trace
from relying_services.service.days import NO_DAY, day_typed
from relying_services.service.service import signed_in, this_service

_LONGEST_NAME = 80
_PREPARE = "replacement:prepare"


@bp.get("/replacements/substitute")
def read_substitute() -> ResponseReturnValue:
    """Read the substitute's identifier from the card in the reader, whosever it is (SV-03)."""
    row = signed_in()
    with refusals_traced(trace.Actor.of(row), "card:read"):
        chip = this_desk().read(this_service().clock.now())
    if chip.national_id == row.actor:
        problem = _("C’est votre carte. Insérez celle du remplaçant, puis recommencez.")
        return render_template("billing/read.html", problem=problem), 409
    typed = identifiers.shown(chip.national_id)
    return render_template("billing/read.html", substitute=typed, name=chip.name)


@bp.get("/replacements/new")
def preparation() -> ResponseReturnValue:
    """The form; the doctor's card tells the situations that can be memorised."""
    row = require_fresh()
    with refusals_traced(trace.Actor.of(row), _PREPARE):
        chip = _own_card(this_service().clock.now())
    given = {name: request.args.get(name, "") for name in ("substitute", "name")}
    return _form(chip, {"kind": KINDS[0], "mailbox": GRANTED, **given}, {}), 200


@bp.post("/replacements/new")
def prepare() -> ResponseReturnValue:
    """Memorise: what the card says now is what the substitute will bill by."""
    row, service, desk = require_fresh(), this_service(), this_desk()
    now = service.clock.now()
    with refusals_traced(trace.Actor.of(row), _PREPARE):
        chip = _own_card(now)
    wish, errors = _wish_of(chip, row.actor, day_of(now))
    if wish is None:
        return _form(chip, request.form.to_dict(), errors), 400
    name = replacements.new_id()
    with refusals_traced(trace.Actor.of(row), _PREPARE):
        signed = desk.sign(chip, memorising.prepared_document(name, chip, wish, now), now)
    with service.store.begin() as db:
        replacements.prepare(db, name, wish, signed)
        service.note(
            db,
            trace.Actor.of(row),
            _PREPARE,
            object=f"replacement:{name}",
            card=chip.number,
            after=State.PREPAREE,
            mailbox=wish.mailbox,
        )
    flash(_("La session de remplacement est préparée."))
    return redirect(url_for("billing.replacement", replacement_id=name))


@bp.get("/replacements/<replacement_id>/again")
def preparation_again(replacement_id: str) -> ResponseReturnValue:
    """New dates for a session that is kept (SV-12)."""
    row, obj = require_fresh(), f"replacement:{replacement_id}"
    with refusals_traced(trace.Actor.of(row), _PREPARE, obj):
        with this_service().store.read() as db:
            found = replacements.of_replaced(db, replacement_id, row.actor)
        follow(State(found.state), Act.PREPARE)
        memorised = memorising.memorised_of(found, this_desk().authority)
    form = {"mailbox": memorised.mailbox}
    return render_template("billing/again.html", replacement=found, form=form, errors={})


@bp.post("/replacements/<replacement_id>/again")
def prepare_again(replacement_id: str) -> ResponseReturnValue:
    """Take a kept session up again, with what was memorised, new dates, and the mailbox anew."""
    row, service, desk = require_fresh(), this_service(), this_desk()
    now, actor, obj = service.clock.now(), trace.Actor.of(row), f"replacement:{replacement_id}"
    with refusals_traced(actor, _PREPARE, obj):
        with service.store.read() as db:
            found = replacements.of_replaced(db, replacement_id, row.actor)
        follow(State(found.state), Act.PREPARE)
    errors: dict[str, str] = {}
    asked_of = _mailbox_asked_of(errors)
    starts_on, ends_on = _days(day_of(now), errors)
    if errors:
        form = request.form.to_dict()
        page = render_template("billing/again.html", replacement=found, form=form, errors=errors)
        return page, 400
    with refusals_traced(actor, _PREPARE, obj):
        memorised = memorising.memorised_of(found, desk.authority)
        chip = desk.card_of(row, now)
        wish = Wish(
            found.substitute,
            found.substitute_name,
            found.kind,
            starts_on,
            ends_on,
            tuple(memorised.situations.values()),
            asked_of,
        )
        signed = desk.sign(chip, memorising.prepared_document(found.id, chip, wish, now), now)
        with service.store.begin() as db:
            replacements.prepare_again(db, found, wish, signed)
            service.note(
                db,
                actor,
                _PREPARE,
                object=obj,
                card=chip.number,
                after=State.PREPAREE,
                mailbox=wish.mailbox,
            )
    flash(_("La session de remplacement est préparée de nouveau."))
    return redirect(url_for("billing.replacement", replacement_id=replacement_id))


def _own_card(now: datetime) -> Chip:
    """The card of who is signed in, which bills in its holder's name."""
    chip = this_desk().card_of(signed_in(), now)
    if not chip.billing:
        raise SituationWithoutNumber
    return chip


def _form(chip: Chip, form: dict[str, Any], errors: dict[str, str]) -> str:
    chosen = request.form.getlist("situations") or [each.activity_id for each in chip.billing]
    return render_template(
        "billing/preparation.html", chip=chip, form=form, errors=errors, chosen=chosen
    )


def _wish_of(chip: Chip, replaced: str, today: date) -> tuple[Wish | None, dict[str, str]]:
    errors: dict[str, str] = {}
    substitute = ""
    try:
        substitute = identifiers.parse(request.form.get("substitute", ""))
    except identifiers.IdentifierWrong as error:
        errors["substitute"] = str(error)
    if substitute == replaced:
        errors["substitute"] = _("Ce numéro est le vôtre : saisissez celui de votre remplaçant.")
    name = " ".join(request.form.get("name", "").split())
    if not 0 < len(name) <= _LONGEST_NAME:
        errors["name"] = _("Saisissez le nom du remplaçant, en 80 caractères au plus.")
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        errors["kind"] = _("Choisissez un remplacement unique ou répété.")
    wanted = set(request.form.getlist("situations"))
    memorised = tuple(each for each in chip.billing if each.activity_id in wanted)
    if not memorised or len(memorised) != len(wanted):
        errors["situations"] = _("Choisissez au moins une situation de votre carte.")
    asked_of = _mailbox_asked_of(errors)
    starts_on, ends_on = _days(today, errors)
    if errors:
        return None, errors
    return Wish(substitute, name, kind, starts_on, ends_on, memorised, asked_of), {}


def _mailbox_asked_of(errors: dict[str, str]) -> str:
    """The address of the provider that is asked to open the mailbox; nothing where it is granted.

    SV-05.
    """
    way = request.form.get("mailbox", "")
    if way not in MAILBOX_WAYS:
        errors["mailbox"] = _(
            "Choisissez comment votre remplaçant accède à votre boîte aux lettres."
        )
    return settings().mailbox_email if way == ASKED else ""


def _days(today: date, errors: dict[str, str]) -> tuple[date | None, date | None]:
    """The dates of a replacement; both may be left out (SV-07)."""
    found: dict[str, date | None] = {}
    for name in ("starts_on", "ends_on"):
        text = request.form.get(name, "").strip()
        found[name] = day_typed(text)
        if text and found[name] is None:
            errors[name] = str(NO_DAY)
    begins, ends = found["starts_on"], found["ends_on"]
    if ends is not None and ends < today:
        errors["ends_on"] = _("La date de fin est passée. Corrigez-la, ou laissez vide.")
    elif ends is not None and begins is not None and ends < begins:
        errors["ends_on"] = _("La date de fin précède le début. Corrigez l’une des deux.")
    return begins, ends
