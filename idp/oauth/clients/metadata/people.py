"""What is this provider's own: by what means people may come, and under which activity."""

from typing import Literal

from pydantic import Field

from idp.oauth.clients.metadata.identity import Identity


class People(Identity):
    """Whom a client takes, and how they sign in to it."""

    means: list[Literal["MOBILE", "CARD", "WEBAUTHN"]] = Field(["MOBILE", "CARD", "WEBAUTHN"])
    """Means of authentication that it accepts (decision 7)."""
    card_families: list[Literal["CPS", "CPF", "CPE", "CPA"]] | None = None
    """Families of cards it takes; as the settings say, where it names none (decision 30)."""
    selected_activity: bool = False
    """Told the activity the person chooses (CP-08, decision 15)."""
    session_introspection: bool = False
    """An API's server: introspection tells it whether the session of a lapsed access token lives,
    by `session_active` beside `"active": false` (docs/token-exchange.md)."""
