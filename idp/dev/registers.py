"""Cards and activities as the parts of the chain of registration tell them (docs/cards.md 6)."""

from typing import Annotated, Any

from pydantic import Field

from idp.dev.operations import Message, Query, Text

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A date and time, ISO 8601, with its timezone."""

REFUSED = {409: "The step is out of order, or the card does not stand where it may come."}


class OfPerson(Query):
    """Of whom."""

    national_id: Text


class ToldActivity(Message):
    """An activity as the Order, the CPAM and the ANS see it."""

    activity_id: str
    national_id: str
    profession: str
    """Key of the exercise, `10C`."""
    state: str
    """`declared`, `recorded`, `carried`, `ended`."""
    department: str
    billing_number: str | None
    convention: str | None
    """`1`, `2` or `3`; none where there is no billing number."""
    tariff_zone: str | None
    """Two digits; none where there is no billing number."""
    card_number: str | None
    details: dict[str, Any]
    """Members of an activity of the claims."""


class ToldActivities(Message):
    """Activities, oldest first."""

    activities: list[ToldActivity]


class ToldCard(Message):
    """A card; nothing of its keys and codes."""

    card_number: str
    family: str
    """`CPS`, `CPF`, `CPE` or `CPA`."""
    version: str
    national_id: str
    is_nominative: bool
    profession: str
    rank: int
    state: str
    """docs/cards.md 1."""
    state_at: Moment
    ordered_at: Moment
    starts_at: Moment | None
    ends_at: Moment | None
    activated_at: Moment | None
    opposed_at: Moment | None
    opposition_reason: str | None
    renews: str | None
    activities: list[str]
    content_version: int
    tries_left: int
    unblock_tries_left: int


class ToldCards(Message):
    """Cards, newest order first."""

    cards: list[ToldCard]
