"""How many SQL statements each endpoint costs: the whole sign-in has 40, and 9 commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event

from idp.provider import Provider
from idp.settings import Settings
from tests.conftest import make_settings
from tests.oauth.helpers import Service


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    """As it is served for good: a development server looks for faults and records besides."""
    return make_settings(sqlite_url, master_key, dev=False)


@dataclass
class Counted:
    statements: list[str] = field(default_factory=list)
    commits: int = 0


@contextmanager
def counting(provider: Provider) -> Iterator[Counted]:
    counted = Counted()
    engine = provider.store.engine

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if not text.startswith("BEGIN"):  # SQLite's own
            counted.statements.append(text)

    def commit(_connection: Any) -> None:
        counted.commits += 1

    writing = provider.store._writing.kw["bind"]
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(writing, "commit", commit)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(writing, "commit", commit)


def test_a_code_costs_seven_statements_and_one_commit(service: Service) -> None:
    code = service.authorize()["code"]
    with counting(service.provider) as counted:
        assert service.exchange(code).status_code == 200
    assert len(counted.statements) <= 7, "\n".join(counted.statements)
    assert counted.commits <= 1


def test_a_refresh_costs_eight_statements(service: Service) -> None:
    token = service.sign_in()["refresh_token"]
    with counting(service.provider) as counted:
        assert service.refresh(token).status_code == 200
    assert len(counted.statements) <= 8, "\n".join(counted.statements)
    assert counted.commits <= 1


def test_userinfo_and_introspection_cost_three_and_write_nothing(service: Service) -> None:
    token = service.sign_in()["access_token"]
    with counting(service.provider) as counted:
        assert service.userinfo(token).status_code == 200
    assert len(counted.statements) <= 3, "\n".join(counted.statements)
    with counting(service.provider) as counted:
        assert service.introspect(token)["active"]
    assert len(counted.statements) <= 3, "\n".join(counted.statements)
    assert counted.commits == 0


def test_discovery_and_keys_cost_none(service: Service) -> None:
    issuer = "/auth/realms/esante-wallet"
    with counting(service.provider) as counted:
        service.http.get(f"{issuer}/.well-known/openid-configuration")
    assert counted.statements == []
