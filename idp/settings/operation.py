"""Limits and operation."""

from typing import Literal

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class OperationSettings(BaseModel):
    """Limits and operation."""

    max_body: int = Field(64 * 1024, description="Largest request body, in bytes.")
    starts_per_identifier: int = Field(
        5, description="Sign-in starts per identifier and start window."
    )
    starts_per_address: int = Field(
        60, description="Sign-in starts per IP address and start window."
    )
    tickets_per_address: int = Field(60, description="Enrolment tickets per IP and hour.")
    revocation_tries_per_address: int = Field(
        10, ge=1, description="Revocation codes of e-CPS tried per IP and hour."
    )
    token_requests_per_address: int = Field(
        60, ge=0, description="Failed client authentications per IP and minute; 0 for no limit."
    )
    address_limits: dict[str, int] = Field(
        default_factory=dict,
        description="Per-network factor of the IP limits: CIDR → factor (decision 24).",
    )
    default_locale: Literal["fr", "en"] = Field("fr", description="Language when none is asked.")
    allowed_hosts: list[str] = Field(
        default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"],
        description="Hosts that the development addresses answer to (decision 2).",
    )
    embedded_worker: bool = Field(
        default=True, description="Drain the outbox inside the server; else `ecps-idp worker`."
    )
    outbox_attempts: int = Field(8, ge=1, description="Sendings tried before giving up.")
    outbox_first_wait: Seconds = seconds(
        2, "Wait before the second try; doubled for each further one."
    )
    outbox_longest_wait: Seconds = seconds(900, "Longest wait between two tries.")
    outbox_lease: Seconds = seconds(
        120, "A message taken by a worker that never reported back is tried again after this."
    )
    outbox_retention: Seconds = seconds(
        7 * 86400, "How long a message that is done stays readable."
    )
    carrier_timeout: Seconds = seconds(10, "Longest time one sending may take.")
    vapid_subject: str = Field(
        "mailto:administrateur@simulation.test",
        description="Whom a push service may write to about this provider (RFC 8292).",
    )
    expiry_batch: int = Field(500, ge=1, description="Lapsed rows deleted in one transaction.")
    expiry_interval: Seconds = seconds(60, "Pause between two runs of the expiry job.")
    sealing_interval: Seconds = seconds(60, "Pause between two runs of the journal's sealing job.")
    journal_retention: Seconds = seconds(365 * 86400, "How long the journal is kept.")
    import_shrink_guard: float = Field(
        0.05, description="Refuse an import with fewer rows than the last by this share."
    )
    import_batch: int = Field(2000, ge=1, description="People written at once by an import.")
    import_refused_kept: int = Field(
        10_000, description="Refused rows of an import kept with line and reason; all are counted."
    )
    import_silence: Seconds = seconds(
        600, "An import that wrote nothing for so long is taken for dead, and another may begin."
    )
    follow_interval: Seconds = seconds(
        3600,
        "Pause between two comparisons of phones, cards and sessions with the directory; each "
        "import makes one besides.",
    )
    follow_batch: int = Field(
        200, ge=1, description="People compared with the directory in one transaction."
    )
    journal_seal_delay: Seconds = seconds(
        30, "Age at which an event is sealed: longer than any transaction that records one."
    )
    journal_segment_size: int = Field(5000, ge=1, description="Most events in one sealed segment.")
    log_level: str = Field("INFO", description="Least level of the logs written.")
