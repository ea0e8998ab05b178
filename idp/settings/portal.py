"""What people are shown of what is held about them."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class PortalSettings(BaseModel):
    """The account page, "Mon compte"."""

    portal_recent_signin: Seconds = seconds(
        900,
        "How long ago a person may have signed in to export what is held about them, and to "
        "change their revocation code or their code for software.",
    )
    portal_page_length: int = Field(
        20, ge=1, le=200, description="Events that one page of a person's history shows."
    )
    portal_export_events: int = Field(
        5000, ge=1, description="Most events of their history in a person's export, newest first."
    )
    portal_test_window: Seconds = seconds(
        900,
        "How long a test of the e-CPS counts: its success is shown, and the refusals that a "
        "failed one tells of.",
    )
