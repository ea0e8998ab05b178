"""Authorization responses: by redirect or form, always naming the issuer (RFC 9207, JARM)."""

from typing import Protocol
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Response, g, make_response, render_template

from idp.oauth.authorization.response_jwt import PARAMETER, response_jwt
from idp.oauth.rules.redirect_uris import origin_of
from idp.provider import Provider
from idp.web.headers import allow_form_target

SEE_OTHER = 303
"""Never 302 or 307: the browser must not post a person's form again to the client."""


class ReturnAddress(Protocol):
    """Where an answer goes: a valid request, or an error of one."""

    @property
    def client_id(self) -> str: ...  # noqa: D102 - as in AuthorizationRequest

    @property
    def redirect_uri(self) -> str: ...  # noqa: D102 - as in AuthorizationRequest

    @property
    def response_mode(self) -> str: ...  # noqa: D102 - as in AuthorizationRequest

    @property
    def state(self) -> str: ...  # noqa: D102 - as in AuthorizationRequest


def answer_client(provider: Provider, to: ReturnAddress, members: dict[str, str]) -> Response:
    """Send the members back with `state` and issuer, in the response mode that was asked.

    Raises:
        AnswerUndeliverable: it must be encrypted, and no key of the client fits.
    """
    g.authorization_answer = (to, members)  # for who watches a development server
    if to.state:
        members = members | {"state": to.state}
    mode, _, jwt = to.response_mode.partition(".")
    if jwt:
        members = {PARAMETER: response_jwt(provider, to.client_id, members)}
    else:
        members = members | {"iss": provider.settings.issuer}
    if mode == "form_post":
        allow_form_target(origin_of(to.redirect_uri))
        return make_response(
            render_template("oauth/form_post.html", target=to.redirect_uri, members=members)
        )
    response = make_response("", SEE_OTHER)
    response.headers["Location"] = add_to_query(to.redirect_uri, members)
    return response


def add_to_query(uri: str, members: dict[str, str]) -> str:
    """Add parameters, keeping those that the registered address already has."""
    parts = urlsplit(uri)
    query = "&".join(filter(None, (parts.query, urlencode(members))))
    return urlunsplit(parts._replace(query=query))
