"""Rules of how the service's server proves itself."""

from collections.abc import Iterator

from idp.checklists.exchange import BACK_CHANNEL
from idp.checklists.rules.rule import (
    CLIENT_CERTIFICATE,
    PSC_METHODS,
    Rule,
    Sighting,
    rfc,
    where,
)
from idp.checklists.seen import Seen

_OF_PSC = ("client_secret_basic", "client_secret_post", "tls_client_auth")


def _certificate_missing(seen: Seen) -> Iterator[Sighting]:
    plain = [e for e in seen.of(*BACK_CHANNEL) if not e.certificate]
    if plain:
        yield Sighting(f"{len(plain)} requests without a client certificate", plain)


def _certificate_untried(seen: Seen) -> Iterator[Sighting]:
    yield Sighting("this server asks for no certificate", seen.of(*BACK_CHANNEL)[:1])


def _failed(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(*BACK_CHANNEL):
        if exchange.answer.get("error") == "invalid_client":
            used = exchange.authentication or "no method"
            yield Sighting(f"{exchange.step}: invalid_client, by {used}", [exchange])


def _not_of_psc(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(*BACK_CHANNEL):
        # Who was not recognised is told so by another rule, whatever the method was meant to be.
        is_known = exchange.answer.get("error") != "invalid_client"
        used = exchange.authentication
        if used and used not in _OF_PSC and is_known and exchange.method == "POST":
            yield Sighting(f"{exchange.step}: by {exchange.authentication}", [exchange])


RULES = (
    Rule(
        "client_refused",
        "The client was not recognised",
        "violation",
        "The secret, the certificate or the method is not the registered one.",
        "Compare secret and method with the registration; encode both parts of Basic as a form.",
        rfc(6749, "2.3"),
        where(*BACK_CHANNEL),
        _failed,
    ),
    Rule(
        "method_not_of_psc",
        "Client authentication that Pro Santé Connect does not take",
        "refused",
        "Its document advertises more than it takes: a secret (Basic or post) or a certificate.",
        "Use tls_client_auth, or client_secret_basic with the certificate.",
        PSC_METHODS,
        where(*BACK_CHANNEL),
        _not_of_psc,
    ),
    Rule(
        "certificate_missing",
        "No client certificate in the back channel",
        "refused",
        "Requests of the service's server show a certificate of the service (IGC-Santé, ORG "
        "AUTH_CLI), with a secret or in its place.",
        "Call the addresses of mtls_endpoint_aliases with the certificate, userinfo included.",
        CLIENT_CERTIFICATE,
        lambda seen: seen.asks_for_certificates and bool(seen.of(*BACK_CHANNEL)),
        _certificate_missing,
    ),
    Rule(
        "certificate_untried",
        "The client certificate was not tried",
        "advice",
        "Pro Santé Connect demands a client certificate in the back channel. This server was "
        "started without a listener that asks for one, so nothing of it was shown.",
        "Set mtls_base_url (ecps-idp serve --tls) and call mtls_endpoint_aliases.",
        CLIENT_CERTIFICATE,
        lambda seen: not seen.asks_for_certificates and bool(seen.of(*BACK_CHANNEL)),
        _certificate_untried,
    ),
)
