"""Security keys of operators: the console's own relying party, with keys of its own kind."""

from urllib.parse import urlsplit

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.proof import count_attempt
from idp.provider import Provider
from idp.security_keys.authentication import authenticate
from idp.security_keys.errors import KeyRefused, KeyUnknown
from idp.security_keys.options import authentication_options
from idp.security_keys.parties import OPERATOR, Party, bound_to
from idp.settings import Settings
from idp.store.operators import ACTIVE, find_operator
from idp.web.cookies import browser_secret

_PAGE = "console"


def console_party(settings: Settings) -> Party:
    """Where operators' keys are used: the console, and no page that people see."""
    address = urlsplit(settings.console_base_url)
    return Party(
        rp_id=address.hostname or "",
        origin=f"{address.scheme}://{address.netloc}",
        name=f"{settings.service_name} – console",
    )


def binding() -> bytes:
    """What alone may answer: this browser, on the console."""
    return bound_to(browser_secret(), _PAGE)


def begin_entry(provider: Provider) -> str:
    """What a browser asks of a security key, as JSON; nobody is named.

    Raises:
        TooManyEntries: this address asked too often.
    """
    count_attempt(provider, "key")
    with provider.store.begin() as db:
        return authentication_options(
            provider, db, console_party(provider.settings), holder_kind=OPERATOR, binding=binding()
        )


def prove_by_key(provider: Provider, answer: str, *, of: str | None = None) -> str:
    """Prove who an operator is, by the answer of a key of theirs; gives their name.

    ``of`` is who must answer, where that is known. A refusal is journalled, and what it did to
    the key stays.

    Raises:
        KeyRefused: the key does not let in, or its operator may not enter.
    """
    refused: KeyRefused | None = None
    with provider.store.begin() as db:
        try:
            proved = authenticate(
                provider,
                db,
                console_party(provider.settings),
                holder_kind=OPERATOR,
                answer=answer,
                binding=binding(),
            )
            operator = find_operator(db, proved.holder.id)
            if operator is None or operator.state != ACTIVE or of not in {None, operator.name}:
                raise KeyUnknown
        except KeyRefused as error:
            refused = error
            now = provider.clock.now()
            record(db, Event.OPERATOR_REFUSED, now=now, success=False, by="key")
    if refused is not None:
        raise refused
    return proved.holder.id
