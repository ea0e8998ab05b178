"""The pages of the documentation: their tables are the code's, and their examples run."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp import create_app
from tests.conftest import DEV_SECRET, make_settings, provider_of
from wallet_sim.behaviours.pool import PhonePool
from wallet_sim.behaviours.tables import behaviours_json, fill, identities_json
from wallet_sim.serving import serve

DOCS = Path(__file__).parents[3] / "docs" / "testing"
PAGES = ("phones.md", "identities.md")
_EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_of_the_documentation_are_those_of_the_code(page: str) -> None:
    """Else run `python -m wallet_sim.behaviours.tables` with the pages."""
    text = (DOCS / page).read_text("utf-8")
    assert "<!-- table: " in text
    assert fill(text) == text


def examples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for number, found in enumerate(_EXAMPLE.findall((DOCS / page).read_text("utf-8"))):
            yield f"{page}-{number}", found


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path, master_key: str
) -> Iterator[str]:
    """A provider over HTTP, at an address of its own."""
    database = tmp_path_factory.mktemp("served") / "ecps.db"
    database.write_bytes(sqlite_template.read_bytes())
    made: list[Flask] = []

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        # Its address is known once it is served.
        return made[0](environ, start_response)

    with serve(app, host="localhost", port=0) as port:
        address = f"http://localhost:{port}"
        made.append(
            create_app(make_settings(f"sqlite:///{database}", master_key, base_url=address))
        )
        yield address
        provider_of(made[0]).store.close()


@pytest.mark.parametrize(
    "example", [code for _, code in examples()], ids=[n for n, _ in examples()]
)
def test_an_example_runs_as_it_stands(
    example: str, served: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECPS_DEV_SECRET", DEV_SECRET)
    names: dict[str, object] = {}
    exec(example.replace("http://localhost:8000", served), names)
    pool = names["pool"]
    assert isinstance(pool, PhonePool)
    with pytest.raises(RuntimeError):
        pool.start()


def test_the_catalogue_is_told_to_programs() -> None:
    told = {each["name"]: each for each in behaviours_json()}
    assert told["tamper"]["parameters"]["when"] == {
        "meaning": "before or after the device key signed",
        "default": "after_signing",
        "type": "string",
        "one_of": ["after_signing", "before_signing"],
    }
    assert told["wrong_pin"]["parameters"]["times"]["type"] == "integer"
    assert told["delay"]["parameters"]["seconds"]["type"] == "number"
    assert told["random"]["parameters"]["weights"]["type"] == "object"
    assert len(identities_json()) > 20
