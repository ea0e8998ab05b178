"""Signing health professionals in with Pro Santé Connect, by Authlib."""

import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from joserfc.errors import JoseError

FAILED = (OAuthError, JoseError, requests.RequestException, ValueError)
"""Whatever a provider can answer wrongly: an error, a token that does not hold, no JSON."""

View = Callable[[HttpRequest], HttpResponse]
now = time.time


def psc() -> Any:
    """Pro Santé Connect, as the settings name it."""
    client = _client(settings.PSC_DISCOVERY_URL, settings.PSC_CLIENT_ID)
    metadata = client.load_server_metadata()  # fetched once
    metadata |= metadata["mtls_endpoint_aliases"]  # where a certificate is asked for: RFC 8705, 5
    return client


def complete(request: HttpRequest) -> None:
    """End a sign-in: Authlib checks state, nonce and signature, and what it is told to.

    Raises:
        one of FAILED.
    """
    client = psc()
    expected = {  # without it, Authlib takes an ID token that was made for another service
        "iss": {"essential": True, "value": client.server_metadata["issuer"]},
        "aud": {"essential": True, "value": client.client_id},
    }
    token = client.authorize_access_token(request, claims_options=expected)
    person = client.userinfo(token=token)
    if person["sub"] != token["userinfo"]["sub"]:  # OpenID Connect Core, 5.3.2
        raise OAuthError(description="userinfo is of somebody else")
    request.session.flush()
    request.session["token"], request.session["person"] = dict(token), dict(person)


def signed_in(view: View) -> View:
    """Let a view be seen by whoever is signed in, here and at Pro Santé Connect."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if "token" not in request.session or not _still_signed_in(request):
            request.session.flush()
            return redirect("login")
        return view(request)

    return guarded


def _still_signed_in(request: HttpRequest) -> bool:
    """Whether the session at Pro Santé Connect lives: asked when the access token lapses."""
    token = request.session["token"]
    if token["expires_at"] > now():
        return True
    try:
        fresh = psc().fetch_access_token(
            grant_type="refresh_token", refresh_token=token["refresh_token"]
        )
    except FAILED:
        return False
    request.session["token"] = token | fresh
    return True


@cache
def _client(discovery_url: str, client_id: str) -> Any:
    # Kept, so that the discovery document and the keys are not fetched at every login.
    return OAuth().register(
        "psc",
        client_id=client_id,
        client_secret=settings.PSC_CLIENT_SECRET,
        server_metadata_url=discovery_url,
        client_kwargs={
            "scope": "openid scope_all",
            "code_challenge_method": "S256",
            "cert": (settings.PSC_CERTIFICATE, settings.PSC_KEY),
        },
        authorize_params={"acr_values": "eidas1"},
    )
