"""The checks of an authorization request, one a parameter.

Each takes the draft and gives the value that the valid request carries, or raises an error named
as the protocol names it. `CHECKS` is the table; its order is the order of the errors.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedResponseTypeError,
)
from authlib.oauth2.rfc7636.challenge import CODE_CHALLENGE_PATTERN
from authlib.oidc.core.errors import (
    RegistrationNotSupportedError,
    RequestNotSupportedError,
    RequestURINotSupportedError,
)

from idp.oauth.rules.claims_parameter import (
    UnmetAuthenticationRequirements,
    demanded_values,
    parse_claims,
    requested_subject,
)
from idp.oauth.rules.dpop_proof import THUMBPRINT
from idp.oauth.rules.resource_indicators import check_resources

RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query", "form_post", "query.jwt", "form_post.jwt", "jwt")
_MODE_OF_JWT = "query.jwt"
"""What `jwt` means with the response type `code` (JARM, 2.3.4)."""
SCOPES = ("openid", "profile", "email", "address", "phone", "scope_all")
"""Known scopes, in the order they are granted; others are ignored (Core 3.1.2.1)."""
ACR_VALUES = ("eidas1",)
_PROMPTS = {"none", "login", "consent", "select_account"}
_DISPLAYS = {"page", "popup", "touch", "wap"}
_NUMBER = re.compile(r"[0-9]{1,9}\Z")


@dataclass(frozen=True)
class Draft:
    """A request under examination: its parameters, and what is known of its client."""

    parameters: Mapping[str, str]
    """Parameters that were sent with a value; one sent without counts as omitted."""
    allowed_scope: frozenset[str]
    allowed_means: tuple[str, ...]
    pkce_required: bool
    read_id_token_hint: Callable[[str], dict[str, Any]]
    """Claims of an ID token of ours, also expired; raises InvalidRequestError."""
    asked_resources: tuple[str, ...] = ()
    """Every `resource` that was sent (RFC 8707)."""
    allowed_resources: frozenset[str] = frozenset()
    default_max_age: int | None = None
    """In seconds, of a request that names no `max_age`."""
    found: dict[str, Any] = field(default_factory=dict)
    """Values of the checks already passed."""

    def get(self, name: str) -> str:
        """A parameter, or the empty string."""
        return self.parameters.get(name, "")


def _refuse(name: str, error: type[OAuth2Error]) -> Callable[[Draft], None]:
    def check(draft: Draft) -> None:
        if draft.get(name):
            raise error

    return check


def mode_of_answer(response_mode: str) -> str | None:
    """The mode that a request's parameter means, also a missing one; nothing where unknown."""
    mode = response_mode or RESPONSE_MODES[0]
    if mode not in RESPONSE_MODES:
        return None
    return _MODE_OF_JWT if mode == "jwt" else mode


def _response_type(draft: Draft) -> None:
    response_type = draft.get("response_type")
    if not response_type:
        raise InvalidRequestError("The response_type parameter is missing.")
    if response_type not in RESPONSE_TYPES:
        raise UnsupportedResponseTypeError(None, "The only response_type here is code.")


def _response_mode(draft: Draft) -> str:
    mode = mode_of_answer(draft.get("response_mode"))
    if mode is None:
        raise InvalidRequestError("The response_mode is not supported.")
    return mode


def granted_scope(scope: str, allowed: Collection[str]) -> str:
    """The scope that will be granted: asked, registered, and known here.

    Raises:
        InvalidScopeError: neither `openid` nor `scope_all` is in it.
    """
    asked = set(scope.split(" "))
    granted = [s for s in SCOPES if s in asked and s in allowed]
    if not {"openid", "scope_all"} & set(granted):
        raise InvalidScopeError("The scope must hold openid or scope_all.")
    return " ".join(granted)


def _scope(draft: Draft) -> str:
    return granted_scope(draft.get("scope"), draft.allowed_scope)


def _prompt(draft: Draft) -> list[str]:
    prompts = draft.get("prompt").split()
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none stands alone.")
    if not set(prompts) <= _PROMPTS:
        raise InvalidRequestError("The prompt is not supported.")
    return prompts


def _max_age(draft: Draft) -> int | None:
    text = draft.get("max_age")
    if not text:
        return draft.default_max_age
    if not _NUMBER.match(text):
        raise InvalidRequestError("max_age must be a number of seconds.")
    return int(text)


def _claims(draft: Draft) -> dict[str, Any]:
    text = draft.get("claims")
    return parse_claims(text) if text else {}


def _hinted_sub(draft: Draft) -> str | None:
    hint = draft.get("id_token_hint")
    requested = requested_subject(draft.found["claims"])
    hinted = draft.read_id_token_hint(hint)["sub"] if hint else requested
    if requested not in (None, hinted):
        raise InvalidRequestError("id_token_hint and claims name different persons.")
    return hinted


def _means(draft: Draft) -> list[str]:
    acr = demanded_values(draft.found["claims"], "acr")
    if acr is not None and not set(ACR_VALUES) & {v for v in acr if isinstance(v, str)}:
        raise UnmetAuthenticationRequirements("No means here gives the demanded acr.")
    modes = demanded_values(draft.found["claims"], "authMode")
    means = [m for m in draft.allowed_means if modes is None or m in modes]
    if not means:
        raise UnmetAuthenticationRequirements("No accepted means has the demanded authMode.")
    return means


def _display(draft: Draft) -> str:
    display = draft.get("display") or "page"
    if display not in _DISPLAYS:
        raise InvalidRequestError("The display is not supported.")
    return display


def _code_challenge(draft: Draft) -> str | None:
    challenge, method = draft.get("code_challenge"), draft.get("code_challenge_method")
    if not challenge and not method:
        if draft.pkce_required:
            raise InvalidRequestError("PKCE with S256 is required.")
        return None
    if method != "S256":
        raise InvalidRequestError("code_challenge_method must be S256.")
    if not CODE_CHALLENGE_PATTERN.match(challenge):
        raise InvalidRequestError("The code_challenge is not correct.")
    return challenge


def _dpop_jkt(draft: Draft) -> str | None:
    thumbprint = draft.get("dpop_jkt")
    if thumbprint and not THUMBPRINT.fullmatch(thumbprint):
        raise InvalidRequestError("dpop_jkt must be the SHA-256 thumbprint of a key.")
    return thumbprint or None


def _resources(draft: Draft) -> list[str]:
    return check_resources(draft.asked_resources, draft.allowed_resources)


def _as_sent(name: str) -> Callable[[Draft], str]:
    return lambda draft: draft.get(name)


CHECKS: dict[str, Callable[[Draft], Any]] = {
    # parameter             check, whose value the request carries where it has such a member
    "request": _refuse("request", RequestNotSupportedError),
    "request_uri": _refuse("request_uri", RequestURINotSupportedError),
    "registration": _refuse("registration", RegistrationNotSupportedError),
    "response_type": _response_type,
    "response_mode": _response_mode,
    "scope": _scope,
    "state": _as_sent("state"),
    "nonce": _as_sent("nonce"),
    "prompt": _prompt,
    "max_age": _max_age,
    "login_hint": _as_sent("login_hint"),
    "claims": _claims,
    "hinted_sub": _hinted_sub,
    "means": _means,
    "ui_locales": _as_sent("ui_locales"),
    "display": _display,
    "code_challenge": _code_challenge,
    "dpop_jkt": _dpop_jkt,
    "resources": _resources,
}
_MEMBERLESS = ("request", "request_uri", "registration", "response_type")

PARAMETERS = frozenset(CHECKS) - {"hinted_sub", "means", "resources"} | {
    "client_id",
    "redirect_uri",
    "id_token_hint",
    "acr_values",
    "code_challenge_method",
}
"""Parameters that are read here, and so may stand only once; others are ignored."""


def check_all(draft: Draft) -> dict[str, Any]:
    """Run the table.

    Raises:
        OAuth2Error: the first check that failed.
    """
    for name, check in CHECKS.items():
        draft.found[name] = check(draft)
    return {name: value for name, value in draft.found.items() if name not in _MEMBERLESS}
