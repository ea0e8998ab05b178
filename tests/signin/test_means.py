"""The means that a token tells of, where a session holds several (decision 7)."""

import pytest

from idp.signin.means import means_used

ALL = ("CARD", "MOBILE", "WEBAUTHN")


@pytest.mark.parametrize(
    ("held", "accepted", "told"),
    [
        ({"MOBILE": 1_000, "CARD": 1_001}, ALL, "CARD"),
        ({"CARD": 1_001, "MOBILE": 1_000}, ALL, "CARD"),
        ({"MOBILE": 1_000, "CARD": 1_000}, ALL, "CARD"),
        ({"MOBILE": 1_000, "CARD": 1_001}, ("MOBILE",), "MOBILE"),
    ],
)
def test_the_latest_means_that_the_client_accepts_is_told(
    held: dict[str, int], accepted: tuple[str, ...], told: str
) -> None:
    """Decision 7: also where both were used within one second."""
    assert means_used(held, accepted) == told
