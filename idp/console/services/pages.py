"""The services, and one of them: what is registered, what to tell its developer, what failed."""

from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from idp.console.acts.attempt import told_of
from idp.console.entry.roles import ADMINISTRATOR, READER
from idp.console.entry.visitors import require
from idp.console.services.acts import BY_NAME
from idp.console.services.blueprint import bp
from idp.console.services.members import FLAGS, WORDS
from idp.console.wording import as_json, words
from idp.oauth.clients.self_metadata import registered_members
from idp.portal.client import CLIENT_ID
from idp.provider import Provider, current_provider
from idp.psc.addresses import authorization_endpoint, token_endpoint, userinfo_endpoint
from idp.psc.means import families_of
from idp.store.client_documents import documents_of
from idp.store.clients import clients_page, find_client
from idp.store.journal import failures_of_client
from idp.store.models import Client
from idp.web.asked import asked_text

_FAILURES = 20
_STATES = {"": None, "enabled": True, "disabled": False}


@bp.get("")
def index() -> ResponseReturnValue:
    """Every service, by its identifier."""
    visitor = require(READER)
    typed = asked_text("q")
    state = request.args.get("etat", "")
    after = request.args.get("apres", "")
    provider = current_provider()
    length = provider.settings.console_page_length
    with provider.store.read() as db:
        found = clients_page(
            db,
            contains=typed,
            only_enabled=_STATES.get(state),
            after=after,
            limit=length + 1,
        )
    shown = found[:length]
    more = shown[-1].client_id if len(found) > length else ""
    return render_template(
        "console/services/list.html",
        services=shown,
        typed=typed,
        state=state,
        states=[("", _("tous")), ("enabled", _("en service")), ("disabled", _("désactivés"))],
        message=told_of(BY_NAME),
        older=more and url_for("services.index", q=typed, etat=state, apres=more),
        newer=after and url_for("services.index", q=typed, etat=state),
        may_add=visitor.holds(ADMINISTRATOR),
        words=words,
        names=WORDS,
    )


@bp.get("/fiche/<path:client_id>")
def service(client_id: str) -> ResponseReturnValue:
    """All that is registered of a service, in words and as JSON; never its secret."""
    visitor = require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        client = found(db, client_id)
        documents = documents_of(db, client_id)
        failures = failures_of_client(db, client_id, limit=_FAILURES)
    members = registered_members(client)
    return render_template(
        "console/services/service.html",
        client=client,
        families=families_of(provider, client),
        flags=[text for name, text in FLAGS.items() if members.get(name)],
        documents=documents,
        failures=failures,
        registered=as_json(members),
        values=as_json(_values(provider, client)),
        discovery=f"{provider.settings.issuer}/.well-known/openid-configuration",
        has_checklist="checklists.service" in current_app.view_functions,
        message=told_of(BY_NAME),
        may_change=visitor.holds(ADMINISTRATOR) and client_id != CLIENT_ID,
        is_portal=client_id == CLIENT_ID,
        words=words,
        names=WORDS,
    )


def found(db: Session, client_id: str) -> Client:
    """The service of an address.

    Raises:
        NotFound: none is registered under it.
    """
    client = find_client(db, client_id)
    if client is None:
        raise NotFound
    return client


def _values(provider: Provider, client: Client) -> dict[str, Any]:
    """What a developer configures; the secret is told once, elsewhere."""
    settings = provider.settings
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": authorization_endpoint(settings),
        "token_endpoint": token_endpoint(settings),
        "userinfo_endpoint": userinfo_endpoint(settings),
        "client_id": client.client_id,
        "token_endpoint_auth_method": client.auth_method,
        "redirect_uri": next(iter(client.redirect_uris), None),
        "scope": client.scope,
        "acr_values": "eidas1",
    }
