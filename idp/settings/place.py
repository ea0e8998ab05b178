"""Where the provider stands."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

REALM_PATH = "/auth/realms/esante-wallet"


class PlaceSettings(BaseModel):
    """Where the provider stands."""

    profile: Literal["psc", "strict"] = Field(
        "psc", description="`psc` is faithful to Pro Santé Connect, `strict` is for running it."
    )
    dev: bool = Field(
        default=False,
        description="Serve a simulation database with the development addresses (decision 2).",
    )
    dev_secret: SecretStr = Field(
        SecretStr(""),
        description="Start-up secret that every development address demands in a header.",
    )
    base_url: str = Field(
        "http://localhost:8000",
        description="Public address of the provider: scheme, host, port and mount path, no slash.",
    )
    wallet_base_url: str = Field(
        "",
        description="Second public host name, for authorize and sign-in pages. Default: base_url.",
    )
    accessibility_contact: str = Field(
        "",
        pattern=r"^(https?://\S+|[^@\s]+@[^@\s]+)?$",
        description="Mail or web address, on the accessibility statement, for who meets a barrier.",
    )
    issuer: str = Field(
        "", description=f"Issuer identifier. Default: base_url followed by `{REALM_PATH}`."
    )
    trusted_proxies: int = Field(
        0, ge=0, description="Number of reverse proxies whose X-Forwarded-For is believed."
    )
    database_url: str = Field(
        "sqlite:///ecps.db", description="SQLAlchemy address of the database."
    )
    master_key: SecretStr = Field(
        SecretStr(""), description="Key that seals secrets at rest: 32 bytes, base64url."
    )
    master_key_file: str = Field(
        "", description="File that holds the master key; made beside a simulation's database."
    )
    mounts: dict[str, str] = Field(
        default_factory=dict,
        description="Further issuers mounted under /r/<name>: name → TOML settings file.",
    )
    clients_file: str = Field("", description="TOML file of clients registered at start.")
