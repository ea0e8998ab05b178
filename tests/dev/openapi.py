"""Writes the document of the development addresses: `python -m tests.dev.openapi`."""

import json
import tempfile
from pathlib import Path
from typing import Any

from idp import create_app
from idp.dev.document import openapi
from idp.dev.views import BASE
from idp.provider import initialise
from tests.conftest import make_settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi-dev.json"


def document() -> dict[str, Any]:
    """What a simulation answers at `/dev/v1/openapi.json`."""
    with tempfile.TemporaryDirectory() as folder:
        settings = make_settings(f"sqlite:///{folder}/ecps.db", "A" * 43)
        initialise(settings, kind="simulation")
        return openapi(create_app(settings), BASE)


def written(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(document()), "utf-8")
