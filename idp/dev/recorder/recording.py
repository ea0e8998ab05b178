"""The recorder's hook: one insert a request at the protocol's addresses, after its answer.

It stands first among the hooks of a development server, so that it comes last: what it keeps is
what was sent, faults that were asked for included.
"""

from collections import Counter
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from idp.checklists.exchange import (
    AUTHORIZE,
    CALLBACK,
    CIBA,
    DEVICE,
    DISCOVERY,
    INTROSPECTION,
    JWKS,
    LOGOUT,
    PAR,
    REVOCATION,
    TOKEN,
    USERINFO,
)
from idp.dev.callers import client_of_request, unverified_claims
from idp.dev.recorder.told import (
    fingerprint,
    storable,
    told_answer,
    told_name,
    told_object,
    told_parameter,
    told_scheme,
)
from idp.oauth.clients.assertion import assertion_method
from idp.provider import EXTENSION, Provider, current_provider
from idp.psc import addresses
from idp.settings import Settings
from idp.store.exchanges import add_exchanges
from idp.store.models import DevExchange
from idp.web.client_certificate import client_certificate

log = structlog.get_logger(__name__)
_HEADERS = (
    "accept",
    "content-type",
    "origin",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "user-agent",
)
_LONGEST_HEADER = 200
"""Characters kept of a header."""
_MOST_PARAMETERS = 50
"""Parameters kept of a request: several times what any protocol names."""
_TOLD = ("error", "error_description")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_PROVING = (PAR, CIBA, DEVICE, TOKEN, INTROSPECTION, REVOCATION)
"""Where a client authenticates."""


def record_exchanges(app: Flask) -> None:
    """Keep what passes, unless the setting `recorder_kept` is 0."""
    provider: Provider = app.extensions[EXTENSION]
    if not provider.settings.recorder_kept:
        return
    steps = steps_by_path(provider.settings)

    @app.after_request
    def record(response: Response) -> Response:
        try:
            rows = _rows(response, steps.get(request.path))
        except (ClientDisconnected, RequestEntityTooLarge):
            return response  # refused for a body of which nothing is known
        if rows and response.status_code != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            _keep(rows)
        return response


def steps_by_path(settings: Settings) -> dict[str, str]:
    """The protocol's addresses; by path, so that a wrong method at one is seen as well."""
    realm = settings.realm_path
    below = {
        addresses.TOKEN: TOKEN,
        addresses.INTROSPECTION: INTROSPECTION,
        addresses.REVOCATION: REVOCATION,
        addresses.USERINFO: USERINFO,
        addresses.PUSHED_AUTHORIZATION: PAR,
        addresses.BACKCHANNEL_AUTHENTICATION: CIBA,
        addresses.DEVICE_AUTHORIZATION: DEVICE,
        addresses.LOGOUT: LOGOUT,
        addresses.CERTS: JWKS,
        f"{addresses.PROTOCOL}/auth": AUTHORIZE,
        "/.well-known/openid-configuration": DISCOVERY,
        "/.well-known/wallet-openid-configuration": DISCOVERY,
    }
    return {"/auth": AUTHORIZE, "/auth/": AUTHORIZE} | {
        realm + path: step for path, step in below.items()
    }


def _rows(response: Response, step: str | None) -> list[DevExchange]:
    rows = []
    # The alias of the authorization endpoint sends on to it: the request comes again there.
    moved_on = response.status_code == HTTPStatus.TEMPORARY_REDIRECT
    if step is not None and request.method != "OPTIONS" and not moved_on:
        rows.append(_exchange(response, step))
    answered = g.pop("authorization_answer", None)
    if answered is not None:
        rows.append(_callback(response, *answered))
    return rows


def _keep(rows: list[DevExchange]) -> None:
    try:
        with current_provider().store.begin() as db:
            add_exchanges(db, rows)
    except OperationalError as error:
        # The answer stands, whatever became of the record of it.
        log.warning("exchange not recorded", error=str(error.orig))


def _exchange(response: Response, step: str) -> DevExchange:
    answer, presented = told_answer(response), _presented(step)
    return DevExchange(
        at=current_provider().clock.now(),
        client_id=storable(_client_of(step, presented)),
        step=step,
        method=request.method,
        request=storable(_request(step) | ({"presented": presented} if presented else {})),
        status=response.status_code,
        answer=storable(answer),
        sid=storable(_sid_of(answer, presented)),
    )


def _callback(response: Response, to: Any, members: dict[str, str]) -> DevExchange:
    """The authorization response, whichever page it is given at and in whichever form."""
    settings = current_provider().settings
    told: dict[str, Any] = {name: members[name] for name in _TOLD if name in members}
    if "code" in members:
        lifetime = int(settings.code_lifetime.total_seconds())
        told |= {"code": fingerprint(members["code"]), "code_expires_in": lifetime}
    parameters = {"redirect_uri": to.redirect_uri, "state": to.state}
    return DevExchange(
        at=current_provider().clock.now(),
        client_id=to.client_id,
        step=CALLBACK,
        method=request.method,
        request=storable({"parameters": parameters, "headers": _headers()}),
        status=response.status_code,
        answer=told,
        sid=members.get("session_state"),
    )


def _client_of(step: str, presented: dict[str, str]) -> str | None:
    if step in {JWKS, DISCOVERY}:
        return None
    client_id = client_of_request() or presented.get("azp")
    return client_id[:_LONGEST_HEADER] if client_id else None


def _sid_of(answer: dict[str, Any], presented: dict[str, Any]) -> str | None:
    sid = answer.get("session_state") or presented.get("sid")
    return str(sid)[:_LONGEST_HEADER] if sid else None


def _request(step: str) -> dict[str, Any]:
    longest = current_provider().settings.max_parameter
    form = _form()
    given = [*request.args.items(multi=True), *form]
    names = [name for name, _ in given]
    parameters: dict[str, str] = {}
    for name, value in given[:_MOST_PARAMETERS]:
        parameters.setdefault(told_name(name), told_parameter(name, value, longest=longest))
    told: dict[str, Any] = {
        "parameters": parameters,
        "in_query": sorted({told_name(name) for name in request.args}),
        "repeated": sorted({told_name(name) for name, sent in Counter(names).items() if sent > 1}),
        "headers": _headers(),
        "certificate": client_certificate() is not None,
        "caller": fingerprint(f"{request.remote_addr} {request.headers.get('User-Agent', '')}"),
    }
    if step in _PROVING:
        told["authentication"] = _authentication(dict(form))
    said = storable(unverified_claims(dict(given).get("request", "")))
    if said:
        told["request_object"] = told_object(said, longest=longest)
    return told


def _form() -> list[tuple[str, str]]:
    """The fields of a form; none of a body that was refused for its size."""
    longest = current_provider().settings.max_body
    if request.mimetype not in _FORMS or (request.content_length or 0) > longest:
        return []
    return list(request.form.items(multi=True))


def _headers() -> dict[str, str]:
    given = ((name, request.headers.get(name)) for name in _HEADERS)
    told = {name: value[:_LONGEST_HEADER] for name, value in given if value is not None}
    authorization = request.headers.get("Authorization")
    return told | ({"authorization": told_scheme(authorization)} if authorization else {})


def _authentication(form: dict[str, str]) -> str:
    """The method that the request uses, whether or not it held."""
    if request.headers.get("Authorization", "").lower().startswith("basic "):
        return "client_secret_basic"
    if "client_secret" in form:
        return "client_secret_post"
    if "client_assertion" in form:
        return assertion_method(form["client_assertion"])
    return "tls_client_auth" if client_certificate() else "none"


def _presented(step: str) -> dict[str, str]:
    """What the token that was presented says of itself."""
    form = dict(_form())
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if step == USERINFO:
        by_header = credentials.strip() if scheme.lower() in {"bearer", "dpop"} else ""
        token = by_header or form.get("access_token") or request.args.get("access_token", "")
    elif step in {INTROSPECTION, REVOCATION}:
        token = form.get("token", "")
    elif step == LOGOUT:
        token = request.args.get("id_token_hint") or form.get("id_token_hint", "")
    else:
        return {}
    claims = unverified_claims(token)
    said = {
        name: storable(str(claims[name]))
        for name in ("azp", "exp", "sid", "typ")
        if isinstance(claims.get(name), str | int)
    }
    return said | {"token": fingerprint(token)} if token else {}
