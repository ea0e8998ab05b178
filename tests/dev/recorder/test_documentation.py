"""The pages of the recorder and of `diff-psc` say what is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from idp.checklists.page import table
from idp.cli import main
from idp.directory.sample import SAMPLE
from idp.provider import Provider
from idp.settings import Settings
from tests.dev.recorder.helpers import ask
from tests.signin import helpers as pages

DOCS = Path(__file__).parents[3] / "docs" / "testing"
CAPTURED = Path(__file__).parents[2] / "psc" / "data" / "captured"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)


def test_the_page_has_the_table_of_the_rules() -> None:
    """`python -m idp.checklists.page` prints it."""
    assert table() in (DOCS / "recorder.md").read_text("utf-8")


def test_the_example_of_a_checklist_is_one(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    pages.add_client(provider, "my-app")
    for _ in range(2):
        pages.authorize(browser, client_id="my-app")
    (text,) = blocks("recorder.md", "json")
    example = json.loads(text)
    told = ask(app, "checklists/my-app")
    assert example["verdict"] == told["verdict"]
    (shown,) = example["findings"]
    (found,) = [f for f in told["findings"] if f["rule"] == shown["rule"]]
    assert shown | {"exchange_ids": []} == found | {"exchange_ids": []}


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("refused", 1), ("violation", 1), ("nothing_seen", 1), ("advice", 0), ("passed", 0)],
)
def test_the_job_of_the_page_fails_on_what_is_wrong(verdict: str, status: int) -> None:
    (command,) = [block for block in blocks("recorder.md", "sh") if "python3 -c" in block]
    code = command.partition("python3 -c '")[2].rpartition("'")[0]
    told = json.dumps({"verdict": verdict})
    done = subprocess.run([sys.executable, "-c", code], input=told, text=True, check=False)
    assert done.returncode == status


def test_the_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`(recorder_\w+)", (DOCS / "recorder.md").read_text("utf-8")))
    assert named == {name for name in Settings.model_fields if name.startswith("recorder_")}


def test_the_examples_of_diff_psc_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recorded = json.loads(SAMPLE.with_name("psc-userinfo-examples.json").read_text("utf-8"))
    (card,) = [e for e in recorded["examples"] if e["id"] == "gp-2-activities-card-2023"]
    Path("userinfo.json").write_text(json.dumps(card["userinfo"]), "utf-8")
    discovery = (CAPTURED / "discovery-2024.json").read_text("utf-8")
    Path("discovery.json").write_text(discovery, "utf-8")
    first, second, _both = blocks("diff-psc.md", "sh")
    (output,) = blocks("diff-psc.md", "text")
    assert CliRunner().invoke(main, first.split()[1:]).output == output
    assert json.loads(CliRunner().invoke(main, second.split()[1:]).output)["kind"] == "discovery"
