"""What a client is told that asks too much: to wait."""

from datetime import timedelta

from authlib.oauth2 import OAuth2Error


class TooManyRequests(OAuth2Error):
    """429 with `Retry-After`. No specification names a code for it here; RFC 6749's is nearest."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, description: str, wait: timedelta) -> None:
        super().__init__(description)
        self._wait = wait

    def get_headers(self) -> list[tuple[str, str]]:
        """Tells how long to wait, in seconds."""
        headers: list[tuple[str, str]] = super().get_headers()
        return [*headers, ("Retry-After", str(int(self._wait.total_seconds())))]
