"""One ceremony, one counter: of simultaneous answers one counts, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from idp.provider import Provider
from idp.security_keys.authentication import ProvedKey, authenticate
from idp.security_keys.errors import (
    CeremonyGone,
    KeyCopied,
    KeyRefused,
    KeyUnknown,
    TooManyKeys,
)
from idp.security_keys.lifecycle import find_own_key, list_keys, remove, remove_all, rename
from idp.security_keys.options import authentication_options, registration_options
from idp.security_keys.parties import OPERATOR, PERSON, Holder, Party, bound_to
from idp.security_keys.registration import register_key
from idp.store.models import SecurityKey
from tests.security_keys.authenticator import Authenticator
from tests.signin.helpers import all_of, events

HANDS = 4
CONSOLE = Party(rp_id="console.test", origin="https://console.test", name="Console")
OPERATOR_HOLDER = Holder(OPERATOR, "alice")
BINDING = bound_to("browser", "console")


def register(
    provider: Provider, key: Authenticator, holder: Holder = OPERATOR_HOLDER
) -> SecurityKey:
    """Register a key as the console does."""
    with provider.store.begin() as db:
        options = registration_options(
            provider, db, CONSOLE, holder, called=holder.id, binding=BINDING
        )
    answer = key.create(json.loads(options), CONSOLE.origin)
    with provider.store.begin() as db:
        return register_key(
            provider,
            db,
            CONSOLE,
            holder,
            answer=answer,
            binding=BINDING,
            name="Clé de service",
            vouched_by={"means": "password"},
        )


def ask(provider: Provider, holder_kind: str = OPERATOR) -> dict[str, Any]:
    with provider.store.begin() as db:
        text = authentication_options(
            provider, db, CONSOLE, holder_kind=holder_kind, binding=BINDING
        )
    options: dict[str, Any] = json.loads(text)
    return options


def answer(provider: Provider, text: str, *, holder_kind: str = OPERATOR) -> ProvedKey | KeyRefused:
    """What becomes of an answer; a refusal is committed, as the pages do."""
    with provider.store.begin() as db:
        try:
            return authenticate(
                provider, db, CONSOLE, holder_kind=holder_kind, answer=text, binding=BINDING
            )
        except KeyRefused as refused:
            return refused


def at_once(act: Any) -> list[Any]:
    together = Barrier(HANDS)

    def together_act(_hand: int) -> Any:
        together.wait(60)
        return act()

    with ThreadPoolExecutor(HANDS) as threads:
        return list(threads.map(together_act, range(HANDS)))


def test_an_answer_brought_by_several_hands_at_once_counts_once(both: Provider) -> None:
    """A ceremony is consumed by one DELETE..RETURNING."""
    key = Authenticator()
    register(both, key)
    text = key.get(ask(both), CONSOLE.origin)
    became = at_once(lambda: answer(both, text))
    assert sum(isinstance(one, ProvedKey) for one in became) == 1
    assert sum(isinstance(one, CeremonyGone) for one in became) == HANDS - 1
    (kept,) = all_of(both, SecurityKey)
    assert (kept.state, kept.sign_count) == ("active", 1)


def test_copies_that_answer_at_once_suspend_the_key(both: Provider) -> None:
    """The counter moves by one conditional UPDATE: no two answers pass with the same."""
    key = Authenticator()
    register(both, key)
    texts = [key.copy().get(ask(both), CONSOLE.origin) for _hand in range(HANDS)]
    waiting = list(texts)
    became = at_once(lambda: answer(both, waiting.pop()))
    assert sum(isinstance(one, ProvedKey) for one in became) == 1
    assert sum(isinstance(one, KeyCopied) for one in became) == 1
    (kept,) = all_of(both, SecurityKey)
    assert (kept.state, kept.state_reason) == ("suspended", "copied")


def test_a_key_is_removed_once(both: Provider) -> None:
    register(both, Authenticator())

    def act() -> bool:
        with both.store.begin() as db:
            (key,) = all_of(both, SecurityKey)
            return remove(both, db, key, reason="holder")

    assert sorted(at_once(act)) == [False] * (HANDS - 1) + [True]


def test_operators_keys_are_their_own(both: Provider) -> None:
    """A name is not a national identifier: neither list shows, neither door takes the other's."""
    key = Authenticator()
    register(both, key)
    with both.store.read() as db:
        (kept,) = list_keys(db, OPERATOR_HOLDER)
        assert kept.vouched_by == {"means": "password"}
        assert list_keys(db, Holder(PERSON, OPERATOR_HOLDER.id)) == []
        assert find_own_key(db, Holder(OPERATOR, "bob"), kept.credential_id) is None
    text = key.get(ask(both, PERSON), CONSOLE.origin)
    assert isinstance(answer(both, text, holder_kind=PERSON), KeyUnknown)
    text = key.get(ask(both), CONSOLE.origin)
    assert isinstance(answer(both, text, holder_kind=PERSON), CeremonyGone)
    proved = answer(both, text)
    assert isinstance(proved, ProvedKey)
    assert proved.holder == OPERATOR_HOLDER


def test_a_persons_ceremony_is_not_another_persons(both: Provider) -> None:
    """Who registers is settled when the challenge is given."""
    key = Authenticator()
    with both.store.begin() as db:
        options = registration_options(
            both, db, CONSOLE, OPERATOR_HOLDER, called="alice", binding=BINDING
        )
    text = key.create(json.loads(options), CONSOLE.origin)
    with both.store.begin() as db, pytest.raises(CeremonyGone):
        register_key(
            both,
            db,
            CONSOLE,
            Holder(OPERATOR, "bob"),
            answer=text,
            binding=BINDING,
            name="x",
            vouched_by={},
        )


def test_an_operator_may_have_so_many_keys_and_no_more(both: Provider) -> None:
    for _number in range(both.settings.max_security_keys):
        register(both, Authenticator())
    with pytest.raises(TooManyKeys):
        register(both, Authenticator())
    with both.store.begin() as db:
        assert remove_all(both, db, OPERATOR_HOLDER, reason="administrator", actor="bob") == 10
    register(both, Authenticator())


def test_what_happens_to_a_key_is_in_the_journal(both: Provider) -> None:
    """On both databases, under the operator's own name."""
    key = Authenticator()
    kept = register(both, key)
    with both.store.begin() as db:
        rename(both, db, OPERATOR_HOLDER, kept, "Autre nom")
        remove(both, db, kept, reason="administrator", actor="bob")
    answer(both, key.get(ask(both), CONSOLE.origin))
    assert [event for event in events(both) if event.startswith("securitykeys:")] == [
        "securitykeys:key:registered",
        "securitykeys:key:renamed",
        "securitykeys:key:removed",
        "securitykeys:answer:refused",
    ]
