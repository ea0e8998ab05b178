"""Rules of the logout."""

from collections.abc import Iterator

from idp.checklists.exchange import LOGOUT as STEP
from idp.checklists.rules.rule import LOGOUT, PSC_CONNECTOR, Rule, Sighting, signed_in, where
from idp.checklists.seen import Seen


def _forgotten(seen: Seen) -> Iterator[Sighting]:
    if seen.redeemed and not seen.of(STEP):
        yield Sighting(f"{len(seen.redeemed)} logins, and not one logout", seen.redeemed)


def _without_hint(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(STEP):
        if not exchange.presented.get("token"):
            yield Sighting("id_token_hint was not sent", [exchange])


def _wrong_hint(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(STEP):
        kind = exchange.presented.get("typ", "ID")
        if kind != "ID":
            yield Sighting(f"id_token_hint was a token of the kind {kind}", [exchange])


def _to_unregistered_address(seen: Seen) -> Iterator[Sighting]:
    if seen.registered is None:
        return
    for exchange in seen.of(STEP):
        uri = exchange.parameters.get("post_logout_redirect_uri", "")
        if uri and uri not in seen.registered.post_logout_redirect_uris:
            yield Sighting(f"post_logout_redirect_uri was {uri!r}", [exchange])


RULES = (
    Rule(
        "logout_forgotten",
        "Nobody was ever signed out",
        "advice",
        "A person who clicks “disconnect” leaves the service and Pro Santé Connect both; else the "
        "next person at the workstation enters without a question. (A session that ends by "
        "itself needs none.)",
        "Send the browser to end_session_endpoint with id_token_hint and post_logout_redirect_uri.",
        PSC_CONNECTOR,
        signed_in,
        _forgotten,
    ),
    Rule(
        "logout_without_hint",
        "Logout without id_token_hint",
        "advice",
        "Without the hint the person is asked whether to sign out, and a call from server to "
        "server ends nothing.",
        "Keep the ID token of the login and send it as id_token_hint; it may have lapsed.",
        LOGOUT,
        where(STEP),
        _without_hint,
    ),
    Rule(
        "logout_hint_wrong",
        "id_token_hint is no ID token",
        "violation",
        "An access or refresh token in an address gives it away, and ends nothing.",
        "Send the ID token.",
        LOGOUT,
        where(STEP),
        _wrong_hint,
    ),
    Rule(
        "post_logout_redirect_uri_unregistered",
        "post_logout_redirect_uri is not registered",
        "refused",
        "Nobody is sent to an address that is not registered: the logout is refused.",
        "Register the address, character by character.",
        LOGOUT,
        where(STEP),
        _to_unregistered_address,
    ),
)
