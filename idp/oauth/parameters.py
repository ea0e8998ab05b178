"""What Authlib sees of a request to one of the protocol's endpoints."""

from collections import defaultdict
from typing import Any

from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import request
from werkzeug.datastructures import MultiDict

from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE

_REPEATABLE = {RESOURCE, "audience"}


class FormPayload:
    """Parameters of the body alone: nothing of a token request belongs in an address."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self.data = form
        self.datalist: dict[str, list[str]] = defaultdict(list, form.to_dict(flat=False))
        self.grant_type = form.get("grant_type")
        self.client_id = form.get("client_id")
        self.redirect_uri = form.get("redirect_uri")
        self.scope = form.get("scope")
        self.state = form.get("state")


class FormRequest(FlaskOAuth2Request):
    """The running request.

    Whether plain http is served was decided at start (decision 2), where the public address is
    known; Authlib's own check would judge the address behind the proxy.
    """

    def __init__(self) -> None:
        super(FlaskOAuth2Request, self).__init__(
            method=request.method, uri="https://checked.at.start", headers=request.headers
        )
        self._request = request
        self.payload = FormPayload(request.form)
        self.presented: Any = None
        """The code or token of the request, as the endpoint found it stored."""
        self.confirmation: dict[str, str] = {}
        """Members of `cnf` (RFC 7800): the key that the request proved, for its tokens."""
        self.audience: list[str] = []
        """Where its access token is for (RFC 8707); empty: here."""


def refuse_repeated(given: Any) -> None:
    """Refuse a parameter that stands more than once (RFC 6749, 3.2).

    Not so `resource` (RFC 8707, 2) and `audience` (RFC 8693, 2.1).

    Raises:
        InvalidRequestError: one does.
    """
    sent = given.payload.datalist.items()
    if any(len(values) > 1 for name, values in sent if name not in _REPEATABLE):
        raise InvalidRequestError("A parameter stands more than once.")
