"""The recorder of a development server."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class RecorderSettings(BaseModel):
    """The recorder of a development server."""

    recorder_kept: int = Field(
        20_000,
        ge=0,
        description="Exchanges of relying services that a development server keeps, the newest; "
        "0 to record none.",
    )
    recorder_retention: Seconds = seconds(
        30 * 86400, "How long a recorded exchange is kept, by the clock of the simulation."
    )
    recorder_judged: int = Field(
        2000,
        ge=1,
        description="Newest exchanges of a service that its integration checklist looks at.",
    )
