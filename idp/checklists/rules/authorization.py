"""Rules of the authorization request."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from idp.checklists.rules.rule import (
    PSC_DOCUMENTATION,
    REFERENTIAL,
    Check,
    Rule,
    Sighting,
    anywhere,
    asked,
    core,
    rfc,
)
from idp.checklists.seen import Request, Seen
from idp.oauth.rules.redirect_uris import LOOPBACK_HOSTS, is_registered

_ACR = "eidas1"


def each_request(says: Callable[[Request], str]) -> Check:
    """A check of each legible authorization request alone: what is wrong of it, or nothing."""

    def check(seen: Seen) -> Iterator[Sighting]:
        for request in seen.legible:
            text = says(request)
            if text:
                yield Sighting(text, [request.exchange])

    return check


def _without_acr(request: Request) -> str:
    return "" if request.asked.get("acr_values") else "acr_values was not sent"


def _with_other_acr(request: Request) -> str:
    acr = request.asked.get("acr_values", "")
    return f"acr_values was {acr!r}" if acr not in {"", _ACR} else ""


def _without_openid(request: Request) -> str:
    scope = request.asked.get("scope", "")
    return "" if "openid" in scope.split() else f"scope was {scope!r}"


def _without_scope_all(request: Request) -> str:
    scope = request.asked.get("scope", "")
    return "" if "scope_all" in scope.split() else f"scope was {scope!r}"


def _with_email_scope(request: Request) -> str:
    scope = request.asked.get("scope", "")
    return f"scope was {scope!r}" if "email" in scope.split() else ""


def _with_other_response_type(request: Request) -> str:
    response_type = request.asked.get("response_type", "")
    return "" if response_type == "code" else f"response_type was {response_type!r}"


def _in_plain_http(request: Request) -> str:
    uri = request.asked.get("redirect_uri", "")
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    is_plain = parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS
    return f"redirect_uri was {uri}" if is_plain else ""


def _with_repeated_parameters(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.exchanges:
        repeated = [name for name in exchange.repeated if name != "resource"]
        if repeated:
            yield Sighting(f"sent more than once: {', '.join(repeated)}", [exchange])


def _to_unregistered_address(seen: Seen) -> Iterator[Sighting]:
    if seen.registered is None:
        return
    for request in seen.legible:
        uri = request.asked.get("redirect_uri", "")
        if not is_registered(uri, list(seen.registered.redirect_uris)):
            yield Sighting(f"redirect_uri was {uri!r}", [request.exchange])


def _by_unknown_client(seen: Seen) -> Iterator[Sighting]:
    if seen.registered is None and seen.exchanges:
        yield Sighting(f"client_id was {seen.client_id!r}", seen.exchanges[:1])


def _in_frame(request: Request) -> str:
    where = request.exchange.headers.get("sec-fetch-dest", "")
    return f"loaded in an {where}" if where in {"iframe", "frame", "object", "embed"} else ""


RULES = (
    Rule(
        "client_unknown",
        "The client is not registered",
        "refused",
        "Nothing is answered to a client that is not registered, or registered elsewhere.",
        "Register the client, or configure the client_id that it was registered under.",
        rfc(6749, "2.2"),
        anywhere,
        _by_unknown_client,
    ),
    Rule(
        "acr_values_missing",
        "acr_values is missing",
        "refused",
        "Pro Santé Connect demands that each request names the level of assurance.",
        "Send acr_values=eidas1 with every authorization request.",
        REFERENTIAL,
        asked,
        each_request(_without_acr),
    ),
    Rule(
        "acr_values_other",
        "acr_values is not eidas1",
        "refused",
        "eidas1 is the one value that Pro Santé Connect takes; for a card too.",
        "Send acr_values=eidas1 and nothing else in it; the means stands in the claim authMode.",
        REFERENTIAL,
        asked,
        each_request(_with_other_acr),
    ),
    Rule(
        "redirect_uri_unregistered",
        "redirect_uri is not registered",
        "refused",
        "The browser is never sent to an address that is not registered, character by character.",
        "Register the address, or send the registered one; ANS changes addresses on request only.",
        rfc(9700, "2.1"),
        asked,
        _to_unregistered_address,
    ),
    Rule(
        "redirect_uri_http",
        "redirect_uri is plain http",
        "violation",
        "The code would cross the network in clear.",
        "Use https; plain http is for a loopback address on the developer's machine alone.",
        rfc(9700, "2.6"),
        asked,
        each_request(_in_plain_http),
    ),
    Rule(
        "response_type_other",
        "response_type is not code",
        "violation",
        "Implicit and hybrid answers show tokens to the browser; this provider refuses them.",
        "Send response_type=code.",
        rfc(9700, "2.1.2"),
        asked,
        each_request(_with_other_response_type),
    ),
    Rule(
        "scope_without_openid",
        "scope lacks openid",
        "violation",
        "Without openid the request is no OpenID Connect one: there is no ID token to verify.",
        "Send scope=openid scope_all.",
        core("3.1.2.1"),
        asked,
        each_request(_without_openid),
    ),
    Rule(
        "scope_all_missing",
        "scope lacks scope_all",
        "advice",
        "The professional identity (SubjectRefPro, SubjectRole, …) comes with scope_all.",
        "Send scope=openid scope_all, as ANS's own clients do.",
        PSC_DOCUMENTATION,
        asked,
        each_request(_without_scope_all),
    ),
    Rule(
        "email_expected",
        "scope asks for email",
        "advice",
        "No recorded userinfo of Pro Santé Connect has an e-mail address of the person; the "
        "addresses in it are those of places of work, shared by colleagues, and often empty.",
        "Know people by SubjectNameID, never by e-mail; ask the person for an address of theirs.",
        PSC_DOCUMENTATION,
        asked,
        each_request(_with_email_scope),
    ),
    Rule(
        "parameter_repeated",
        "A parameter was sent more than once",
        "violation",
        "Which of the two counts is nobody's guess: the request is refused.",
        "Send each parameter once.",
        rfc(6749, "3.1"),
        anywhere,
        _with_repeated_parameters,
    ),
    Rule(
        "sign_in_framed",
        "The sign-in was opened in a frame",
        "advice",
        "Pages of a sign-in refuse to be framed, against clickjacking: the person sees nothing.",
        "Send the whole browser to the authorization endpoint.",
        rfc(9700, "4.16"),
        asked,
        each_request(_in_frame),
    ),
)
