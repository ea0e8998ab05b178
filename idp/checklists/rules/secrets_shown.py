"""Rules of secrets that stand where others read them."""

from collections.abc import Iterator

from idp.checklists.exchange import BACK_CHANNEL
from idp.checklists.rules.rule import PSC_DOCUMENTATION, Check, Rule, Sighting, anywhere, rfc, where
from idp.checklists.seen import Seen

_CREDENTIALS = ("client_secret", "client_assertion")
_TOKENS = ("access_token", "token", "refresh_token")
_CODES = ("code", "code_verifier", "auth_req_id", "device_code")


def _in_address(*names: str) -> Check:
    def check(seen: Seen) -> Iterator[Sighting]:
        for exchange in seen.exchanges:
            shown = [name for name in names if name in exchange.in_query]
            if shown:
                told = f"{exchange.step}: {', '.join(shown)} in the address"
                yield Sighting(told, [exchange])

    return check


def _from_page(seen: Seen) -> Iterator[Sighting]:
    for exchange in seen.of(*BACK_CHANNEL):
        if exchange.headers.get("sec-fetch-mode") == "cors" or "origin" in exchange.headers:
            yield Sighting(f"{exchange.step}: asked by a page in a browser", [exchange])


RULES = (
    Rule(
        "client_secret_in_url",
        "The client's secret stands in an address",
        "violation",
        "Addresses are written into logs, histories and proxies.",
        "Send it in the Authorization header (Basic) or in the form; then make a new secret.",
        rfc(6749, "2.3.1"),
        anywhere,
        _in_address(*_CREDENTIALS),
    ),
    Rule(
        "token_in_url",
        "A token stands in an address",
        "violation",
        "Addresses are written into logs, histories and proxies: who reads one has the token.",
        "Send it as Authorization: Bearer.",
        rfc(9700, "4.3.2"),
        anywhere,
        _in_address(*_TOKENS),
    ),
    Rule(
        "code_in_url",
        "A code or its verifier stands in the address of a request",
        "violation",
        "Token requests are posted, so that no log or proxy sees what they hold.",
        "Post the parameters of the token request as a form.",
        rfc(6749, "3.2"),
        anywhere,
        _in_address(*_CODES),
    ),
    Rule(
        "called_from_page",
        "A page in a browser calls the back channel",
        "advice",
        "No CORS permission is given here: the browser refuses the answer, and a page "
        "cannot keep a secret.",
        "Call these addresses from the service's server.",
        PSC_DOCUMENTATION,
        where(*BACK_CHANNEL),
        _from_page,
    ),
)
