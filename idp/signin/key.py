"""Signing in with a security key: nobody types an identifier, the key tells whose it is.

The answer is posted by a plain form, as any other: the script of the page only fills it in.
"""

from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from idp.provider import Provider, current_provider
from idp.psc.means import WEBAUTHN, available_means
from idp.security_keys.authentication import authenticate
from idp.security_keys.errors import KeyRefused
from idp.security_keys.options import authentication_options
from idp.security_keys.parties import PERSON, bound_to, pages_party
from idp.signin.blueprint import bp
from idp.signin.finish import Proof, drop_challenge, enter
from idp.signin.identifier import key_refused_page
from idp.signin.interactions import OpenInteraction, own_interaction
from idp.signin.workstation import note_workstation
from idp.web.cookies import browser_secret
from idp.web.csrf import require_own_form


@bp.get("/signin/<handle>/key/options")
def key_options(handle: str) -> ResponseReturnValue:
    """What the browser of this interaction asks its keys: a challenge for one answer."""
    provider = current_provider()
    with provider.store.begin() as db:
        opened = _opened(provider, db, handle)
        options = authentication_options(
            provider,
            db,
            pages_party(provider.settings),
            holder_kind=PERSON,
            binding=_binding(opened),
        )
    return current_app.response_class(options, mimetype="application/json")


@bp.post("/signin/<handle>/key")
def sign_in_by_key(handle: str) -> ResponseReturnValue:
    """Take the answer of a key, and open the session of its holder."""
    require_own_form()
    provider = current_provider()
    with provider.store.begin() as db:
        opened = _opened(provider, db, handle)
        note_workstation(db, opened)
        try:
            proved = authenticate(
                provider,
                db,
                pages_party(provider.settings),
                holder_kind=PERSON,
                answer=request.form.get("answer", ""),
                binding=_binding(opened),
            )
        except KeyRefused as refused:  # caught inside: the ceremony stays spent, the journal kept
            return key_refused_page(opened, str(refused.text))
        drop_challenge(db, opened)
        proof = Proof(proved.holder.id, WEBAUTHN, credential_id=proved.credential_id)
        return enter(provider, db, opened, proof)


def _opened(provider: Provider, db: Session, handle: str) -> OpenInteraction:
    opened = own_interaction(provider, db, handle)
    if WEBAUTHN not in available_means(provider) & frozenset(opened.request.means):
        raise NotFound  # the page of such a service has no such tab
    return opened


def _binding(opened: OpenInteraction) -> bytes:
    return bound_to(browser_secret(), f"signin {opened.handle}")
