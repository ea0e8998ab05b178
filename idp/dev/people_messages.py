"""What the addresses of people take and give."""

from datetime import datetime

from pydantic import Field

from idp.dev.operations import Message, Query, Text


class NewPerson(Message):
    """Whom to make; what is left out is invented."""

    national_id: Text | None = None
    """An RPPS number (8 and 11 digits) or a test identity (ANS and 14 digits) that is free."""
    family_name: Text | None = None
    given_name: Text | None = None
    civilite: Text | None = None
    """`M` or `MME`."""
    birth_date: Text | None = None
    """dd/mm/yyyy."""
    profession: Text | None = None
    """TRE_G15: `10` is a doctor, and taken where none is said."""
    category: Text | None = None
    """TRE_R09: `C` civil where none is said."""
    savoir_faire: Text | None = None
    """TRE_R38: `SM54`, general practice, for a doctor of whom none is said."""
    savoir_faire_type: Text | None = None
    """TRE_R04: `S` where none is said of a savoir-faire."""
    activities: list[dict[str, Text]] | None = None
    """Members of the claims, each; one invented practice where none is said."""
    email: Text | None = None
    """Declared contact; invented where none is said, the empty text for none."""
    mobile: Text | None = None
    """As `email`; French or E.164."""
    card: bool = False
    """Whether a CPS is ordered along: `GET /ans/cards?national_id=` names it."""


class ToldPerson(Message):
    """Somebody of the directory."""

    national_id: str
    family_name: str
    given_name: str
    profession: str
    """Of the first exercise (TRE_G15)."""
    savoir_faire: str
    """Of the first exercise (TRE_R38)."""
    email: str
    """Declared contact, empty for none."""
    mobile: str
    closed: bool
    """Whether nothing lets them sign in any more."""
    activities: list[dict[str, str]]
    """Of every exercise, as the claims have them, without the members that are empty."""


class NewPeople(Message):
    """How many people to make."""

    count: int = Field(ge=1)
    """At most the setting `dev_people_at_once`."""
    profession: Text | None = None
    """TRE_G15, of all of them; `10` where none is said."""


class MadePerson(Message):
    """One of many, and where messages reach them."""

    national_id: str
    email: str
    mobile: str


class MadePeople(Message):
    """Those who were made."""

    people: list[MadePerson]


class PeopleSearch(Query):
    """Whom to look for."""

    text: Text = ""
    """How a family name or an identifier begins; anybody where it is empty."""
    after: Text = ""
    """The cursor of the page before."""
    limit: int = Field(100, ge=1)


class FoundPeople(Message):
    """A page of people."""

    people: list[ToldPerson]
    cursor: str
    """`after` of the next page; empty behind the last."""


class ToldDevice(Message):
    """A phone as the provider holds it; nothing of its keys."""

    device_id: str
    state: str
    """`active`, `suspended`, `blocked`, `revoked`, `expired`."""
    state_reason: str | None
    name: str
    activated_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    last_seen_at: datetime | None
    wrong_pins: int
    """In a row: only a full success resets it."""
    lifetime_wrong_pins: int
    """Under the present PIN."""
    locked_until: datetime | None
    blocked: bool
    """Whether too many wrong PINs ended it."""
    has_push: bool
    """Whether it left an address for pushes."""
    paired_card: str | None
    """Number of the card that vouched for it."""


class DevicesOfPerson(Message):
    """The phones of somebody, newest first, those that ended included."""

    devices: list[ToldDevice]
