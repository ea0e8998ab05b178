"""What the documentation tells to type can be typed."""

from pathlib import Path

import pytest

from tests.architecture.imports import ROOT
from tests.docs.commands import pages, refusal, shown


@pytest.mark.parametrize(
    "words",
    [
        ["ecps-idp", "serve", "--no-such-option"],
        ["ecps-idp", "no-such-command"],
        ["ecps-wallet", "--home", "/tmp/x", "approve", "--nothing"],
        ["python -m relying_services.espacepro", "no-such-command"],
    ],
)
def test_a_command_that_does_not_exist_is_noticed(words: list[str]) -> None:
    assert refusal(words)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_exists(page: Path) -> None:
    refused = {" ".join(words): refusal(words) for words in shown(page)}
    assert {line: why for line, why in refused.items() if why} == {}


def test_commands_are_found_where_they_are_shown() -> None:
    assert sum(1 for _ in shown(ROOT / "README.md")) > 15
    services = [words for words in shown(ROOT / "docs" / "services.md") if "python" in words[0]]
    assert len(services) > 5
