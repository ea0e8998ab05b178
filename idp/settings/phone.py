"""The phone (decisions 16 to 29)."""

from typing import Literal

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class PhoneSettings(BaseModel):
    """The phone (decisions 16 to 29)."""

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
    web_challenge_lifetime: Seconds = seconds(60, "Life of a browser's sign-in challenge.")
    configuration_lifetime: Seconds = seconds(
        86400, "How long a phone may rely on the signed configuration."
    )
    finish_grace: Seconds = seconds(
        60, "How long an approval waits for the browser that began to finish the sign-in."
    )
    pin_tries_per_round: int = Field(3, description="Wrong PINs that end a sign-in and lock.")
    pin_lock_first: Seconds = seconds(300, "Wait after the first round of wrong PINs.")
    pin_lock_second: Seconds = seconds(3600, "Wait after the second round of wrong PINs.")
    pin_max_failures: int = Field(9, description="Consecutive wrong PINs that block for good.")
    pin_lifetime_failures: int = Field(
        30, description="Wrong PINs over a credential's life that block it for good."
    )
    sign_count_window: int = Field(
        1000, description="Largest accepted jump of the phone's signature counter."
    )
    request_skew: Seconds = seconds(60, "Accepted difference between the phone's clock and ours.")
    answer_replay_window: Seconds = seconds(
        600, "How long the outcome of an answer can be asked for again (decision 21)."
    )
    pushes_per_window: int = Field(5, description="Pushes to one person per push window.")
    push_window: Seconds = seconds(600, "The push window.")
    pushes_per_day: int = Field(20, description="Pushes to one person per day, since a success.")
    refusals_before_silence: int = Field(3, description="Refusals that start a silence.")
    push_silence: Seconds = seconds(900, "Silence after refusals or a 'not me'.")
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
    device_lifetime: Seconds = seconds(2 * 365 * 86400, "Life of an e-CPS (EC-27).")
    device_reminders: list[int] = Field(
        default_factory=lambda: [30, 7],
        description="Days before the end of an e-CPS at which its holder is written to (EC-27).",
    )
    max_devices: int = Field(1, ge=1, description="Active e-CPS per person (decision 16).")
    networks: dict[str, str] = Field(
        default_factory=dict,
        description="Operator's table of networks: CIDR → place shown on the phone.",
    )
