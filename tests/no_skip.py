"""With ECPS_TEST_NO_SKIP=1 a skipped test fails the run: nothing is left out unnoticed."""

import os
from collections.abc import Iterator

import pytest

_skipped = 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> Iterator[None]:
    global _skipped  # noqa: PLW0603 - pytest's hooks of one run share nothing else
    _skipped += report.skipped and not hasattr(report, "wasxfail")
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _skipped and os.environ.get("ECPS_TEST_NO_SKIP") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped and os.environ.get("ECPS_TEST_NO_SKIP"):
        terminalreporter.write_line(f"{_skipped} skipped, and nothing may be skipped here")
