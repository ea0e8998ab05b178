"""My security keys: adding, naming and removing them."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from idp.challenges.wording import describe_browser, neutralise
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.portal.key_words import KEY_STATES, advice_on
from idp.portal.visitors import Visitor
from idp.portal.wording import MEANS
from idp.provider import Provider, current_provider
from idp.psc.means import WEBAUTHN, available_means
from idp.security_keys import lifecycle
from idp.security_keys.errors import KeyRefused
from idp.security_keys.options import registration_options
from idp.security_keys.parties import PERSON, Holder, bound_to, pages_party
from idp.security_keys.registration import register_key
from idp.security_keys.vouching import vouched_by
from idp.store.models import SecurityKey
from idp.web.cookies import browser_secret

PAGE = "cles"
ADD_PAGE = "cle"


@dataclass(frozen=True)
class ShownKey:
    """A security key as its holder sees it."""

    key: SecurityKey
    state: Any
    kind: str
    """Of the badge that tells the state."""
    advice: Any
    """Why it is suspended, and what to do; empty where all is well."""
    vouched_by: Any
    """What its holder had signed in with when it was added."""


@bp.get("/cles")
def keys_page() -> ResponseReturnValue:
    """The person's own keys, and what can be done about each."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        keys = lifecycle.list_keys(db, _holder(visitor))
    return render_template(
        "portal/keys.html",
        keys=[_shown(key) for key in keys],
        may_add=_may_add(provider, len(keys)),
        is_full=len(keys) >= provider.settings.max_security_keys,
        done=request.args.get("fait", ""),
    )


@bp.get("/cles/ajouter")
def add_key_page() -> ResponseReturnValue:
    """Ask for a name and a key; only soon after a sign-in by card or phone."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, ADD_PAGE)
        held = len(lifecycle.list_keys(db, _holder(visitor)))
    if not _may_add(provider, held):
        return _to_keys()
    return _add_form(provider, name=describe_browser(request.user_agent.string))


@bp.get("/cles/options")
def key_registration_options() -> ResponseReturnValue:
    """What the browser asks a new key: a challenge for one answer."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, ADD_PAGE)
        holder = _holder(visitor)
        if not _may_add(provider, len(lifecycle.list_keys(db, holder))):
            raise NotFound
        options = registration_options(
            provider,
            db,
            pages_party(provider.settings),
            holder,
            called=visitor.person.display_name,
            binding=_binding(visitor),
        )
    return current_app.response_class(options, mimetype="application/json")


@bp.post("/cles/ajouter")
def add_key() -> ResponseReturnValue:
    """Keep what the authenticator made, under the name that its holder gave it."""
    provider = current_provider()
    name = _typed_name(provider)
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, ADD_PAGE)
        if WEBAUTHN not in available_means(provider):
            return _to_keys()
        if not name:
            return _add_form(provider, name=name, name_error=_nameless()), HTTPStatus.BAD_REQUEST
        try:
            register_key(
                provider,
                db,
                pages_party(provider.settings),
                _holder(visitor),
                answer=request.form.get("answer", ""),
                binding=_binding(visitor),
                name=name,
                vouched_by=vouched_by(provider, db, visitor.session),
            )
        except KeyRefused as refused:  # caught inside: the ceremony stays spent, the journal kept
            page = _add_form(provider, name=name, error=str(refused.text))
            return page, HTTPStatus.BAD_REQUEST
    return _to_keys("ajout")


@bp.route("/cles/<credential_id>/nom", methods=["GET", "POST"])
def rename_key(credential_id: str) -> ResponseReturnValue:
    """Call a key as its holder knows it."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        holder = _holder(visitor)
        key = lifecycle.find_own_key(db, holder, credential_id)
        if key is None:
            return _to_keys()
        if request.method != "POST":
            return _name_form(key, key.name)
        name = _typed_name(provider)
        if not name:
            return _name_form(key, name, _nameless()), HTTPStatus.BAD_REQUEST
        lifecycle.rename(provider, db, holder, key, name)
    return _to_keys("nom")


@bp.route("/cles/<credential_id>/suppression", methods=["GET", "POST"])
def remove_key(credential_id: str) -> ResponseReturnValue:
    """Ask for a confirmation, then take a key out of use for good (RGAA 11.12)."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        key = lifecycle.find_own_key(db, _holder(visitor), credential_id)
        if key is None:
            return _to_keys()
        if request.method != "POST":
            return render_template("portal/key_removal.html", key=key)
        name = key.name
        lifecycle.remove(provider, db, key, reason="holder")
    # Shown at once: where this very key opened the session, there is none any more.
    return render_template("portal/key_removed.html", name=name)


def _holder(visitor: Visitor) -> Holder:
    return Holder(PERSON, visitor.person.national_id)


def _binding(visitor: Visitor) -> bytes:
    return bound_to(browser_secret(), f"portal {visitor.session.sid}")


def _may_add(provider: Provider, held: int) -> bool:
    is_offered = WEBAUTHN in available_means(provider)
    return is_offered and held < provider.settings.max_security_keys


def _typed_name(provider: Provider) -> str:
    longest = provider.settings.security_key_name_length
    return neutralise(request.form.get("name", ""), longest)


def _nameless() -> str:
    return str(_("Donnez un nom à cette clé, exemple « Clé du cabinet »."))


def _shown(key: SecurityKey) -> ShownKey:
    return ShownKey(
        key=key,
        state=KEY_STATES[key.state].text,
        kind=KEY_STATES[key.state].kind,
        advice="" if key.state == "active" else advice_on(key.state_reason),
        vouched_by=MEANS.get(key.vouched_by.get("means", ""), ""),
    )


def _add_form(provider: Provider, *, name: str, name_error: str = "", error: str = "") -> str:
    return render_template(
        "portal/key_adding.html",
        name=name,
        name_error=name_error,
        error=error,
        longest=provider.settings.security_key_name_length,
    )


def _name_form(key: SecurityKey, name: str, error: str = "") -> str:
    longest = current_provider().settings.security_key_name_length
    return render_template("portal/key_name.html", key=key, name=name, error=error, longest=longest)


def _to_keys(done: str = "") -> Response:
    address = url_for("portal.keys_page", fait=done or None)
    return redirect(address, HTTPStatus.SEE_OTHER)
