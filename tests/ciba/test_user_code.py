"""A person's user code (OpenID Connect CIBA Core 1.0, 7.1 and 13; decisions 24, 29 and 41)."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp import create_app
from idp.keys.sealing import Sealer
from idp.oauth.ciba.user_codes import SEAL, UserCodeRefused, remove_user_code, set_user_code
from idp.provider import Provider
from idp.rewrapping import rewrap
from idp.store.directory_import import StagedAlias, write_aliases
from idp.store.models import JournalEvent, UserCode
from idp.store.user_codes import find_user_code
from tests.ciba.helpers import (
    SIGNER,
    STRANGER,
    CibaService,
    add_ciba_client,
    approve,
    challenges,
    phone_of,
    public_keys,
    queued,
    requests,
    service,
    signed_members,
)
from tests.ciba.refusals import refused
from tests.conftest import make_settings, provider_of
from tests.devices.helpers import Bench, Statements, push_subscription
from tests.oauth.helpers import PERSON, advance, events
from tests.wallet.helpers import PIN, ask_signin

CODE = "canary-code-7x!"
WRONG = "another-code-8"
COLLEAGUE = "899700990023"
FORMER = "0992800276"
_PARTIES = 8


def give_code(provider: Provider, code: str = CODE, person: str = PERSON) -> None:
    with provider.store.begin() as db:
        set_user_code(provider, db, person, code, actor="test")


def limit(provider: Provider, **changes: Any) -> None:
    for name, value in changes.items():
        object.__setattr__(provider.settings, name, value)


def sent_nothing(provider: Provider) -> bool:
    return not (requests(provider) or challenges(provider) or queued(provider, "push"))


@pytest.fixture
def bench(both: Provider) -> Bench:
    """A person with a code and a phone that is pushed to, asked by a client that must know it."""
    add_ciba_client(both, backchannel_user_code_parameter=True)
    give_code(both)
    made = Bench(both)
    made.enrol(push=push_subscription())
    return made


@pytest.fixture
def asking(bench: Bench) -> CibaService:
    return CibaService(bench.app, bench.provider)


@pytest.mark.parametrize("given", [None, ""])
def test_who_registered_it_sends_one_each_time(
    asking: CibaService, bench: Bench, given: str | None
) -> None:
    """CIBA Core 13, `missing_user_code`: whomever it asks about."""
    for national_id in (PERSON, STRANGER):
        refused(asking.ask(login_hint=national_id, user_code=given), "missing_user_code")
    assert sent_nothing(bench.provider)


def test_nobody_is_asked_before_the_code_is_right(asking: CibaService, bench: Bench) -> None:
    """CIBA Core 13, `invalid_user_code`: no challenge, no push; the journal knows."""
    limit(bench.provider, ciba_user_codes_per_person=100)
    for wrong in (WRONG, CODE.upper(), CODE[:-1], CODE + "x", f" {CODE}", "é", f"{PERSON}:{CODE}"):
        refused(asking.ask(user_code=wrong), "invalid_user_code")
    assert sent_nothing(bench.provider)
    assert events(bench.provider).count("oauth:usercode:refused") == 7


def test_a_wrong_code_tells_nothing_of_the_person(asking: CibaService, bench: Bench) -> None:
    """Decision 41: wrong, nobody's, of nobody: the same answer, by the same statements."""
    answers, spent = set(), []
    asking.ask(user_code=WRONG)  # what is composed once
    for national_id in (PERSON, COLLEAGUE, STRANGER):
        with Statements(bench.provider) as counted:
            answer = asking.ask(login_hint=national_id, user_code=WRONG)
        answers.add((answer.status_code, answer.text))
        spent.append(counted.statements)
    assert len(answers) == 1
    assert json.loads(answers.pop()[1])["error"] == "invalid_user_code"
    assert spent[0] == spent[1] == spent[2]
    assert any("user_codes" in statement for statement in spent[0])
    assert sent_nothing(bench.provider)


def test_a_code_is_its_persons_alone(asking: CibaService, bench: Bench) -> None:
    """Another's code is wrong, and so is one whose row was put in another's place."""
    give_code(bench.provider, WRONG, COLLEAGUE)
    refused(asking.ask(user_code=WRONG), "invalid_user_code")
    with bench.provider.store.begin() as db:
        theirs = db.scalars(select(UserCode.code_sealed).where(UserCode.national_id == COLLEAGUE))
        own = update(UserCode).where(UserCode.national_id == PERSON)
        db.execute(own.values(code_sealed=theirs.one()))
    refused(asking.ask(user_code=WRONG), "invalid_user_code")
    assert sent_nothing(bench.provider)


def test_a_code_that_was_changed_or_removed_is_wrong(asking: CibaService, bench: Bench) -> None:
    provider = bench.provider
    give_code(provider, "the-code-after")
    refused(asking.ask(user_code=CODE), "invalid_user_code")
    asking.begin(user_code="the-code-after")
    with provider.store.begin() as db:
        assert remove_user_code(provider, db, PERSON)
    refused(asking.ask(user_code="the-code-after"), "invalid_user_code")
    with provider.store.begin() as db:
        assert not remove_user_code(provider, db, PERSON)
    told = [event for event in events(provider) if "usercode" in event]
    assert told[:2] == ["oauth:usercode:set"] * 2
    assert told.count("oauth:usercode:removed") == 1


def test_wrong_codes_lock_nobody_out(asking: CibaService, bench: Bench) -> None:
    """Decision 24: one client may not ask about one person for a while; that is all."""
    provider = bench.provider
    add_ciba_client(provider, "other", backchannel_user_code_parameter=True)
    add_ciba_client(provider, "plain")
    give_code(provider, WRONG, COLLEAGUE)
    for _ in range(provider.settings.ciba_user_codes_per_person):
        refused(asking.ask(user_code=WRONG), "invalid_user_code")
    for code in (WRONG, CODE):
        answer = asking.ask(user_code=code)
        refused(answer, "temporarily_unavailable", 429)
        assert answer.headers["Retry-After"] == "3600"
    assert events(provider).count("oauth:backchannel:throttled") == 1
    assert sent_nothing(provider)
    asking.begin(login_hint=COLLEAGUE, user_code=WRONG)
    asking.as_client("other").begin(user_code=CODE)
    asking.as_client("plain").begin()
    advance(provider, 3601)
    asking.begin(user_code=CODE)


def test_wrong_codes_of_nobody_are_bounded_alike(asking: CibaService, bench: Bench) -> None:
    """Decision 24: a limit that only people had would tell who is one."""
    told = []
    for national_id in (PERSON, STRANGER):
        answers = [asking.ask(login_hint=national_id, user_code=WRONG) for _ in range(7)]
        told.append([answer.status_code for answer in answers])
    assert told[0] == told[1] == [400] * 5 + [429] * 2
    del bench


def test_a_client_tries_no_code_on_everybody(asking: CibaService, bench: Bench) -> None:
    provider = bench.provider
    limit(provider, ciba_user_codes_per_client=2)
    add_ciba_client(provider, "other", backchannel_user_code_parameter=True)
    refused(asking.ask(login_hint=STRANGER, user_code=CODE), "invalid_user_code")
    refused(asking.ask(login_hint=COLLEAGUE, user_code=CODE), "invalid_user_code")
    refused(asking.ask(user_code=CODE), "temporarily_unavailable", 429)
    assert sent_nothing(provider)
    asking.as_client("other").begin(user_code=CODE)


def test_right_codes_count_for_nothing(asking: CibaService, bench: Bench) -> None:
    limit(bench.provider, ciba_user_codes_per_client=1, ciba_user_codes_per_person=1)
    for _ in range(3):
        asking.begin(user_code=CODE)
    refused(asking.ask(user_code=WRONG), "invalid_user_code")
    refused(asking.ask(user_code=CODE), "temporarily_unavailable", 429)


def test_simultaneous_tries_are_no_more_than_allowed(asking: CibaService, bench: Bench) -> None:
    """Counted before they are judged, by one statement."""
    del bench
    with ThreadPoolExecutor(_PARTIES) as pool:
        answers = list(pool.map(lambda _: asking.ask(user_code=WRONG), range(_PARTIES)))
    assert sorted(answer.status_code for answer in answers) == [400] * 5 + [429] * 3


@pytest.mark.parametrize(
    "code", ["", "short", "with spaces", "tabulated\t", "accentué", "nul\0nul", PERSON, "x" * 4097]
)
def test_a_code_that_could_not_serve_is_not_set(provider: Provider, code: str) -> None:
    limit(provider, max_parameter=4096)
    with provider.store.begin() as db, pytest.raises(UserCodeRefused):
        set_user_code(provider, db, PERSON, code)
    with provider.store.read() as db:
        assert find_user_code(db, PERSON) is None


def test_a_code_too_long_for_any_is_refused(asking: CibaService, bench: Bench) -> None:
    longest = bench.provider.settings.max_parameter
    refused(asking.ask(user_code="x" * (longest + 1)), "invalid_request")


def test_a_code_is_of_the_person_under_former_identifiers_too(
    asking: CibaService, bench: Bench
) -> None:
    """Decision 36."""
    provider = bench.provider
    with provider.store.begin() as db:
        write_aliases(db, 1, [StagedAlias(FORMER, PERSON)])
    give_code(provider, "set-by-the-former", FORMER)
    for national_id in (FORMER, PERSON):
        asking.begin(login_hint=national_id, user_code="set-by-the-former")
    with provider.store.begin() as db:
        assert remove_user_code(provider, db, FORMER)
    for national_id in (FORMER, PERSON):
        answer = asking.ask(login_hint=national_id, user_code="set-by-the-former")
        refused(answer, "invalid_user_code")


def test_a_code_outlives_the_master_key(bench: Bench) -> None:
    """Decision 23: a keyed hash could not."""
    provider, renewed = bench.provider, Sealer(bytes(range(32)))
    with provider.store.begin() as db:
        rewrap(db, provider.sealer, renewed)
    with provider.store.read() as db:
        kept = find_user_code(db, PERSON)
        assert kept is not None
        assert renewed.open(kept.code_sealed, purpose=SEAL) == f"{PERSON}:{CODE}".encode()


@pytest.fixture
def signing(app: Flask, provider: Provider) -> CibaService:
    """A client that signs its requests, and must know the code of whom it asks."""
    add_ciba_client(
        provider,
        backchannel_authentication_request_signing_alg="PS256",
        backchannel_user_code_parameter=True,
        jwks=public_keys(SIGNER),
    )
    give_code(provider)
    return service(app)


def test_a_signed_request_holds_the_code(signing: CibaService, provider: Provider) -> None:
    """CIBA Core 7.1.1: in the JWT, and nowhere else."""
    refused(signing.ask_signed(signed_members(provider)), "missing_user_code")
    wrong = signed_members(provider, user_code=WRONG)
    refused(signing.ask_signed(wrong), "invalid_user_code")
    beside = signing.ask_signed(signed_members(provider), user_code=CODE)
    refused(beside, "invalid_request")
    assert sent_nothing(provider)
    answer = signing.ask_signed(signed_members(provider, user_code=CODE))
    assert answer.status_code == 200, answer.text


def test_a_wrong_code_spends_a_signed_request(signing: CibaService, provider: Provider) -> None:
    """CIBA Core 7.1.1: a `jti` is taken once, and a code tried once."""
    text = signed_members(provider, user_code=WRONG)
    refused(signing.ask_signed(text), "invalid_user_code")
    refused(signing.ask_signed(text), "invalid_request")
    assert events(provider).count("oauth:usercode:refused") == 1


def test_the_person_is_asked_and_the_contacts_were_told(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Whatever software knows, the PIN and the number stay with the person (decision 29)."""
    add_ciba_client(provider, backchannel_user_code_parameter=True)
    phone = phone_of(app, tmp_path)
    before = len(queued(provider, "mail")), len(queued(provider, "sms"))
    give_code(provider)
    assert len(queued(provider, "mail")) == before[0] + 1
    assert len(queued(provider, "sms")) == before[1] + 1
    asking = service(app)
    begun = asking.begin(user_code=CODE)
    approve(phone)
    assert "id_token" in asking.poll(begun["auth_req_id"]).json


def test_the_browser_is_open_to_who_is_guessed_at(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Decision 24, attacks 29 to 33."""
    add_ciba_client(provider, backchannel_user_code_parameter=True)
    phone = phone_of(app, tmp_path)
    give_code(provider)
    for _ in range(10):
        service(app).ask(user_code=WRONG)
    asked = ask_signin(app)
    (waiting,) = phone.pending()
    phone.approve(PIN, asked.number, waiting)


@pytest.fixture
def card_asking(with_cards: Flask) -> CibaService:
    provider = provider_of(with_cards)
    add_ciba_client(provider, means=["MOBILE", "CARD"], backchannel_user_code_parameter=True)
    give_code(provider)
    return service(with_cards)


def test_a_card_is_asked_by_the_code_too(card_asking: CibaService) -> None:
    refused(card_asking.ask(channel="CARD"), "missing_user_code")
    refused(card_asking.ask(channel="CARD", user_code=WRONG), "invalid_user_code")
    assert sent_nothing(card_asking.provider)
    card_asking.begin(channel="CARD", user_code=CODE)


def test_no_code_is_written_anywhere(
    sqlite_url: str, master_key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the right one nor what was tried: logs, journal, database."""
    app = create_app(make_settings(sqlite_url, master_key))
    provider = provider_of(app)
    add_ciba_client(provider, backchannel_user_code_parameter=True)
    give_code(provider)
    asking = service(app)
    asking.begin(user_code=CODE)
    refused(asking.ask(user_code=WRONG), "invalid_user_code")
    logged = capsys.readouterr().err
    assert "/ext/ciba/auth" in logged
    with provider.store.read() as db:
        journal = [str(row.data) for row in db.scalars(select(JournalEvent))]
    assert journal
    provider.store.close()
    kept = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()
    for code in (CODE, WRONG):
        assert code not in logged
        assert not any(code in data for data in journal)
        assert code.encode() not in kept
