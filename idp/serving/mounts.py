"""Several issuers in one process: applications of their own under `/r/<name>` (decision 5)."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from idp.settings import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_OF_THE_FIRST = {"mounts", "master_key_file", "console_base_url"}
"""Settings of the first issuer alone, whatever is made below it."""


class MountMalformed(Exception):
    """A mounted issuer cannot be served; the message names it and the reason."""


class _MountSettings(Settings):
    """Settings of a mounted issuer: its own file decides, never the process's environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def mount_path(name: str) -> str:
    """Where a mounted issuer stands below the first one's address."""
    return f"/r/{name}"


def is_mount_name(name: str) -> bool:
    """Whether an issuer may stand under that name: lower-case letters, digits, hyphens."""
    return _NAME.fullmatch(name) is not None


def settings_of_realm(
    first: Settings, name: str, *, database_url: str, master_key: str
) -> Settings:
    """The settings of an issuer made on demand: the first one's, but for where it stands.

    Args:
        first: of the issuer below which it is mounted.
        name: its name, which fits.
        database_url: its own database.
        master_key: its own master key, base64url.
    """
    path = mount_path(name)
    values = first.model_dump(include=first.model_fields_set, exclude=_OF_THE_FIRST)
    values |= {
        "base_url": first.base_url + path,
        "wallet_base_url": first.wallet_base_url + path,
        "issuer": first.base_url + path + first.realm_path,
        "database_url": database_url,
        "master_key": master_key,
    }
    for listener in ("card_base_url", "mtls_base_url"):
        if getattr(first, listener):
            values[listener] = getattr(first, listener).rstrip("/") + path
    return _MountSettings(**values)


def mounted_settings(parent: Settings) -> dict[str, Settings]:
    """The settings of each mounted issuer, by its path.

    Raises:
        MountMalformed: a name, a file or an address does not fit.
    """
    found: dict[str, Settings] = {}
    for name, file in parent.mounts.items():
        if not is_mount_name(name):
            raise MountMalformed(f"mount {name!r}: a name is lower-case letters, digits, hyphens")
        found[mount_path(name)] = _settings_of(parent, name, Path(file))
    databases = [parent.database_url, *(settings.database_url for settings in found.values())]
    if len(set(databases)) != len(databases):
        raise MountMalformed("two issuers name the same database: each needs its own (decision 5)")
    return found


def _settings_of(parent: Settings, name: str, file: Path) -> Settings:
    try:
        values: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise MountMalformed(f"mount {name!r}: {file}: {error}") from error
    base_url = parent.base_url + mount_path(name)
    if "database_url" not in values or values.get("mounts"):
        raise MountMalformed(f"mount {name!r}: {file} needs a database_url, and no mounts")
    if values.setdefault("base_url", base_url).rstrip("/") != base_url:
        raise MountMalformed(f"mount {name!r}: its base_url must be {base_url}")
    # One process is in development or not, and has one start-up secret (decision 2).
    values |= {"dev": parent.dev, "dev_secret": parent.dev_secret}
    values.setdefault("embedded_worker", parent.embedded_worker)
    if parent.card_base_url:  # one listener asks for the cards of every issuer
        values.setdefault("card_base_url", parent.card_base_url.rstrip("/") + mount_path(name))
        values.setdefault("card_reader_url", parent.card_reader_url)
    if parent.mtls_base_url:  # the same listener
        values.setdefault("mtls_base_url", parent.mtls_base_url + mount_path(name))
    values.setdefault("trusted_proxies", parent.trusted_proxies)  # every request comes by them
    return _MountSettings(**values)
