"""How a page has an act carried out, and goes on afterwards."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.asking import Done, ReasonNeeded, Waiting, ask
from idp.console.acts.pages import show_result
from idp.console.entry.visitors import Visitor
from idp.console.forms import Form
from idp.provider import current_provider

DONE = "fait"


def attempt(
    visitor: Visitor, act: Act, subject: str, arguments: Mapping[str, Any], reason: str = ""
) -> Done | Waiting:
    """Ask for an act in a transaction of its own; that it failed, and why, stays in the journal.

    Raises:
        ActImpossible: it cannot be done as things stand.
        ReasonNeeded, RoleTooLow, ProofNeeded: as `ask`; nothing was changed.
        MethodNotAllowed: no form was posted, whose origin would have been looked at.
    """
    if request.method != "POST":
        raise MethodNotAllowed(["POST"])
    provider = current_provider()
    with provider.store.begin() as db:
        try:
            return ask(provider, db, visitor, act, subject, arguments=arguments, reason=reason)
        except ActImpossible as error:
            refused = error
            now = provider.clock.now()
            record(db, Event.ACT_FAILED, now=now, success=False, act=act.name, subject=subject)
    raise refused


def attempt_form(
    visitor: Visitor, act: Act, subject: str, arguments: Mapping[str, Any], form: Form
) -> Done | Waiting | None:
    """As :func:`attempt`, of what a form asks for; what is wrong is noted on it.

    Nothing where anything is: the page is shown again, with the form's status.

    Raises:
        RoleTooLow, ProofNeeded: as `ask`; nothing was changed.
    """
    if form.is_refused:
        return None
    try:
        return attempt(visitor, act, subject, arguments, form["reason"])
    except ReasonNeeded as error:
        form.refuse("reason", str(error))
    except ActImpossible as error:
        form.refuse_act(str(error.text))
    return None


def back_to(outcome: Done | Waiting, act: Act, endpoint: str, **values: Any) -> Response:
    """Where an act leads: to what waits, to what it gave, else to a page that tells it is done."""
    if isinstance(outcome, Waiting):
        address = url_for("approvals.one", act_id=outcome.act_id)
        return redirect(address, HTTPStatus.SEE_OTHER)
    if outcome.result is not None:
        return show_result(act, outcome.result, back=url_for(endpoint, **values))
    return redirect(url_for(endpoint, **(values | {DONE: act.name})), HTTPStatus.SEE_OTHER)


def told_of(acts: Mapping[str, Act]) -> tuple[str, str] | None:
    """Kind and text of the message that a page begins with, after an act of these."""
    act = acts.get(request.args.get(DONE, ""))
    return None if act is None else ("success", _("Fait : %(act)s.", act=act.title))


def nothing_more(_arguments: Arguments) -> list[str]:
    """What `show` says of an act whose title and subject say it all."""
    return []
