"""The settings that hold, as they may be shown: no secret among them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from pydantic import SecretStr

from idp.settings import PARTS, PROFILES, Settings

_USER = re.compile(r"://[^\s\"]*@")
"""Up to the last sign: a password may hold any other."""
_PARAMETER = re.compile(r"([?&][^=&\s]*(?:pass|secret|token|key)[^=&\s]*=)[^&\s\"]*", re.IGNORECASE)
_HIDDEN = "…"


@dataclass(frozen=True)
class InForce:
    """One setting."""

    name: str
    value: str
    source: str
    """`default`, `profile` or `changed`."""
    description: str


@dataclass(frozen=True)
class Section:
    """Settings that are read about together."""

    title: str
    settings: list[InForce]


def sections(settings: Settings, *, containing: str) -> list[Section]:
    """Every setting whose name or description holds a text, by section; all for an empty one."""
    dumped = settings.model_dump(mode="json")
    wanted = containing.lower()
    found = [
        Section((part.__doc__ or "").rstrip("."), list(_of(part, settings, dumped)))
        for part in PARTS
    ]
    kept = [
        Section(
            section.title,
            [one for one in section.settings if wanted in f"{one.name} {one.description}".lower()],
        )
        for section in found
    ]
    return [section for section in kept if section.settings]


def _of(part: Any, settings: Settings, dumped: dict[str, Any]) -> Iterator[InForce]:
    defaults = _defaults()
    for name, field in part.model_fields.items():
        value = dumped[name]
        source = "default" if value == defaults[name] else "changed"
        if name in PROFILES[settings.profile] and value == PROFILES[settings.profile][name]:
            source = "profile"
        held = getattr(settings, name)
        shown = _of_secret(held) if isinstance(held, SecretStr) else _text(value)
        yield InForce(name, shown, source, field.description or "")


def _defaults() -> dict[str, Any]:
    """What each setting is where nobody chose, written as the values in force are."""
    untouched = {
        name: field.get_default(call_default_factory=True, validated_data={})
        for name, field in Settings.model_fields.items()
    }
    return Settings.model_construct(**untouched).model_dump(mode="json")


def _of_secret(secret: SecretStr) -> str:
    return str(_("défini") if secret.get_secret_value() else _("non défini"))


def _text(value: Any) -> str:
    """As it is written in the environment; what opens a door in an address is left out."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _PARAMETER.sub(rf"\1{_HIDDEN}", _USER.sub(f"://{_HIDDEN}@", text))
