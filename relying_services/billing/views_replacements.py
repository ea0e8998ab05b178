"""A replacement session on its page, and what is done to it with a card in the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.billing import identifiers, replacements
from relying_services.billing import memorised as memorising
from relying_services.billing.blueprint import bp, refusals_traced
from relying_services.billing.desk import this_desk
from relying_services.billing.errors import (
    AnotherSubstitute,
    LogNotEmptied,
    NoPreparedSession,
    SnapshotAltered,
)
from relying_services.billing.freshness import require_fresh
from relying_services.billing.memorised import Memorised
from relying_services.billing.states import Act, State, allowed, follow
from relying_services.billing.store import mailbox_access as mailbox_store
from relying_services.billing.store import replacements as store
from relying_services.billing.store.models import ReplacementRow
from relying_services.paris import day_of
from relying_services.service import trace
from relying_services.service.errors import NotYours
from relying_services.service.service import signed_in, this_service
from relying_services.service.store.scrubbing import scrub
from relying_services.service.store.sessions import end_sessions_of


@dataclass(frozen=True)
class Words:
    """How the pages of an act speak: before it, and after."""

    title: Any
    meaning: Any
    button: Any
    done: Any


WORDS = {
    Act.SUSPEND: Words(
        _l("Suspendre la session de remplacement"),
        _l(
            "Vous travaillez en même temps que votre remplaçant : il ne facture plus tant que vous "
            "ne reprenez pas la session."
        ),
        _l("Suspendre"),
        _l("La session de remplacement est suspendue."),
    ),
    Act.RESUME: Words(
        _l("Reprendre la session de remplacement"),
        _l("Votre remplaçant peut de nouveau facturer en votre nom ; vous ne facturez plus."),
        _l("Reprendre"),
        _l("La session de remplacement est reprise."),
    ),
    Act.DEACTIVATE: Words(
        _l("Désactiver la session de remplacement"),
        _l("Votre remplaçant ne peut plus facturer, ni utiliser votre boîte aux lettres."),
        _l("Désactiver"),
        _l("La session de remplacement est désactivée."),
    ),
    Act.PURGE: Words(
        _l("Supprimer les informations mémorisées"),
        _l(
            "Tout ce qui a été mémorisé à la préparation est supprimé de ce poste, sans retour "
            "possible. Les feuilles de soins déjà émises sont conservées."
        ),
        _l("Supprimer"),
        _l("Les informations mémorisées sont supprimées de ce poste."),
    ),
}
"""Acts of the replaced doctor that have a page of confirmation."""


@bp.get("/replacements/<replacement_id>")
def replacement(replacement_id: str) -> ResponseReturnValue:
    """One session, for the doctor replaced: what was memorised, and what was done."""
    row, obj = signed_in(), f"replacement:{replacement_id}"
    with (
        refusals_traced(trace.Actor.of(row), "replacement:read", obj),
        this_service().store.read() as db,
    ):
        found = replacements.of_replaced(db, replacement_id, row.actor)
        acts = store.acts_of(db, found)
        access = mailbox_store.find(db, found.id)
    return render_template(
        "billing/replacement.html",
        replacement=found,
        memorised=_intact(found),
        identifier=identifiers.shown(found.substitute),
        acts=acts,
        access=access,
        allowed=allowed(State(found.state)),
    )


@bp.get("/replacements/<replacement_id>/<act>")
def confirmation(replacement_id: str, act: str) -> ResponseReturnValue:
    """What an act will do, before it is done (RGAA 11.12)."""
    asked, row, obj = _act(act), require_fresh(), f"replacement:{replacement_id}"
    with refusals_traced(trace.Actor.of(row), f"replacement:{asked}", obj):
        with this_service().store.read() as db:
            found = replacements.of_replaced(db, replacement_id, row.actor)
        follow(State(found.state), asked)
    return render_template(
        "billing/confirmation.html", replacement=found, act=act, words=WORDS[asked]
    )


@bp.post("/replacements/<replacement_id>/<act>")
def change(replacement_id: str, act: str) -> ResponseReturnValue:
    """Suspend, resume, deactivate or purge, by the replaced doctor's card (SV-11 to SV-13)."""
    asked, row, service, desk = _act(act), require_fresh(), this_service(), this_desk()
    now, actor, obj = service.clock.now(), trace.Actor.of(row), f"replacement:{replacement_id}"
    action = f"replacement:{asked}"
    with refusals_traced(actor, action, obj):
        with service.store.read() as db:
            found = replacements.of_replaced(db, replacement_id, row.actor)
        after = follow(State(found.state), asked)
        chip = desk.card_of(row, now)
        signed = desk.sign(chip, replacements.act_document(asked, found, chip, now), now)
        with service.store.begin() as db:
            if asked is Act.PURGE:
                replacements.purge(db, found)
                end_sessions_of(db, found.substitute)
            else:
                replacements.change(db, found, asked, signed)
            service.note(
                db,
                actor,
                action,
                object=obj,
                card=chip.number,
                before=found.state,
                after=after,
            )
    if asked is Act.PURGE:
        if not scrub(service.store):
            raise LogNotEmptied
        flash(str(WORDS[asked].done))
        return redirect(url_for("billing.home"))
    flash(str(WORDS[asked].done))
    return redirect(url_for("billing.replacement", replacement_id=replacement_id))


@bp.get("/activation")
def activation_choice() -> ResponseReturnValue:
    """The session that was prepared for who is signed in, on this workstation, and for these days.

    Where several may be meant, the person chooses among them.

    Raises:
        NoPreparedSession: none was prepared at all.
        AnotherSubstitute: one was, for somebody else (SV-07).
    """
    row, service = signed_in(), this_service()
    with (
        refusals_traced(trace.Actor.of(row), "replacement:activate"),
        service.store.read() as db,
    ):
        mine = store.prepared_for(db, row.actor)
        if not mine and store.is_any_prepared(db):
            raise AnotherSubstitute
        if not mine:
            raise NoPreparedSession
    meant = _meant(mine, day_of(service.clock.now()))
    if meant is None:
        return redirect(url_for("billing.home"))
    return redirect(url_for("billing.activation", replacement_id=meant.id))


@bp.get("/activation/<replacement_id>")
def activation(replacement_id: str) -> ResponseReturnValue:
    """Choose the situation on one's own card (SV-06)."""
    row, service, desk = require_fresh(), this_service(), this_desk()
    now, obj = service.clock.now(), f"replacement:{replacement_id}"
    with refusals_traced(trace.Actor.of(row), "replacement:activate", obj):
        with service.store.read() as db:
            found = replacements.of_substitute(db, replacement_id, row.actor)
            access = mailbox_store.find(db, found.id)
        memorised = memorising.memorised_of(found, desk.authority)
        memorised.check_day(now)
        chip = desk.card_of(row, now)
    return render_template(
        "billing/activation.html",
        replacement=found,
        memorised=memorised,
        chip=chip,
        access=access,
    )


@bp.post("/activation/<replacement_id>")
def activate(replacement_id: str) -> ResponseReturnValue:
    """Begin, where the situation chosen equals the one memorised."""
    row, service, desk = require_fresh(), this_service(), this_desk()
    now, obj, action = service.clock.now(), f"replacement:{replacement_id}", "replacement:activate"
    actor = trace.Actor.of(row)
    replaced = request.form.get("replaced", "")
    with refusals_traced(actor, action, obj):
        with service.store.read() as db:
            found = replacements.of_substitute(db, replacement_id, row.actor)
        memorised = memorising.memorised_of(found, desk.authority)
        chip = desk.card_of(row, now)
        replacements.check_activation(
            found,
            memorised,
            chip,
            presented=request.form.get("presented", ""),
            replaced=replaced,
            now=now,
        )
        document = replacements.act_document(Act.ACTIVATE, found, chip, now)
        signed = desk.sign(chip, {**document, "situation": replaced}, now)
        with service.store.begin() as db:
            replacements.activate(db, found, row, signed, replaced=replaced)
            service.note(
                db,
                trace.Actor.of(row, on_behalf_of=found.replaced),
                action,
                object=obj,
                card=chip.number,
                before=found.state,
                after=State.ACTIVE,
            )
    flash(
        _(
            "La session de remplacement est active : vos feuilles de soins portent les deux "
            "identités."
        )
    )
    return redirect(url_for("billing.home"))


def _meant(mine: Sequence[ReplacementRow], today: date) -> ReplacementRow | None:
    """The one that can begin today, or the only one, whose page tells why not; none of several."""
    ready = [each for each in mine if each.state != State.SUSPENDUE and _is_on(each, today)]
    candidates = ready or mine
    return candidates[0] if len(candidates) == 1 else None


def _is_on(row: ReplacementRow, today: date) -> bool:
    begun = row.starts_on is None or row.starts_on <= today
    return begun and (row.ends_on is None or today <= row.ends_on)


def _intact(row: ReplacementRow) -> Memorised | None:
    """What was memorised; none where it was altered, so that the session can still be closed."""
    try:
        return memorising.memorised_of(row, this_desk().authority)
    except SnapshotAltered:
        return None


def _act(name: str) -> Act:
    """Raises NotYours where no act of the replaced doctor has this name."""
    found = next((each for each in WORDS if each == name), None)
    if found is None:
        raise NotYours
    return found
