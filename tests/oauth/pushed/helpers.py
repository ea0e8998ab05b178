"""Pushing a request, opening it, and answering it."""

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idp.oauth.authorization.authorize import succeed, validate
from tests.oauth.helpers import (
    VERIFIER,
    Service,
    challenge_of,
    open_session,
    parameters,
)

PAR = "ext/par/request"
ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PKCE = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


def push(service: Service, *, basic: bool = True, **changes: Any) -> Any:
    form = parameters(**({"client_id": service.client_id} | changes)).to_dict()
    return service.post(PAR, form, basic=basic)


def pushed(service: Service, **changes: Any) -> str:
    answer = push(service, **changes)
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return str(answer.json["request_uri"])


def open_auth(service: Service, request_uri: str, **changes: str) -> Any:
    query = {"client_id": service.client_id, "request_uri": request_uri} | changes
    return service.http.get("/auth", query_string=query)


def is_page_of_sign_in(answer: Any) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER and "/signin/" in answer.headers["Location"]


def is_error_page(answer: Any) -> bool:
    return bool(
        answer.status_code == HTTPStatus.BAD_REQUEST
        and "Location" not in answer.headers
        and answer.mimetype == "text/html"
    )


def answer_with_code(service: Service, request_uri: str) -> Any:
    """What the browser is told once the person signed in."""
    provider = service.provider
    session = open_session(provider)
    given = parameters(service.client_id, request_uri=request_uri)
    with service.app.test_request_context(), provider.store.begin() as db:
        return succeed(provider, db, validate(provider, db, given), session, "MOBILE")


def code_in(response: Any) -> str:
    return str(parse_qs(urlsplit(response.headers["Location"]).query)["code"][0])
