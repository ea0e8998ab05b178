"""Single use under simultaneous requests: threads, and processes of their own.

measured.md, pitfall 1: a test in sequence does not see the race.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from idp import create_app
from idp.provider import open_provider
from idp.settings import Settings
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import Service, add_client

_PARTIES = 4
# One process loads the program, and the parties are copies of it: loading takes seconds each.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])
Use = tuple[int, dict[str, Any]]


@pytest.fixture
def settings(database_url: str, master_key: str) -> Settings:
    # Processes take a while to start on a busy machine: the code must not lapse meanwhile.
    return make_settings(database_url, master_key, code_lifetime=600, refresh_grace=600)


@pytest.fixture
def service(settings: Settings) -> Any:
    app = create_app(settings)
    provider = provider_of(app)
    add_client(provider)
    yield Service(app, provider)
    provider.store.close()


def use_code(service: Service, code: str) -> Use:
    answer = service.exchange(code)
    return answer.status_code, dict(answer.json or {})


def use_refresh_token(service: Service, token: str) -> Use:
    answer = service.refresh(token)
    return answer.status_code, dict(answer.json or {})


def revoke(service: Service, token: str) -> Use:
    answer = service.post("revoke", {"token": token})
    return answer.status_code, {}


def work(
    database: tuple[str, str],
    credential: str,
    use: Callable[..., Use],
    barrier: Barrier,
    answers: Any,
) -> None:
    settings = make_settings(*database, refresh_grace=600)
    app = create_app(settings, provider=open_provider(settings))
    service = Service(app, provider_of(app))
    service.userinfo("warms the keys")
    barrier.wait(60)
    answers.put(use(service, credential))
    provider_of(app).store.close()


def in_processes(url: str, key: str, credential: str, use: Callable[..., Use]) -> list[Use]:
    barrier, answers = _processes.Barrier(_PARTIES), _processes.Queue()
    processes = [
        _processes.Process(target=work, args=((url, key), credential, use, barrier, answers))
        for _ in range(_PARTIES)
    ]
    for process in processes:
        process.start()
    given = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(60)
    return given


def in_threads(service: Service, credential: str, use: Callable[..., Use]) -> list[Use]:
    parties = [Service(service.app, service.provider) for _ in range(_PARTIES)]
    with ThreadPoolExecutor(_PARTIES) as pool:
        return list(pool.map(lambda party: use(party, credential), parties))


def assert_one_use_which_ended(service: Service, answers: list[Use]) -> None:
    succeeded = [body for status, body in answers if status == 200]
    assert len(succeeded) == 1, answers
    assert {body["error"] for status, body in answers if status == 400} == {"invalid_grant"}
    assert service.userinfo(succeeded[0]["access_token"]).status_code == 401


def assert_one_successor(service: Service, answers: list[Use]) -> None:
    assert {status for status, _ in answers} == {200}, answers
    assert len({body["refresh_token"] for _, body in answers}) == 1
    assert service.refresh(answers[0][1]["refresh_token"]).status_code == 200


def test_threads_spend_a_code_once(service: Service) -> None:
    for _ in range(5):
        code = service.authorize()["code"]
        assert_one_use_which_ended(service, in_threads(service, code, use_code))


def test_processes_spend_a_code_once(service: Service, database_url: str, master_key: str) -> None:
    code = service.authorize()["code"]
    answers = in_processes(database_url, master_key, code, use_code)
    assert_one_use_which_ended(service, answers)


def test_threads_that_refresh_at_once_get_one_successor(service: Service) -> None:
    for _ in range(5):
        token = service.sign_in()["refresh_token"]
        assert_one_successor(service, in_threads(service, token, use_refresh_token))


def test_processes_that_refresh_at_once_get_one_successor(
    service: Service, database_url: str, master_key: str
) -> None:
    token = service.sign_in()["refresh_token"]
    answers = in_processes(database_url, master_key, token, use_refresh_token)
    assert_one_successor(service, answers)


def test_threads_that_revoke_at_once_are_all_told_it_is_done(service: Service) -> None:
    """RFC 7009, 2.2: a token that is revoked already is no error."""
    token = service.sign_in()["access_token"]
    answers = in_threads(service, token, revoke)
    assert [status for status, _ in answers] == [200] * _PARTIES, answers
    assert service.userinfo(token).status_code == 401
