"""Rules of tokens: in their time, where they are for, and with the key that verifies them."""

from collections.abc import Iterator
from datetime import timedelta

from idp.checklists.exchange import (
    DISCOVERY,
    INTROSPECTION,
    JWKS,
    TOKEN,
    USERINFO,
    Exchange,
)
from idp.checklists.rules.rule import (
    PSC_DOCUMENTATION,
    Rule,
    Sighting,
    core,
    redeemed,
    rfc,
    signed_in,
    where,
)
from idp.checklists.seen import CODE, POLLED, REFRESH, Seen, lifetime_of

_MINUTE = timedelta(minutes=1)
_REFRESHES = 5
"""Refreshes of one session within a minute: tokens live two."""
_REFUSED = 10
"""Refused token requests within a minute, polls apart."""
_FETCHES_TOLD = 3
"""Logins from which on a fetch for each of them is a habit."""


def _expired_token(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(USERINFO, INTROSPECTION):
        issued = seen.issued.get(exchange.presented.get("token", ""))
        lifetime = lifetime_of(issued) if issued else None
        if issued is None or lifetime is None or exchange.at <= issued.at + lifetime:
            continue
        late = (exchange.at - issued.at - lifetime).total_seconds()
        yield Sighting(f"{exchange.step}: {late:.0f} s after it lapsed", [issued, exchange])


def _userinfo_never(seen: Seen) -> Iterator[Sighting]:
    if seen.redeemed and not seen.of(USERINFO):
        yield Sighting(f"{len(seen.redeemed)} logins, and userinfo was never read", seen.redeemed)


def _userinfo_refused(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(USERINFO):
        if exchange.status in {400, 401} and not exchange.presented.get("token"):
            yield Sighting("userinfo was asked without an access token", [exchange])


def _keys_never(seen: Seen) -> Iterator[Sighting]:
    with_id_token = [exchange for exchange in seen.redeemed if "id_token" in exchange.answer]
    if with_id_token and not any(fetch.step == JWKS for fetch in seen.own_fetches):
        yield Sighting(f"{len(with_id_token)} ID tokens, and no fetch of the keys", with_id_token)


def _fetched_each_time(seen: Seen) -> Iterator[Sighting]:
    logins = len(seen.redeemed)
    for step in (DISCOVERY, JWKS):
        fetches = [fetch for fetch in seen.own_fetches if fetch.step == step]
        if logins >= _FETCHES_TOLD and len(fetches) >= logins:
            yield Sighting(f"{step}: {len(fetches)} fetches for {logins} logins", fetches)


def _refresh_reused(seen: Seen) -> Iterator[Sighting]:
    spent: dict[str, Exchange] = {}
    for exchange in seen.tokens(REFRESH):
        token = exchange.parameters.get("refresh_token", "")
        if token in spent:
            yield Sighting("a refresh token was sent again", [spent[token], exchange])
        elif exchange.answer.get("refresh_token") not in {None, token}:
            spent[token] = exchange


def _hammered(seen: Seen) -> Iterator[Sighting]:
    refreshes: dict[str, list[Exchange]] = {}
    for exchange in seen.tokens(REFRESH):
        refreshes.setdefault(exchange.sid or "", []).append(exchange)
    for sid, group in refreshes.items():
        crowd = _crowd(group, _REFRESHES) if sid else []
        if crowd:
            yield Sighting(f"{len(crowd)} refreshes of one session within a minute", crowd)
    polls = seen.tokens(*POLLED)
    refused = [e for e in seen.of(TOKEN) if e.is_refused and e not in polls]
    crowd = _crowd(refused, _REFUSED)
    if crowd:
        yield Sighting(f"{len(crowd)} refused token requests within a minute", crowd)


def _crowd(exchanges: list[Exchange], most: int) -> list[Exchange]:
    """The first so many exchanges that came within a minute; none where they never did."""
    for first, last in zip(exchanges, exchanges[most - 1 :], strict=False):
        if last.at - first.at <= _MINUTE:
            return [e for e in exchanges if first.at <= e.at <= first.at + _MINUTE]
    return []


def _foreign_token(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(INTROSPECTION):
        owner = exchange.presented.get("azp")
        if owner not in {None, seen.client_id}:
            yield Sighting(f"asked about a token of the client {owner!r}", [exchange])


def _not_a_form(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(TOKEN):
        sent = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        if exchange.method == "POST" and sent != "application/x-www-form-urlencoded":
            yield Sighting(f"the token request was sent as {sent or 'nothing'}", [exchange])


def _wrong_grant(seen: Seen) -> Iterator[Sighting]:
    served = {CODE, REFRESH, *POLLED}
    for exchange in seen.of(TOKEN):
        grant = exchange.parameters.get("grant_type", "")
        if grant not in served and exchange.is_refused and exchange.method == "POST":
            yield Sighting(f"grant_type was {grant!r}", [exchange])


RULES = (
    Rule(
        "token_request_not_form",
        "The token request is no form",
        "violation",
        "The token endpoint reads application/x-www-form-urlencoded, and nothing else.",
        "Send the parameters as a form, not as JSON.",
        rfc(6749, "4.1.3"),
        where(TOKEN),
        _not_a_form,
    ),
    Rule(
        "grant_not_served",
        "The grant is not served",
        "refused",
        "Pro Santé Connect signs people in: with a code, by CIBA, and by refresh.",
        "Use authorization_code, refresh_token or urn:openid:params:grant-type:ciba.",
        PSC_DOCUMENTATION,
        where(TOKEN),
        _wrong_grant,
    ),
    Rule(
        "keys_never_fetched",
        "The keys were never fetched",
        "advice",
        "Without the keys of jwks_uri no signature of an ID token can be verified. (Fetches are "
        "known by address and User-Agent; keys fetched by another process are not seen.)",
        "Verify each ID token: signature by kid, iss, aud, exp, nonce.",
        core("3.1.3.7"),
        signed_in,
        _keys_never,
    ),
    Rule(
        "documents_fetched_each_login",
        "Discovery or keys are fetched at each login",
        "advice",
        "It slows each login down, and breaks with the smallest outage.",
        "Keep both; fetch the keys again for an unknown kid, at most every few minutes.",
        core("10.1.1"),
        signed_in,
        _fetched_each_time,
    ),
    Rule(
        "userinfo_never_called",
        "Userinfo was never read",
        "advice",
        "Profession, activities and structures stand in userinfo alone.",
        "Read userinfo right after the tokens, with the access token as Bearer.",
        PSC_DOCUMENTATION,
        signed_in,
        _userinfo_never,
    ),
    Rule(
        "userinfo_without_token",
        "Userinfo was asked without a token",
        "violation",
        "Without the access token in its header nothing is told.",
        "Send Authorization: Bearer and the access token, not the ID token or the code.",
        rfc(6750, "2.1"),
        where(USERINFO),
        _userinfo_refused,
    ),
    Rule(
        "token_used_expired",
        "An access token was used after its life",
        "violation",
        "Access tokens live two minutes: later calls are refused.",
        "Read expires_in; refresh before the token lapses, or read userinfo once, at login.",
        rfc(6749, "5.1"),
        where(USERINFO, INTROSPECTION),
        _expired_token,
    ),
    Rule(
        "refresh_reused",
        "A refresh token was used twice",
        "violation",
        "Each refresh gives a new token; an old one that comes back is taken for stolen, and all "
        "tokens of the login end.",
        "Keep the newest refresh token, in one place; refresh from one process at a time.",
        rfc(9700, "4.14.2"),
        redeemed(REFRESH),
        _refresh_reused,
    ),
    Rule(
        "token_endpoint_hammered",
        "The token endpoint is hammered",
        "advice",
        "Who asks this often is limited by the real platform, and so are all its users.",
        "Refresh shortly before the token lapses, not at each page; stop after an error that will "
        "not go away (invalid_grant, invalid_client).",
        rfc(6749, "5.2"),
        where(TOKEN),
        _hammered,
    ),
    Rule(
        "introspection_foreign",
        "Introspection of another client's token",
        "advice",
        "An API that asks about its callers' tokens does this rightly; a service that asks about a "
        "token that is not its own took it from somewhere it should not be.",
        "An API checks azp against the clients it serves; a service asks about its own tokens.",
        rfc(7662, "4"),
        where(INTROSPECTION),
        _foreign_token,
    ),
)
