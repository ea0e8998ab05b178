"""Where the console listens: on the loopback, or where nothing is read on the way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from idp.provider import ProviderNotReady, initialise
from idp.serving.plan import ServePlan, UnsafeExposure, check_console, check_exposure
from idp.settings import Settings

ABROAD: dict[str, Any] = {"console_host": "10.1.2.3", "console_base_url": "https://console.test"}


def plan(*, console_port: int | None = 8007, **settings: Any) -> ServePlan:
    return ServePlan(
        settings=Settings(**settings),
        host="0.0.0.0",
        port=8000,
        workers=1,
        metrics_port=8003,
        tls_port=None,
        tls_folder=Path("tls"),
        insecure_http=False,
        console_port=console_port,
    )


def test_beyond_the_loopback_it_demands_tls_or_a_proxy_said_explicitly() -> None:
    with pytest.raises(UnsafeExposure, match="console_behind_proxy"):
        check_console(plan(**ABROAD))
    check_console(plan(**ABROAD, console_behind_proxy=True, trusted_proxies=1))
    check_console(plan(**ABROAD, console_certificate="cert.pem", console_key="key.pem"))


def test_a_console_in_development_leaves_the_loopback_on_demand_alone() -> None:
    """Decision 2: its door is the start-up secret, and nobody agrees a second time."""
    abroad = ABROAD | {"console_certificate": "cert.pem", "console_key": "key.pem"}
    exposed = replace(plan(**abroad, dev=True, dev_secret="secret"), host="localhost")
    with pytest.raises(UnsafeExposure, match="--expose"):
        check_exposure(exposed, expose=False)
    check_exposure(exposed, expose=True)
    check_exposure(replace(exposed, console_port=None), expose=False)


def test_behind_a_proxy_operators_are_told_apart_by_their_addresses() -> None:
    """Else one stranger would use up the tries of everybody."""
    with pytest.raises(UnsafeExposure, match="trusted_proxies"):
        check_console(plan(**ABROAD, console_behind_proxy=True))


def test_a_certificate_comes_with_its_key() -> None:
    with pytest.raises(UnsafeExposure, match="go together"):
        check_console(plan(**ABROAD, console_certificate="cert.pem"))


@pytest.mark.parametrize("address", ["", "http://console.test", "http://10.1.2.3:8007"])
def test_operators_are_not_sent_where_others_read_along(address: str) -> None:
    with pytest.raises(UnsafeExposure, match="console_base_url"):
        check_console(plan(console_base_url=address))


@pytest.mark.parametrize("address", ["http://localhost:8007", "https://console.test"])
def test_the_loopback_and_https_will_do(address: str) -> None:
    check_console(plan(console_base_url=address))


def test_where_no_console_is_served_nothing_is_asked() -> None:
    check_console(plan(console_port=None, console_host="10.1.2.3"))


def test_the_console_listens_beside_a_server_that_listens_everywhere() -> None:
    assert set(plan().console_addresses) <= {"127.0.0.1", "::1"}


def test_passwords_of_a_real_console_cost_enough(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{tmp_path / 'ecps.db'}",
        "profile": "psc",
        "base_url": "https://auth.test",
        "operator_password_cost": 13,
    }
    settings = Settings(**values)
    with pytest.raises(ProviderNotReady, match="operator_password_cost"):
        initialise(settings, kind="real")
