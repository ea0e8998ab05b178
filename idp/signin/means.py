"""The means of authentication that the sign-in pages can carry out; each adds one line."""

MOBILE = "MOBILE"
"""The e-CPS on a phone."""

AVAILABLE = frozenset({MOBILE})


def means_used(session_means: dict[str, int], accepted: list[str]) -> str:
    """The means a token tells of: the latest of the session's that the client accepts."""
    held = {name: at for name, at in session_means.items() if name in accepted}
    return max(held, key=lambda name: held[name])
