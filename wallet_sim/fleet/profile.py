"""What a fleet is to do: a TOML profile, checked whole before anything is sent."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wallet_sim.fleet.errors import ProfileRefused

EACH = "each"
"""In place of a PIN: every person has one of their own."""


class Part(BaseModel):
    """Members of a profile: these, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(Part):
    """The provider that the fleet calls."""

    url: str = "http://localhost:8000"
    ca: Path | None = None
    """PEM file of the authorities to trust, from the profile's folder; the machine's otherwise."""
    client_id: str = ""
    """A client registered for the fleet; made by the development address where none is named."""
    redirect_uri: str = "http://localhost:9/fleet"
    """Where the client's answers go; nothing needs to listen there."""


class People(Part):
    """Who holds the phones."""

    count: int = Field(ge=1, le=100_000)
    profession: str | None = None
    """Code of the profession that all have; by default the provider's choice: a doctor's."""
    pin: str = Field(EACH, pattern=rf"^(\d{{4,8}}|{EACH})$")
    kdf_log2_cost: int = Field(10, ge=10, le=20)
    """The scrypt cost that the provider's policy must have; phones follow what it signed."""
    pictures: float = Field(0.02, ge=0, le=1)
    """Share of the phones that read the mail's picture; the others type the token in it."""


class Constant(Part):
    """The same rate throughout."""

    curve: Literal["constant"]
    rate: float = Field(gt=0, allow_inf_nan=False)
    """Sign-ins per second."""


class Ramp(Part):
    """A rate that rises or falls evenly."""

    curve: Literal["ramp"]
    first: float = Field(ge=0, allow_inf_nan=False)
    last: float = Field(ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _some(self) -> "Ramp":
        if not self.first and not self.last:
            raise ValueError("one of `first` and `last` must be above 0")
        return self


class Wave(Part):
    """Days and nights: a mean rate that swings once a period."""

    curve: Literal["wave"]
    rate: float = Field(gt=0, allow_inf_nan=False)
    """Mean sign-ins per second."""
    swing: float = Field(0.8, ge=0, le=1)
    """By which share of the mean the rate rises and falls."""
    period: float = Field(86_400, gt=0, allow_inf_nan=False)
    """Seconds of a day; a shorter one makes a day pass in minutes."""


class Burst(Part):
    """A quiet rate, and sign-ins all at once every so often (a shift begins)."""

    curve: Literal["burst"]
    rate: float = Field(ge=0, allow_inf_nan=False)
    size: int = Field(ge=1)
    every: float = Field(gt=0, allow_inf_nan=False)


Arrival = Annotated[Constant | Ramp | Wave | Burst, Field(discriminator="curve")]


class Run(Part):
    """How long, by which ways in, and how the phones hear of it."""

    duration: float = Field(gt=0, le=7 * 86_400, allow_inf_nan=False)
    """Seconds in which sign-ins begin; those under way are then waited for."""
    web: float = Field(0.8, ge=0)
    """Weight of sign-ins by web page."""
    ciba: float = Field(0.2, ge=0)
    """Weight of sign-ins that a service begins without a browser."""
    notice: Literal["push", "ask"] = "push"
    """Phones are pushed to, or ask by themselves once the person saw the number."""
    think: tuple[float, float] = (0.0, 0.0)
    """Shortest and longest seconds that a person takes before answering."""
    userinfo: bool = True
    """Whether the service asks for the person's data with each token."""
    threads: int = Field(8, ge=1, le=64)
    """Phones that talk at the same instant."""

    @model_validator(mode="after")
    def _sensible(self) -> "Run":
        if not self.web and not self.ciba:
            raise ValueError("one of `web` and `ciba` must be above 0")
        if not 0 <= self.think[0] <= self.think[1]:
            raise ValueError("`think` is the shortest, then the longest time: [0.5, 4.0]")
        return self


class Share(BaseModel):
    """One behaviour of the mix: its weight, and what the behaviour itself takes."""

    model_config = ConfigDict(extra="allow", frozen=True)

    do: str
    weight: float = Field(gt=0, allow_inf_nan=False)

    @property
    def behaviour(self) -> dict[str, Any]:
        """The behaviour without its weight, as `parse_behaviour` reads it."""
        return {"do": self.do, **(self.model_extra or {})}


class Profile(Part):
    """The whole profile."""

    name: str = Field(min_length=1, max_length=80)
    seed: int = 0
    """Draws behaviours and arrivals, never keys or codes (decision 43)."""
    provider: Target = Target()
    people: People
    arrival: Arrival
    run: Run
    mix: list[Share] = Field(min_length=1)


def read_profile(path: Path) -> Profile:
    """The profile in a file; `provider.ca` is taken from the file's own folder.

    Raises:
        ProfileRefused: no file, no TOML, or members that cannot be.
    """
    try:
        members = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProfileRefused(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileRefused(f"{path} is no TOML: {error}") from error
    try:
        profile = Profile.model_validate(members)
    except ValidationError as error:
        faults = "\n".join(_told(fault) for fault in error.errors(include_url=False))
        raise ProfileRefused(f"{path} is no profile (docs/testing/fleet.md):\n{faults}") from error
    return _with_ca_beside(path, profile)


def _with_ca_beside(path: Path, profile: Profile) -> Profile:
    if profile.provider.ca is None:
        return profile
    ca = path.parent / profile.provider.ca
    if not ca.is_file():
        raise ProfileRefused(f"{path}: provider.ca names {ca}, which is no file")
    provider = profile.provider.model_copy(update={"ca": ca})
    return profile.model_copy(update={"provider": provider})


def _told(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"  {where}: there is no such member"
    if fault["type"] == "missing":
        return f"  {where}: is missing"
    return f"  {where}: {fault['msg']}, not {fault['input']!r}"
