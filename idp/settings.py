"""Every figure and choice of the provider: one typed, documented object.

Values come, in order of precedence, from keyword arguments, the environment (``ECPS_…``), a TOML
file (``ECPS_CONFIG``) and the defaults of the chosen profile. The reference page
``docs/settings.md`` is generated from the descriptions below.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PlainSerializer, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

REALM_PATH = "/auth/realms/esante-wallet"


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return float(value)
    return value


Seconds = Annotated[
    timedelta,
    BeforeValidator(_seconds),
    PlainSerializer(lambda value: value.total_seconds(), return_type=float),
]
"""A duration, written as a number of seconds."""

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


def _s(default: float, description: str) -> Any:
    return Field(default=timedelta(seconds=default), description=description)


class Settings(BaseSettings):
    """All settings of one issuer."""

    model_config = SettingsConfigDict(env_prefix="ECPS_", extra="forbid", frozen=True)

    # -- where it stands ---------------------------------------------------------------------
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

    # -- tokens and sessions (decision 8) ----------------------------------------------------
    code_lifetime: Seconds = _s(60, "Life of an authorization code.")
    access_token_lifetime: Seconds = _s(120, "Life of an access token.")
    id_token_lifetime: Seconds = _s(120, "Life of an ID token.")
    refresh_token_lifetime: Seconds = _s(1800, "Life of a refresh token.")
    refresh_grace: Seconds = _s(
        30, "How long the previous refresh token is honoured as an idempotent retry (decision 9)."
    )
    session_lifetime: Seconds = _s(4 * 3600, "Longest life of a sign-in session.")
    session_idle: Seconds = _s(1800, "A session without authorize or refresh ends after this.")
    interaction_lifetime: Seconds = _s(1800, "How long a sign-in page stays usable.")
    page_poll_interval: Seconds = _s(1, "Pause between two questions of the waiting page.")
    page_refresh_interval: Seconds = _s(
        4, "Pause between two reloads of the waiting page where no script runs."
    )
    start_window: Seconds = _s(60, "The window in which sign-in starts are counted.")
    browser_memory: Seconds = _s(
        365 * 86400, "How long a browser is known, and remembers an identifier if asked to."
    )
    pkce_required: bool = Field(
        default=False, description="Demand PKCE of every client (public clients always need it)."
    )
    sub_format: Literal["federated", "uuid", "pairwise"] = Field(
        "federated", description="Form of `sub`: `f:<uuid>:<national id>`, uuid, or pairwise."
    )
    federation_uuid: str = Field(
        "550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd",
        description="The uuid inside a federated `sub`.",
    )
    claims_vintage: Literal["2021", "2022", "2023", "2023-12"] = Field(
        "2023-12", description="Which recorded shape of userinfo is served (decision 11)."
    )
    client_assertion_lifetime: Seconds = _s(
        3600, "Furthest expiry accepted in a client's assertion (private_key_jwt)."
    )
    client_assertion_skew: Seconds = _s(
        30, "Accepted difference between a client's clock and ours in its assertions."
    )
    max_parameter: int = Field(
        4096, ge=512, description="Longest parameter of an authorization request, in characters."
    )
    key_overlap: Seconds = _s(
        3600,
        "How long a new signing key is published before use, and an old one after it; the old key "
        "of tokens is published for a session's life at least.",
    )

    # -- the phone (decisions 16 to 29) ------------------------------------------------------
    rp_id: str = Field(
        "ecps.simulation",
        description="Fixed logical name that phone keys are bound to (decision 18).",
    )
    pin_min_length: int = Field(4, ge=4, le=8, description="Fewest digits of a PIN.")
    pin_max_length: int = Field(8, ge=4, le=8, description="Most digits of a PIN.")
    pin_policy_version: int = Field(
        1, ge=1, description="Version of the PIN policy; raise it with every change (decision 22)."
    )
    kdf_log2_cost: int = Field(
        14, ge=10, le=20, description="scrypt cost, as a power of two; below 14 simulation only."
    )
    number_mode: Literal["choice", "typed"] = Field(
        "choice", description="Number matching: pick one of three, or type it."
    )
    number_choices: int = Field(3, ge=2, le=10, description="Options shown in `choice` mode.")
    web_challenge_lifetime: Seconds = _s(60, "Life of a browser's sign-in challenge.")
    configuration_lifetime: Seconds = _s(
        86400, "How long a phone may rely on the signed configuration."
    )
    finish_grace: Seconds = _s(
        60, "How long an approval waits for the browser that began to finish the sign-in."
    )
    pin_tries_per_round: int = Field(3, description="Wrong PINs that end a sign-in and lock.")
    pin_lock_first: Seconds = _s(300, "Wait after the first round of wrong PINs.")
    pin_lock_second: Seconds = _s(3600, "Wait after the second round of wrong PINs.")
    pin_max_failures: int = Field(9, description="Consecutive wrong PINs that block for good.")
    pin_lifetime_failures: int = Field(
        30, description="Wrong PINs over a credential's life that block it for good."
    )
    sign_count_window: int = Field(
        1000, description="Largest accepted jump of the phone's signature counter."
    )
    request_skew: Seconds = _s(60, "Accepted difference between the phone's clock and ours.")
    answer_replay_window: Seconds = _s(
        600, "How long the outcome of an answer can be asked for again (decision 21)."
    )
    pushes_per_window: int = Field(5, description="Pushes to one person per push window.")
    push_window: Seconds = _s(600, "The push window.")
    pushes_per_day: int = Field(20, description="Pushes to one person per day, since a success.")
    refusals_before_silence: int = Field(3, description="Refusals that start a silence.")
    push_silence: Seconds = _s(900, "Silence after refusals or a 'not me'.")
    push_hosts: list[str] = Field(
        default_factory=lambda: [
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "web.push.apple.com",
        ],
        description="Exact hosts that a phone's push endpoint may have; loopback in `--dev`.",
    )
    pending_shown: int = Field(
        5, ge=1, description="Newest waiting challenges that a phone is given at once."
    )
    device_lifetime: Seconds = _s(2 * 365 * 86400, "Life of an e-CPS (EC-27).")
    device_reminders: list[int] = Field(
        default_factory=lambda: [30, 7],
        description="Days before the end of an e-CPS at which its holder is written to (EC-27).",
    )
    max_devices: int = Field(1, ge=1, description="Active e-CPS per person (decision 16).")
    networks: dict[str, str] = Field(
        default_factory=dict,
        description="Operator's table of networks: CIDR → place shown on the phone.",
    )

    # -- enrolment (decisions 17, 24, 26) ----------------------------------------------------
    mail_qr_lifetime: Seconds = _s(900, "Life of the QR sent by e-mail.")
    ticket_lifetime: Seconds = _s(1800, "Life of an enrolment ticket.")
    sms_code_lifetime: Seconds = _s(300, "Life of an SMS code.")
    sms_tries: int = Field(3, description="Tries of an SMS code; then the ticket is dead.")
    sms_per_ticket: int = Field(3, description="SMS sent for one ticket.")
    sms_per_day: int = Field(5, description="SMS sent to one number per day.")
    sms_resend_waits: list[int] = Field(
        default_factory=lambda: [30, 60, 120],
        description="Seconds to wait before each new sending of an SMS code.",
    )
    mails_per_day: int = Field(10, description="Enrolment mails sent to one person per day.")
    mails_per_origin: int = Field(
        3,
        description="Enrolment mails to one person per day and network of origin, sent even when "
        "strangers used up the daily ones (decision 24).",
    )
    adeli_contact_enrolment: bool = Field(
        default=False, description="Let ADELI people activate without a card (EC-26)."
    )
    sms_only_enrolment: bool = Field(
        default=False, description="Activate by SMS alone; a simulation database only."
    )
    contact_change_hold: Seconds = _s(
        72 * 3600, "A changed contact carries no enrolment before this, in a real database."
    )
    service_name: str = Field(
        "e-CPS de simulation", description="Name of the service in mails and SMS."
    )
    support_contact: str = Field(
        "votre établissement ou votre Ordre",
        description="Whom a mail tells people to ask, as a French phrase: name, phone or address.",
    )
    ticket_retention: Seconds = _s(
        86400, "How long a lapsed enrolment ticket stays readable for support."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="`smtp`, `smtps` or `smtp+starttls`://user:password@host:port; empty keeps "
        "mail in the outbox.",
    )
    mail_from: str = Field("ne-pas-repondre@simulation.test", description="Sender of mails.")
    sms_url: str = Field("", description="HTTP address of the SMS adapter; empty keeps SMS.")
    sms_token: SecretStr = Field(SecretStr(""), description="Bearer token of the SMS adapter.")

    # -- cards (decisions 30 to 34) ----------------------------------------------------------
    card_base_url: str = Field(
        "",
        description="Public https address of the listener that asks for the card's certificate; "
        "empty: nobody signs in with a card here.",
    )
    card_reader_url: str = Field(
        "", description="Address of the simulated card reader's page, offered on a simulation."
    )
    card_proxies: list[str] = Field(
        default_factory=list,
        description="Networks (CIDR) of the reverse proxies that may hand over a card's "
        "certificate in the header X-SSL-Client-Cert.",
    )
    card_proxy_secret: SecretStr = Field(
        SecretStr(""),
        description="What such a proxy must send in the header X-Ecps-Proxy-Secret; empty: no "
        "header is believed.",
    )
    card_families: list[str] = Field(
        default_factory=lambda: ["CPS", "CPF"],
        description="Families of cards that a client takes unless its `card_families` say "
        "otherwise (decision 30).",
    )
    card_version: str = Field("CPS4", description="Version of newly ordered cards (CP-16).")
    card_lifetime: Seconds = _s(
        (3 * 365 - 1) * 86400, "Validity of a card and its certificates, 3 years at most (CP-10)."
    )
    card_renewal_lead: Seconds = _s(
        30 * 86400, "How long before its end a card is renewed: one month (CP-11)."
    )
    card_max_activities: int = Field(
        8, ge=1, description="Activities that one card carries; more need a second (CP-09)."
    )
    card_code_tries: int = Field(3, ge=1, description="Wrong codes in a row that block a card.")
    card_unblock_tries: int = Field(
        3, ge=1, description="Wrong unblocking codes in a row; then the card must be replaced."
    )
    card_delivery: Seconds = _s(
        14 * 86400, "Average delay shown from the CPAM's step to reception (CP-05)."
    )
    card_postal_delay: Seconds = _s(5 * 86400, "How long a card is in the post.")
    card_code_letter_delay: Seconds = _s(
        86400, "How long after the card the letter with its code is posted (CP-06)."
    )
    card_approval_lifetime: Seconds = _s(
        60, "How long an accepted card waits for the browser that began the sign-in."
    )
    crl_lifetime: Seconds = _s(86400, "Until when a list of revoked cards is good.")
    ocsp_lifetime: Seconds = _s(300, "Until when an OCSP answer is good.")
    pairing_qr_lifetime: Seconds = _s(90, "Life of the QR that pairs a phone (EC-22).")
    pairing_lifetime: Seconds = _s(
        600, "From the scan: time to type the code on the portal and choose the PIN."
    )
    pairing_card_age: Seconds = _s(
        900, "A phone is paired within this time after the card signed in."
    )

    # -- limits ------------------------------------------------------------------------------
    max_body: int = Field(64 * 1024, description="Largest request body, in bytes.")
    starts_per_identifier: int = Field(
        5, description="Sign-in starts per identifier and start window."
    )
    starts_per_address: int = Field(
        60, description="Sign-in starts per IP address and start window."
    )
    tickets_per_address: int = Field(60, description="Enrolment tickets per IP and hour.")
    token_requests_per_address: int = Field(
        60, ge=0, description="Failed client authentications per IP and minute; 0 for no limit."
    )
    address_limits: dict[str, int] = Field(
        default_factory=dict,
        description="Per-network factor of the IP limits: CIDR → factor (decision 24).",
    )

    # -- operation ---------------------------------------------------------------------------
    default_locale: Literal["fr", "en"] = Field("fr", description="Language when none is asked.")
    allowed_hosts: list[str] = Field(
        default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"],
        description="Hosts that the development addresses answer to (decision 2).",
    )
    embedded_worker: bool = Field(
        default=True, description="Drain the outbox inside the server; else `ecps-idp worker`."
    )
    outbox_attempts: int = Field(8, ge=1, description="Sendings tried before giving up.")
    outbox_first_wait: Seconds = _s(2, "Wait before the second try; doubled for each further one.")
    outbox_longest_wait: Seconds = _s(900, "Longest wait between two tries.")
    outbox_lease: Seconds = _s(
        120, "A message taken by a worker that never reported back is tried again after this."
    )
    outbox_retention: Seconds = _s(7 * 86400, "How long a message that is done stays readable.")
    carrier_timeout: Seconds = _s(10, "Longest time one sending may take.")
    vapid_subject: str = Field(
        "mailto:administrateur@simulation.test",
        description="Whom a push service may write to about this provider (RFC 8292).",
    )
    expiry_batch: int = Field(500, ge=1, description="Lapsed rows deleted in one transaction.")
    expiry_interval: Seconds = _s(60, "Pause between two runs of the expiry job.")
    sealing_interval: Seconds = _s(60, "Pause between two runs of the journal's sealing job.")
    journal_retention: Seconds = _s(365 * 86400, "How long the journal is kept.")
    import_shrink_guard: float = Field(
        0.05, description="Refuse an import with fewer rows than the last by this share."
    )
    import_batch: int = Field(2000, ge=1, description="People written at once by an import.")
    import_refused_kept: int = Field(
        10_000, description="Refused rows of an import kept with line and reason; all are counted."
    )
    import_silence: Seconds = _s(
        600, "An import that wrote nothing for so long is taken for dead, and another may begin."
    )
    journal_seal_delay: Seconds = _s(
        30, "Age at which an event is sealed: longer than any transaction that records one."
    )
    journal_segment_size: int = Field(5000, ge=1, description="Most events in one sealed segment.")
    log_level: str = Field("INFO", description="Least level of the logs written.")

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
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.pin_min_length > self.pin_max_length:
            raise ValueError("pin_min_length exceeds pin_max_length")
        if not self.issuer.startswith(self.base_url + "/"):
            raise ValueError("issuer must lie under base_url")
        return self

    @property
    def realm_path(self) -> str:
        """Path of the issuer below ``base_url``: the protocol's addresses stand under it."""
        return self.issuer.removeprefix(self.base_url)

    @property
    def secure_cookies(self) -> bool:
        """Cookies are `Secure` wherever the public address is https."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def phone_origin(self) -> str:
        """The WebAuthn origin of the phone's keys (decision 18)."""
        return f"ecps:{self.rp_id}"
