"""A service that signs health professionals in with Pro Santé Connect: Flask and Authlib.

    flask --app service run

needs PSC_DISCOVERY_URL, PSC_CLIENT_ID, PSC_CLIENT_SECRET and SECRET_KEY in its environment, and
PSC_CERTIFICATE and PSC_KEY: the files of the certificate that the service shows (EXI PSC 24).
"""

import os
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

FAILED = (OAuthError, JoseError, requests.RequestException, ValueError)
"""Whatever a provider can answer wrongly: an error, a token that does not hold, no JSON."""

SETTINGS = (
    "PSC_DISCOVERY_URL",
    "PSC_CLIENT_ID",
    "PSC_CLIENT_SECRET",
    "PSC_CERTIFICATE",
    "PSC_KEY",
    "SECRET_KEY",
)
View = Callable[..., ResponseReturnValue]
now = time.time


def create_app(**config: Any) -> Flask:
    """The application; `config` wins over the environment."""
    app = Flask(__name__)
    app.config.from_mapping({name: os.environ.get(name) for name in SETTINGS} | config)
    # Who is signed in, by a name that the cookie holds: tokens with a practitioner's activities
    # are larger than a cookie. A service with several processes keeps this in its database.
    app.extensions["people"] = {}
    app.extensions["psc"] = OAuth(app).register(
        "psc",
        server_metadata_url=app.config["PSC_DISCOVERY_URL"],
        client_kwargs={
            "scope": "openid scope_all",
            "code_challenge_method": "S256",
            "cert": (app.config["PSC_CERTIFICATE"], app.config["PSC_KEY"]),
        },
        authorize_params={"acr_values": "eidas1"},
    )
    for path, view in {"/": home, "/login": login, "/callback": callback, "/me": me}.items():
        app.add_url_rule(path, view_func=view)
    app.add_url_rule("/logout", view_func=logout)
    return app


def home() -> ResponseReturnValue:
    """What everybody sees."""
    return "Hello. <a href='/login'>Sign in with Pro Santé Connect</a>"


def login() -> ResponseReturnValue:
    """Begin a sign-in."""
    answer: ResponseReturnValue = _psc().authorize_redirect(url_for("callback", _external=True))
    return answer


def callback() -> ResponseReturnValue:
    """The browser comes back: Authlib checks state, nonce and signature, and what it is told to."""
    psc = _psc()
    try:
        token = psc.authorize_access_token(claims_options=_expected(psc))
        person = psc.userinfo(token=token)
    except FAILED as error:
        current_app.logger.info("the sign-in was refused: %s", error)
        abort(403, "The sign-in was not completed.")
    if person["sub"] != token["userinfo"]["sub"]:  # OpenID Connect Core, 5.3.2
        abort(403, "The sign-in was not completed.")
    session.clear()
    session["key"] = secrets.token_urlsafe()
    _people()[session["key"]] = {"token": token, "person": person}
    return redirect(url_for("me"))


def signed_in(view: View) -> View:
    """Let a view be seen by whoever is signed in, here and at Pro Santé Connect."""

    @wraps(view)
    def guarded() -> ResponseReturnValue:
        known = _people().get(session.get("key", ""))
        if known is None or not _still_signed_in(known):
            _forget()
            return redirect(url_for("login"))
        return view(known["person"])

    return guarded


@signed_in
def me(person: dict[str, Any]) -> ResponseReturnValue:
    """Who is signed in."""
    return {"national_id": person["SubjectNameID"], "name": person["family_name"]}


def logout() -> ResponseReturnValue:
    """Sign out here, then at Pro Santé Connect."""
    known = _forget()
    if known is None:
        return redirect(url_for("home"))
    answer: ResponseReturnValue = _psc().logout_redirect(
        post_logout_redirect_uri=url_for("home", _external=True),
        id_token_hint=known["token"]["id_token"],
    )
    return answer


def _still_signed_in(known: dict[str, Any]) -> bool:
    """Whether the session at Pro Santé Connect lives: asked when the access token lapses."""
    if known["token"]["expires_at"] > now():
        return True
    try:
        known["token"] |= _psc().fetch_access_token(
            grant_type="refresh_token", refresh_token=known["token"]["refresh_token"]
        )
    except FAILED:
        return False
    return True


def _forget() -> dict[str, Any] | None:
    known: dict[str, Any] | None = _people().pop(session.get("key", ""), None)
    session.clear()
    return known


def _people() -> dict[str, dict[str, Any]]:
    people: dict[str, dict[str, Any]] = current_app.extensions["people"]
    return people


def _expected(psc: Any) -> dict[str, Any]:
    # Without it, Authlib takes an ID token that was made for another service.
    return {
        "iss": {"essential": True, "value": psc.server_metadata["issuer"]},
        "aud": {"essential": True, "value": psc.client_id},
    }


def _psc() -> Any:
    psc = current_app.extensions["psc"]
    metadata = psc.load_server_metadata()  # fetched once
    metadata |= metadata["mtls_endpoint_aliases"]  # where a certificate is asked for: RFC 8705, 5
    return psc
