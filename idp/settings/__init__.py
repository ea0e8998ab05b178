"""Every figure and choice of the provider: one typed, documented object.

Values come, in order of precedence, from keyword arguments, the environment (``ECPS_…``), a TOML
file (``ECPS_CONFIG``) and the defaults of the chosen profile. The reference page
``docs/settings.md`` is generated from the descriptions, a module a part.
"""

import os
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from idp.settings.cards import CardSettings
from idp.settings.certificates import CertificateSettings
from idp.settings.ciba import CibaSettings
from idp.settings.console import ConsoleSettings
from idp.settings.development import DevelopmentSettings
from idp.settings.device_flow import DeviceFlowSettings
from idp.settings.enrolment import EnrolmentSettings
from idp.settings.exchange import ExchangeSettings
from idp.settings.operation import OperationSettings
from idp.settings.phone import PhoneSettings
from idp.settings.place import REALM_PATH, PlaceSettings
from idp.settings.portal import PortalSettings
from idp.settings.recorder import RecorderSettings
from idp.settings.registration import RegistrationSettings
from idp.settings.security_keys import SecurityKeySettings
from idp.settings.tokens import TokenSettings

__all__ = ["PARTS", "PROFILES", "REALM_PATH", "Settings"]

PARTS: tuple[type[BaseModel], ...] = (
    PlaceSettings,
    TokenSettings,
    PhoneSettings,
    EnrolmentSettings,
    CardSettings,
    SecurityKeySettings,
    CertificateSettings,
    ExchangeSettings,
    CibaSettings,
    DeviceFlowSettings,
    RegistrationSettings,
    PortalSettings,
    ConsoleSettings,
    OperationSettings,
    DevelopmentSettings,
    RecorderSettings,
)
"""In the order in which they are read about."""

# What the two profiles change (design, section 1): data that rules read, never branches.
PROFILES: dict[str, dict[str, Any]] = {
    "psc": {},
    "strict": {
        "pin_min_length": 6,
        "number_mode": "typed",
        "web_challenge_lifetime": 120,
        "pkce_required": True,
        "refresh_grace": 0,
    },
}


class Settings(
    RecorderSettings,
    DevelopmentSettings,
    OperationSettings,
    ConsoleSettings,
    PortalSettings,
    RegistrationSettings,
    DeviceFlowSettings,
    CibaSettings,
    ExchangeSettings,
    CertificateSettings,
    SecurityKeySettings,
    CardSettings,
    EnrolmentSettings,
    PhoneSettings,
    TokenSettings,
    PlaceSettings,
    BaseSettings,
):
    """All settings of one issuer."""

    model_config = SettingsConfigDict(env_prefix="ECPS_", extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file named by ``ECPS_CONFIG``."""
        del dotenv_settings, file_secret_settings
        file = os.environ.get("ECPS_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(file)),) if file else ()
        return init_settings, env_settings, *toml

    @model_validator(mode="before")
    @classmethod
    def _profile_defaults(cls, data: dict[str, Any]) -> dict[str, Any]:
        return PROFILES.get(data.get("profile", "psc"), {}) | data

    @model_validator(mode="before")
    @classmethod
    def _derived_addresses(cls, data: dict[str, Any]) -> dict[str, Any]:
        base = str(data.get("base_url") or cls.model_fields["base_url"].default).rstrip("/")
        if "base_url" in data:  # a default stays recognisable as one (decision 1)
            data["base_url"] = base
        data["wallet_base_url"] = str(data.get("wallet_base_url") or base).rstrip("/")
        data["issuer"] = str(data.get("issuer") or base + REALM_PATH).rstrip("/")
        if "console_base_url" in data:
            data["console_base_url"] = str(data["console_base_url"] or "").rstrip("/")
        if "mtls_base_url" in data:
            data["mtls_base_url"] = str(data["mtls_base_url"] or "").rstrip("/")
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.pin_min_length > self.pin_max_length:
            raise ValueError("pin_min_length exceeds pin_max_length")
        if not self.issuer.startswith(self.base_url + "/"):
            raise ValueError("issuer must lie under base_url")
        if not self._is_of_pages(self.security_key_rp_id):
            raise ValueError(
                "security_key_rp_id must be the host of wallet_base_url or a domain above"
            )
        if self.mtls_base_url and not self.mtls_base_url.startswith("https://"):
            raise ValueError("mtls_base_url must be https: certificates are shown in TLS alone")
        return self

    def _is_of_pages(self, domain: str) -> bool:
        """Whether browsers let the pages use keys of a domain (WebAuthn 3, 5.1.3); empty: yes."""
        host = urlsplit(self.wallet_base_url).hostname or ""
        return not domain or host == domain or host.endswith(f".{domain}")

    @property
    def is_of_an_api(self) -> bool:
        """Whether these are of an API's issuer, which exchanges tokens of others (decision 35)."""
        return bool(self.trusted_issuers)

    @property
    def realm_path(self) -> str:
        """Path of the issuer below ``base_url``: the protocol's addresses stand under it."""
        return self.issuer.removeprefix(self.base_url)

    @property
    def phone_origin(self) -> str:
        """The WebAuthn origin of the phone's keys (decision 18)."""
        return f"ecps:{self.rp_id}"
