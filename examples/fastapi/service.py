"""A service that signs health professionals in with Pro Santé Connect: FastAPI and Authlib.

    uvicorn --factory service:create_app

needs PSC_DISCOVERY_URL, PSC_CLIENT_ID, PSC_CLIENT_SECRET and SECRET_KEY in its environment, and
PSC_CERTIFICATE and PSC_KEY: the files of the certificate that the service shows (EXI PSC 24).
"""

import logging
import os
import secrets
import ssl
import time
from typing import Annotated, Any

import httpx
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware

FAILED = (OAuthError, JoseError, httpx.HTTPError, ValueError)
"""Whatever a provider can answer wrongly: an error, a token that does not hold, no JSON."""

log = logging.getLogger(__name__)
now = time.time
router = APIRouter()


def create_app(**config: str) -> FastAPI:
    """The application; `config` wins over the environment."""
    values = {**os.environ, **config}
    tls = ssl.create_default_context()
    tls.load_cert_chain(values["PSC_CERTIFICATE"], values["PSC_KEY"])
    app = FastAPI()
    app.add_middleware(SessionMiddleware, secret_key=values["SECRET_KEY"], https_only=True)
    # Who is signed in, by a name that the cookie holds: tokens with a practitioner's activities
    # are larger than a cookie. A service with several processes keeps this in its database.
    app.state.people = {}
    app.state.psc = OAuth().register(
        "psc",
        client_id=values["PSC_CLIENT_ID"],
        client_secret=values["PSC_CLIENT_SECRET"],
        server_metadata_url=values["PSC_DISCOVERY_URL"],
        client_kwargs={
            "scope": "openid scope_all",
            "code_challenge_method": "S256",
            "verify": tls,
        },
        authorize_params={"acr_values": "eidas1"},
    )
    app.include_router(router)
    return app


class NotSignedIn(HTTPException):
    """Whoever is not signed in is sent to the login."""

    def __init__(self) -> None:
        super().__init__(302, headers={"Location": "/login"})


async def signed_in(request: Request) -> dict[str, Any]:
    """Who is signed in, here and at Pro Santé Connect.

    Raises:
        NotSignedIn: nobody is.
    """
    known = request.app.state.people.get(request.session.get("key"))
    if known is None or not await _still_signed_in(request, known):
        _forget(request)
        raise NotSignedIn
    person: dict[str, Any] = known["person"]
    return person


@router.get("/", response_class=HTMLResponse)
async def home() -> str:
    """What everybody sees."""
    return "Hello. <a href='/login'>Sign in with Pro Santé Connect</a>"


@router.get("/login")
async def login(request: Request) -> Response:
    """Begin a sign-in."""
    address = str(request.url_for("callback"))
    answer: Response = await (await _psc(request)).authorize_redirect(request, address)
    return answer


@router.get("/callback")
async def callback(request: Request) -> Response:
    """The browser comes back: Authlib checks state, nonce and signature, and what it is told to."""
    psc = await _psc(request)
    try:
        token = await psc.authorize_access_token(request, claims_options=_expected(psc))
        person = await psc.userinfo(token=token)
    except FAILED as error:
        log.info("the sign-in was refused: %s", error)
        raise HTTPException(403, "The sign-in was not completed.") from error
    if person["sub"] != token["userinfo"]["sub"]:  # OpenID Connect Core, 5.3.2
        raise HTTPException(403, "The sign-in was not completed.")
    request.session.clear()
    request.session["key"] = secrets.token_urlsafe()
    request.app.state.people[request.session["key"]] = {"token": token, "person": person}
    return RedirectResponse(request.url_for("me"), 303)


@router.get("/me")
async def me(person: Annotated[dict[str, Any], Depends(signed_in)]) -> dict[str, str]:
    """Who is signed in."""
    return {"national_id": person["SubjectNameID"], "name": person["family_name"]}


@router.get("/logout")
async def logout(request: Request) -> Response:
    """Sign out here, then at Pro Santé Connect."""
    known = _forget(request)
    if known is None:
        return RedirectResponse(request.url_for("home"), 303)
    answer: Response = await (await _psc(request)).logout_redirect(
        request,
        post_logout_redirect_uri=request.url_for("home"),
        id_token_hint=known["token"]["id_token"],
    )
    return answer


async def _still_signed_in(request: Request, known: dict[str, Any]) -> bool:
    """Whether the session at Pro Santé Connect lives: asked when the access token lapses."""
    if known["token"]["expires_at"] > now():
        return True
    try:
        known["token"] |= await (await _psc(request)).fetch_access_token(
            grant_type="refresh_token", refresh_token=known["token"]["refresh_token"]
        )
    except FAILED:
        return False
    return True


def _expected(psc: Any) -> dict[str, Any]:
    # Without it, Authlib takes an ID token that was made for another service.
    return {
        "iss": {"essential": True, "value": psc.server_metadata["issuer"]},
        "aud": {"essential": True, "value": psc.client_id},
    }


async def _psc(request: Request) -> Any:
    psc = request.app.state.psc
    metadata = await psc.load_server_metadata()  # fetched once
    metadata |= metadata["mtls_endpoint_aliases"]  # where a certificate is asked for: RFC 8705, 5
    return psc


def _forget(request: Request) -> dict[str, Any] | None:
    known: dict[str, Any] | None = request.app.state.people.pop(request.session.get("key"), None)
    request.session.clear()
    return known
