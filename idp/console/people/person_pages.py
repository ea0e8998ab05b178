"""One person: what the directory says, what they sign in with, what services get, what happened."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from idp.console.acts.attempt import told_of
from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.console.holdings import acts as holding_acts
from idp.console.people import acts
from idp.console.people.blueprint import bp
from idp.console.people.overview import Identity, events_of, identity_of, means_of, page_of
from idp.console.people.told_claims import subject, told_claims
from idp.console.wording import words
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.directory.masking import masked_email, masked_mobile
from idp.provider import current_provider
from idp.psc.means import CARD, MOBILE, WEBAUTHN
from idp.store.clients import all_clients, find_client
from idp.store.models import Client
from idp.web.asked import asked_number

_MEANS = (MOBILE, CARD, WEBAUTHN)


@bp.get("/fiche/<path:national_id>")
def person(national_id: str) -> ResponseReturnValue:
    """The directory's row, corrections, activities, contacts without their middle, account."""
    visitor = require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        identity = found(db, national_id)
    contact = identity.contact
    nobody = Client(client_id="", redirect_uris=[], options={})
    return render_template(
        "console/people/person.html",
        identity=identity,
        tabs=tabs_of(identity, "person"),
        message=told_of(acts.BY_NAME),
        masked=(
            masked_mobile(contact.mobile if contact else "") or _("aucun"),
            masked_email(contact.email if contact else "") or _("aucun"),
        ),
        is_held=contact is not None
        and contact.held_until is not None
        and contact.held_until > provider.clock.now(),
        sub=subject(provider, nobody, identity.person, identity.account),
        sub_format=provider.settings.sub_format,
        visitor_holds=visitor.holds,
        words=words,
    )


@bp.get("/moyens/<path:national_id>")
def means(national_id: str) -> ResponseReturnValue:
    """Phones, cards, security keys and sessions."""
    visitor = require(READER)
    provider = current_provider()
    now = provider.clock.now()
    with provider.store.read() as db:
        identity = found(db, national_id)
        held = means_of(provider, db, identity, now)
    return render_template(
        "console/people/means.html",
        identity=identity,
        held=held,
        tabs=tabs_of(identity, "means"),
        message=told_of(acts.BY_NAME | holding_acts.BY_NAME),
        visitor_holds=visitor.holds,
        words=words,
        now=now,
    )


@bp.get("/services/<path:national_id>")
def claims(national_id: str) -> ResponseReturnValue:
    """What userinfo says of the person, as a service gets it."""
    require(READER)
    client_id = request.args.get("service", "")
    asked = request.args.get("moyen", MOBILE)
    auth_mode = asked if asked in _MEANS else MOBILE
    provider = current_provider()
    with provider.store.read() as db:
        identity = found(db, national_id)
        if client_id and find_client(db, client_id) is None:
            raise NotFound
        clients = [(client.client_id, client.name) for client in all_clients(db)]
        told = told_claims(
            provider,
            db,
            identity.person,
            identity.account,
            client_id=client_id,
            means=auth_mode,
        )
    return render_template(
        "console/people/claims.html",
        identity=identity,
        tabs=tabs_of(identity, "claims"),
        told=told,
        clients=[("", _("n’importe quel service")), *clients],
        client_id=client_id,
        auth_mode=auth_mode,
        means=[(mode, mode) for mode in _MEANS],
        vintage=provider.settings.claims_vintage,
    )


@bp.get("/evenements/<path:national_id>")
def history(national_id: str) -> ResponseReturnValue:
    """What the journal holds of the person, newest first."""
    require(READER)
    before = asked_number("avant")
    with current_provider().store.read() as db:
        identity = found(db, national_id)
        events, following = page_of(events_of(db, identity.person.national_id, before=before))
    here = identity.person.national_id
    return render_template(
        "console/people/history.html",
        identity=identity,
        tabs=tabs_of(identity, "history"),
        events=events,
        older=following and url_for("people.history", national_id=here, avant=following),
        newer=before and url_for("people.history", national_id=here),
    )


def found(db: Session, national_id: str) -> Identity:
    """The person of an address.

    Raises:
        NotFound: the directory knows nobody of this identifier.
    """
    try:
        canonical = parse_national_id(national_id)
    except IdentifierMalformed as error:
        raise NotFound from error
    identity = identity_of(db, canonical)
    if identity is None:
        raise NotFound
    return identity


def tabs_of(identity: Identity, current: str) -> list[tuple[str, str, bool]]:
    """The pages of one person."""
    titles = {
        "person": _("Fiche"),
        "means": _("Moyens et sessions"),
        "claims": _("Vu des services"),
        "history": _("Événements"),
    }
    here = identity.person.national_id
    return [
        (title, url_for(f"people.{view}", national_id=here), view == current)
        for view, title in titles.items()
    ]
