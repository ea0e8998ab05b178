"""Writes the document of the control API: `python -m tests.control.openapi`."""

import json
from pathlib import Path
from typing import Any

from wallet_sim.control_server.app import BASE
from wallet_sim.control_server.document import openapi

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi-control.json"


def written(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written(openapi(BASE)), "utf-8")
