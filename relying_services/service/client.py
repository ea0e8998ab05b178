"""The client of the provider: Authlib's, strict where Authlib leaves a check to who uses it.

Stock Authlib takes an ID token that was made for another service, never reads `iss` of the
authorization response, asks nobody why there is no ID token at all, and has the machine's time. It
keeps whatever discovery and the published keys said first, be it another provider's.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from authlib.integrations.base_client import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.oidc.core import CodeIDToken
from flask import request, session
from joserfc.errors import JoseError
from requests import RequestException
from requests.exceptions import InvalidJSONError

from relying_services.clock import Clock

_LEEWAY = 60
"""Seconds by which the clocks of provider and service may differ."""
_LEVELS = ("eidas1", "eidas3")
"""Of authentication (`acr`): what is asked for, and what a card gives."""
_NEEDED = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
)
_ADDRESS = re.compile(r"(https?)://[\w.:\[\]-]+(?:/[!-~]*)?", re.ASCII)
"""What may stand in a header too: no blank, no semicolon in what names a host."""


class StrictClient(FlaskOAuth2App):  # type: ignore[misc]  # Authlib is not typed
    """An application that is a client of the provider."""

    clock: Clock
    """Of the service: by it tokens are judged."""
    issuer: str
    """The provider's address, as the settings say it."""
    server_metadata: dict[str, Any]
    """What discovery said, and the published keys; empty until it was read."""

    def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, read once.

        Nothing is kept of a document that does not hold: the next sign-in asks anew.

        Raises:
            OAuthError: it is another provider's, or lacks an address (Discovery 1.0, 4.3).
            RequestException: there is no answer, or none in JSON.
        """
        if not self.server_metadata:
            with self._get_session() as http:
                answer = http.get(self._server_metadata_url, withhold_token=True)
            answer.raise_for_status()
            self.server_metadata = _held_to(self.issuer, answer.json())
        return self.server_metadata

    def authorize_access_token(self, **more: Any) -> dict[str, Any]:
        """Redeem the code of the authorization response; what was verified is in `userinfo`.

        Raises:
            MismatchingStateError: it answers no sign-in that this browser began.
            OAuthError: the provider refuses, or the answer is not its own, or not whole.
            JoseError: the ID token does not verify.
        """
        self._hold_to_state(request.args.get("state"))
        self._hold_to_issuer(request.args.get("iss"))
        if "error" in request.args:
            # Authlib uses a state up with a code alone: a refusal is an answer too.
            self.framework.clear_state_data(session, request.args["state"])
        elif not request.args.get("code"):
            raise OAuthError("invalid_request", "the answer holds neither a code nor an error")
        token: dict[str, Any] = super().authorize_access_token(**more)
        _hold_to_tokens(token)
        return token

    def fetch_access_token(self, redirect_uri: str | None = None, **more: Any) -> dict[str, Any]:
        """Tokens of the token endpoint.

        Raises:
            OAuthError: the provider refuses.
            RequestException: it does not answer, or not as a token endpoint does.
        """
        with read_as_json():
            token: dict[str, Any] = super().fetch_access_token(redirect_uri, **more)
        return token

    def parse_id_token(self, token: Any, nonce: str | None, **more: Any) -> dict[str, Any]:
        """The claims of the ID token among some tokens (OpenID Connect Core 3.1.3.7).

        The time is looked at once more: the token may be of a clock that was just moved.

        Raises:
            OAuthError: there is none, it is for others too, or of a level not known.
            JoseError: it does not verify; the published keys are asked for anew next time.
        """
        _hold_to_tokens(token)
        expected = {
            "iss": {"essential": True, "value": self.load_server_metadata()["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        self.clock.look()
        claims_of = partial(_Claims, self.clock, token.get("access_token"))
        held_to = {"claims_options": expected, "claims_cls": claims_of}
        try:
            claims: dict[str, Any] = super().parse_id_token(
                token, nonce, **{"leeway": _LEEWAY, **more, **held_to}
            )
        except JoseError:
            # Authlib looks again where a `kid` is unknown; not for other keys of a known one.
            self.server_metadata.pop("jwks", None)
            raise
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise OAuthError("invalid_token", "the ID token is for others, too")
        if "acr" in claims and claims["acr"] not in _LEVELS:
            raise OAuthError("invalid_token", "the ID token is of a level that is not known here")
        return claims

    def _hold_to_state(self, state: str | None) -> None:
        """First of all, and of refusals too: anybody can write one into a link (RFC 9700, 4.7).

        That of a logout is none of a sign-in, which has a nonce.
        """
        begun = self.framework.get_state_data(session, state)
        if not begun or "nonce" not in begun:
            raise MismatchingStateError

    def _hold_to_issuer(self, issuer: str | None) -> None:
        """Whose answer it is, where the provider says so in each (RFC 9207, 2.4)."""
        metadata = self.load_server_metadata()
        is_told = metadata.get("authorization_response_iss_parameter_supported")
        if is_told and issuer != metadata["issuer"]:
            raise OAuthError("invalid_request", "the answer names another issuer, or none")


class _Claims(CodeIDToken):  # type: ignore[misc]  # Authlib is not typed
    """Claims of an ID token, whose age the clock of the service tells."""

    def __init__(self, clock: Clock, access_token: str | None, *given: Any) -> None:
        super().__init__(*given)
        self._clock = clock
        # Authlib hands the token that `at_hash` is of to its own claims alone.
        self.params["access_token"] = access_token

    def validate(self, now: int | None = None, leeway: int = 0) -> None:
        """Hold the claims to the present instant, unless another is given."""
        super().validate(int(self._clock.timestamp()) if now is None else now, leeway)


@contextmanager
def read_as_json() -> Iterator[None]:
    """Tell an answer of the token endpoint that is no JSON object from a mistake of our own.

    Raises:
        InvalidJSONError: Authlib says `ValueError` of it, which requests call by this name.
    """
    try:
        yield
    except RequestException:
        raise
    except ValueError as error:
        raise InvalidJSONError(str(error)) from error


def _held_to(issuer: str, told: Any) -> dict[str, Any]:
    """Discovery of this issuer and no other, with every address that services need."""
    if not isinstance(told, dict) or told.get("issuer") != issuer:
        raise OAuthError("invalid_discovery", f"discovery is not that of {issuer}")
    scheme = issuer.partition(":")[0]
    for name in _NEEDED:
        found = _ADDRESS.fullmatch(str(told.get(name, "")))
        if found is None or found[1] != scheme:
            raise OAuthError("invalid_discovery", f"discovery names no {name} to go to")
    return told


def _hold_to_tokens(token: dict[str, Any]) -> None:
    if not token.get("id_token"):
        raise OAuthError("invalid_token", "the provider gave no ID token")
    if not token.get("access_token") or str(token.get("token_type", "")).lower() != "bearer":
        raise OAuthError("invalid_token", "the provider gave no access token of a type known here")
