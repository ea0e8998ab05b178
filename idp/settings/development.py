"""What the development addresses of a simulation give at once."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class DevelopmentSettings(BaseModel):
    """Development addresses (`--dev`)."""

    dev_page: int = Field(
        500, ge=1, description="Most entries that a list of the development addresses gives."
    )
    dev_people_at_once: int = Field(
        5000, ge=1, description="Most people that are made by one request, for a fleet."
    )
    dev_snapshots: int = Field(
        50, ge=1, description="Most snapshots of a simulation that are kept, `start` included."
    )
    dev_realms: int = Field(
        500,
        ge=0,
        description="Most issuers made on demand below `/r/` (docs/testing/isolation.md).",
    )
    dev_realm_lanes: int = Field(
        8,
        ge=1,
        description="Threads that send and run the jobs of all issuers made on demand.",
    )
    dev_realm_sleep: Seconds = seconds(
        60,
        "An issuer made on demand that was asked nothing for so long, and has nothing left to "
        "send, runs no jobs until it is asked again.",
    )
    dev_faults: int = Field(
        500, ge=1, description="Most faults that are kept at once, those used up included."
    )
    dev_longest_delay: Seconds = seconds(60, "Longest time by which an answer is late by request.")
    dev_threads: int = Field(
        8,
        ge=2,
        description="Requests that a worker of `serve --dev` answers at once: an answer that is "
        "late by request holds one of them.",
    )
