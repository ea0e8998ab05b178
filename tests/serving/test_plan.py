"""Where a provider listens, decided before anything runs."""

from pathlib import Path
from typing import Any

import pytest

from idp.serving.plan import HostUnknown, ServePlan, UnsafeExposure, check_exposure
from idp.settings import Settings


def plan(
    *, host: str, dev: bool = True, tls: bool = False, insecure_http: bool = False
) -> ServePlan:
    values: dict[str, Any] = {"dev": dev, "dev_secret": "secret"}
    return ServePlan(
        settings=Settings(**values),
        host=host,
        port=8000,
        workers=1,
        metrics_port=8003,
        tls_port=8004 if tls else None,
        tls_folder=Path("tls"),
        insecure_http=insecure_http,
    )


def test_a_development_server_does_not_leave_the_loopback_by_itself() -> None:
    """Decision 2."""
    with pytest.raises(UnsafeExposure, match="--expose"):
        check_exposure(plan(host="0.0.0.0"), expose=False)


def test_an_exposed_development_server_demands_tls_or_an_explicit_no() -> None:
    """Decision 2."""
    with pytest.raises(UnsafeExposure, match="--insecure-http"):
        check_exposure(plan(host="0.0.0.0"), expose=True)
    check_exposure(plan(host="0.0.0.0", tls=True), expose=True)
    check_exposure(plan(host="0.0.0.0", insecure_http=True), expose=True)


def test_where_tls_leaves_the_machine_plain_http_stays_on_the_loopback() -> None:
    assert plan(host="0.0.0.0", tls=True).plain_address == "127.0.0.1"
    assert plan(host="0.0.0.0", insecure_http=True).plain_address == "0.0.0.0"


def test_a_server_that_is_not_in_development_listens_where_it_is_told() -> None:
    check_exposure(plan(host="0.0.0.0", dev=False), expose=False)
    assert plan(host="0.0.0.0", dev=False).plain_address == "0.0.0.0"


def test_a_host_that_names_nothing_is_refused() -> None:
    with pytest.raises(HostUnknown):
        assert plan(host="no such host").addresses
