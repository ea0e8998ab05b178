"""The people of a provider, as a test makes them."""

from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.errors import NoPerson


@dataclass(frozen=True)
class Person:
    """Somebody invented, whom the Order registered."""

    national_id: str
    """What is typed to sign in; `preferred_username` and `SubjectNameID` of the tokens."""
    family_name: str
    given_name: str
    profession: str
    savoir_faire: str | None
    email: str | None
    mobile: str | None
    closed: bool = False
    activities: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The person that the provider tells of."""
        return cls(**{name: told[name] for name in cls.__dataclass_fields__ if name in told})


def require_person(given: object) -> None:
    """Raises NoPerson where a test named somebody otherwise."""
    if not isinstance(given, Person):
        raise NoPerson(
            f"a {type(given).__name__} is no person: psc.person() makes one, phone.person is whose "
            "a phone is, and psc.people.find(national_id) finds somebody"
        )


class People:
    """The people of one provider."""

    def __init__(self, provider: DevProvider) -> None:
        self._provider = provider

    def make(self, **members: Any) -> Person:
        """Invent somebody: what is left out is invented too.

        Args:
            members: `national_id`, `family_name`, `given_name`, `civilite`, `birth_date`,
                `profession`, `savoir_faire`, `email`, `mobile`, `card`.

        Raises:
            DevelopmentRefused: a member is unknown or malformed, or the identifier is taken.
        """
        return Person.of(self._provider.ask("POST", "people", members))

    def find(self, national_id: str) -> Person:
        """Somebody as things stand now.

        Raises:
            DevelopmentRefused: nobody has this identifier.
        """
        return Person.of(self._provider.ask("GET", f"people/{quote(national_id, safe='')}"))

    def close(self, person: Person) -> None:
        """The person leaves: account, phones, cards and sessions end."""
        self._provider.ask("DELETE", f"people/{quote(person.national_id, safe='')}")
