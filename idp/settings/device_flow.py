"""Devices without a keyboard (RFC 8628)."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class DeviceFlowSettings(BaseModel):
    """Devices without a keyboard (RFC 8628)."""

    device_code_lifetime: Seconds = seconds(
        600, "Life of a `device_code` and its `user_code`: the person must confirm within this."
    )
    device_poll_interval: int = Field(
        5, ge=1, description="Seconds that a device leaves between two questions at first."
    )
    device_poll_tolerance: Seconds = seconds(
        0.5, "How much too early a device may ask without being told to slow down."
    )
    device_codes_window: Seconds = seconds(
        60, "The window in which typed user codes and the requests of devices are counted."
    )
    device_requests_per_address: int = Field(
        60,
        ge=1,
        description="Devices of one public client that may begin to wait per window from one "
        "address.",
    )
    device_codes_typed: int = Field(
        10,
        ge=1,
        description="User codes that may be typed per window from one address, and in one sign-in "
        "session; more are refused unread (RFC 8628, 5.1).",
    )
