"""`python -m idp.settings_page FILE`: the reference page of the settings."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from idp.settings import PARTS, PROFILES

_HEAD = """\
# Settings

Generated from `idp/settings/` by `make docs`: edit there.

A value comes from a command's option, else from the environment (`ECPS_` and the name in capitals;
lists and tables as JSON), else from the TOML file named by `--config` or `ECPS_CONFIG`, else from
the profile, else from the default below. Durations are seconds.

```toml
# ecps.toml
profile = "strict"
base_url = "https://auth.example.org"
database_url = "postgresql://ecps@localhost/ecps"
master_key_file = "/etc/ecps/master.key"
```
"""


def render() -> str:
    """The page, as Markdown."""
    return "\n".join(
        [
            _HEAD,
            *(line for part in PARTS for line in _section(part)),
            "## What the profile `strict` changes",
            "| setting | `strict` |",
            "|---|---|",
            *(f"| `{name}` | `{value}` |" for name, value in PROFILES["strict"].items()),
            "",
        ]
    )


def _section(part: type[BaseModel]) -> list[str]:
    title = (part.__doc__ or "").rstrip(".")
    rows = [
        f"| `{name}` | `{_default(field)}` | {(field.description or '').replace('|', '/')} |"
        for name, field in part.model_fields.items()
    ]
    return [f"## {title}", "| setting | default | meaning |", "|---|---|---|", *rows, ""]


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != "" else '""'


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), "utf-8")
