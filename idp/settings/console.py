"""The console, and its operators."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class ConsoleSettings(BaseModel):
    """The console, and its operators."""

    console_base_url: str = Field(
        "",
        description="Public address of the console: scheme, host and port, no path, no slash; "
        "what operators' security keys are bound to.",
    )
    console_host: str = Field("localhost", description="Address that the console listens on.")
    console_port: int = Field(
        0, ge=0, le=65535, description="Port of the console; 0 for the port base and 7."
    )
    console_behind_proxy: bool = Field(
        default=False,
        description="A proxy ends TLS before the console, which may then listen beyond the "
        "loopback in plain http.",
    )
    console_certificate: str = Field(
        "", description="Server certificate of the console (PEM, with its chain)."
    )
    console_key: str = Field("", description="Private key of console_certificate (PEM).")
    operator_session_lifetime: Seconds = seconds(
        8 * 3600, "Longest time an operator works before entering again."
    )
    operator_session_idle: Seconds = seconds(
        900, "An operator who did nothing for so long enters again."
    )
    operator_proof_age: Seconds = seconds(
        600, "Who changes something proved who they are within this time."
    )
    operator_invitation_lifetime: Seconds = seconds(
        86400, "How long the invitation of an operator opens the console."
    )
    operator_password_length: int = Field(
        14, ge=8, description="Least length of an operator's password."
    )
    operator_password_cost: int = Field(
        15, ge=10, le=20, description="scrypt cost of operators' passwords, as a power of two."
    )
    operator_tries: int = Field(
        5, ge=1, description="Wrong passwords or codes of an operator before the first pause."
    )
    operator_pause: Seconds = seconds(
        60, "First pause after too many wrong passwords; doubled for each further one."
    )
    operator_longest_pause: Seconds = seconds(3600, "Longest of those pauses.")
    operator_entries_per_address: int = Field(
        60, ge=1, description="Attempts to enter the console per IP address and window."
    )
    operator_entries_window: Seconds = seconds(600, "Window in which those attempts are counted.")
    pending_act_lifetime: Seconds = seconds(86400, "How long an act waits for a second operator.")
    pending_act_retention: Seconds = seconds(
        30 * 86400, "How long an act that waited stays listed, once its time is over."
    )
    console_feed_interval: Seconds = seconds(
        5, "Pause between two questions of the console's feed of events."
    )
    console_page_length: int = Field(
        25, ge=1, le=500, description="Rows of a list of the console; the rest is on further pages."
    )
    console_search_span: int = Field(
        20_000,
        ge=100,
        description="Events of the journal that one look of the console goes through: a filter "
        "that finds too few is continued from there.",
    )
    console_segments_verified: int = Field(
        5,
        ge=1,
        description="Most segments of the journal that the console verifies at once; "
        "`ecps-idp audit verify` verifies all.",
    )
    console_worker_lag: Seconds = seconds(
        300, "Work of the worker that waits longer than this is told on the console's first page."
    )
