"""A relying service made of the unmodified `social-auth-core`, which keeps what it knows in memory.

The package brings the protocol; a service brings its settings, its browser's session and its
database, and that is all there is here.
"""

import itertools
from dataclasses import dataclass
from typing import Any

from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.storage import AssociationMixin, BaseStorage, NonceMixin, UserMixin
from social_core.strategy import BaseStrategy

PIPELINE = (
    "social_core.pipeline.social_auth.social_details",
    "social_core.pipeline.social_auth.social_names",
    "social_core.pipeline.social_auth.social_uid",
    "social_core.pipeline.social_auth.auth_allowed",
    "tests.interop.social.the_person",
)


@dataclass
class Person:
    """The service's own account of somebody."""

    uid: str
    details: dict[str, Any]
    response: dict[str, Any]
    id: int = 1
    is_active: bool = True
    is_authenticated: bool = True

    @property
    def username(self) -> str:
        return str(self.details["username"])


def the_person(uid: str, details: Any, response: Any, **_others: Any) -> dict[str, Person]:
    """Last step of the pipeline: whoever the provider says that it is."""
    return {"user": Person(uid, details, dict(response))}


class Users(UserMixin):
    @classmethod
    def user_model(cls) -> type[Person]:
        return Person


class Nonces(NonceMixin):
    kept: "set[tuple[str, int, str]]" = set()  # noqa: RUF012 - the package asks for a class

    @classmethod
    def use(cls, server_url: str, timestamp: int, salt: str) -> bool:
        before = len(cls.kept)
        cls.kept.add((server_url, timestamp, salt))
        return len(cls.kept) > before

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:
        known = (server_url, timestamp, salt) in cls.kept
        cls.kept.discard((server_url, timestamp, salt))
        return known


class Associations(AssociationMixin):
    kept: "dict[int, Associations]" = {}  # noqa: RUF012 - the package asks for a class
    numbers = itertools.count(1)
    id = 0

    @classmethod
    def store(cls, server_url: str, association: Any) -> None:
        made = cls()
        made.id, made.server_url = next(cls.numbers), server_url
        for name in ("handle", "issued", "lifetime", "assoc_type"):
            setattr(made, name, getattr(association, name))
        cls.kept[made.id] = made

    @classmethod
    def get(cls, server_url: str | None = None, handle: str | None = None) -> "list[Associations]":
        kept = cls.kept.values()
        return [one for one in kept if (one.server_url, one.handle) == (server_url, handle)]

    @classmethod
    def remove(cls, ids_to_delete: list[int]) -> None:
        for number in ids_to_delete:
            del cls.kept[number]


class Storage(BaseStorage):
    user = Users
    nonce = Nonces
    association = Associations


class Service(BaseStrategy[str]):
    """One browser's dealings with the service."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(Storage)
        self.settings = settings
        self.session: dict[str, Any] = {}
        self.arrived: dict[str, str] = {}

    def backend(self) -> OpenIdConnectAuth[str]:
        return OpenIdConnectAuth(self, self.settings["SOCIAL_AUTH_OIDC_REDIRECT"])

    def redirect(self, url: str) -> str:
        return url

    def get_setting(self, name: str) -> Any:
        return self.settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, str]:
        del merge
        return self.arrived

    def session_get(self, name: str, default: Any = None) -> Any:
        return self.session.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        self.session[name] = value

    def session_pop(self, name: str) -> Any:
        return self.session.pop(name, None)

    def build_absolute_uri(self, path: str | None = None) -> str:
        return path or ""
