"""What only a `--dev` provider tells, and only to who holds its start-up secret (decision 2).

A person reads the mail, the SMS and the page; a script that plays the person reads them here.
Nothing of this approves anything.
"""

import base64
import os
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from wallet_sim.clock import monotonic, pause
from wallet_sim.errors import NoAnswer, from_problem

SECRET_VARIABLE = "ECPS_DEV_SECRET"  # noqa: S105 - the name of a variable
SECRET_HEADER = "Ecps-Dev-Secret"  # noqa: S105 - the name of a header

_LOOK_AGAIN = 0.2  # seconds
_FULL_PAGE = 100
"""Messages that the outbox tells at once; fewer are the last."""
_TIMEOUT = 10.0  # seconds
_PATIENCE = 120.0  # seconds that whoever is relayed may take: a thousand people, a snapshot
_STEPS = {"", ".", ".."}
"""Parts of a path that would lead out of it."""


class DevProviderRefused(Exception):
    """The provider does not run with `--dev`, or the secret is missing or wrong."""


class DevelopmentRefused(Exception):
    """A development address refused what was asked of it."""

    def __init__(self, asked: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{asked}: {status} {problem.get('detail', problem)}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem


class NothingSent(Exception):
    """No such message came in time."""


@dataclass(frozen=True)
class Message:
    """One message of the outbox."""

    id: int
    kind: str
    payload: dict[str, Any]

    @property
    def picture(self) -> bytes:
        """The image attached to a mail."""
        return base64.b64decode(self.payload["png"])

    @property
    def code(self) -> str:
        """The code inside an SMS."""
        return str(self.payload["code"])


class DevProvider:
    """The development addresses of one provider.

    Args:
        base_url: the provider's address.
        secret: its start-up secret; from the environment where none is given.
        transport: how HTTP leaves.
    """

    def __init__(
        self, base_url: str, secret: str = "", *, transport: httpx.BaseTransport | None = None
    ) -> None:
        given = secret or os.environ.get(SECRET_VARIABLE, "")
        if not given:
            raise DevProviderRefused(f"set {SECRET_VARIABLE} to the provider's start-up secret")
        self.base_url = base_url
        secure = base_url.startswith("https:") and transport is None
        self._client = httpx.Client(
            # As the phone's own channel: a development authority stands in SSL_CERT_FILE.
            verify=ssl.create_default_context() if secure else False,
            base_url=f"{base_url.rstrip('/')}/dev/v1/",
            headers={SECRET_HEADER: given},
            transport=transport,
            timeout=_TIMEOUT,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def refusal(self, ticket_id: str) -> str | None:
        """Why an activation cannot go on: its true reason, which the phone is never told."""
        reason = self._get(f"enrolments/{ticket_id}")["refusal"]
        return None if reason is None else str(reason)

    def cursor(self, national_id: str) -> int:
        """Where the outbox of a person ends now: what comes next stands above it."""
        return max((message.id for message in self.messages(national_id)), default=0)

    def messages(self, national_id: str, *, after: int = 0) -> list[Message]:
        """What was sent to the declared contacts of a person, oldest first, above a cursor."""
        found: list[Message] = []
        while True:
            page = self._get("outbox", person=national_id, after=after)["messages"]
            found += [Message(each["id"], each["kind"], each["payload"]) for each in page]
            if len(page) < _FULL_PAGE:
                return found
            after = found[-1].id

    def wait_for(self, national_id: str, kind: str, *, after: int, seconds: float) -> Message:
        """The newest mail with a picture, or SMS with a code, above a cursor.

        Raises:
            NothingSent: none came in time.
        """
        part = {"mail": "png", "sms": "code"}[kind]
        deadline = monotonic() + seconds
        while True:
            for message in reversed(self.messages(national_id, after=after)):
                if message.kind == kind and message.payload.get(part):
                    return message
            if monotonic() >= deadline:
                raise NothingSent(f"no {kind} for {national_id} within {seconds:g} s")
            pause(_LOOK_AGAIN)

    def shown_number(self, challenge_id: str) -> str | None:
        """The number that the sign-in page shows; a script reads it as a person would."""
        number = self._get(f"challenges/{challenge_id}")["number"]
        return None if number is None else str(number)

    def make_card(self, number: str, members: dict[str, Any]) -> dict[str, Any]:
        """Have the ANS make a card out of its keys and salts (docs/cards.md, 3).

        Raises:
            ProviderRefusal: as the provider's code says, `transition_refused` where it was made.
        """
        try:
            response = self._client.post(f"ans/cards/{number}/personalisation", json=members)
        except httpx.TransportError as error:
            raise NoAnswer(f"no answer from the provider at {self.base_url}: {error}") from error
        answer: dict[str, Any] = response.json()
        if response.status_code != httpx.codes.OK:
            raise from_problem(response.status_code, answer)
        return answer

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any
    ) -> dict[str, Any]:
        """Ask a development address below `/dev/v1/`; nothing but an object comes back.

        Raises:
            DevelopmentRefused: the problem that came instead: `status`, `code`, what to do.
            DevProviderRefused: whatever answers there is no `--dev` provider.
            NoAnswer: the provider is out of reach.
        """
        try:
            response = self._client.request(method, _below(path), json=body, params=query)
        except httpx.TransportError as error:
            raise NoAnswer(f"no answer from the provider at {self.base_url}: {error}") from error
        answer = _object(response) if response.content else {}
        if response.is_error:
            raise DevelopmentRefused(f"{method} /dev/v1/{path}", response.status_code, answer)
        return answer

    def relay(
        self, method: str, path: str, *, query: str, body: bytes, content_type: str
    ) -> httpx.Response:
        """Ask as somebody else asked, and give whatever comes back.

        Args:
            method: of HTTP.
            path: below `/dev/v1/`, decoded; it never leads anywhere else.
            query: as it came.
            body: as it came.
            content_type: of the body; none where there is none.

        Raises:
            NoAnswer: the provider is out of reach.
        """
        below = "/".join(quote(part, safe="") for part in _below(path).split("/"))
        headers = {"Content-Type": content_type} if content_type else {}
        address = f"{below}?{query}" if query else below
        try:
            return self._client.request(
                method, address, content=body, headers=headers, timeout=_PATIENCE
            )
        except httpx.TransportError as error:
            raise NoAnswer(f"no answer from the provider at {self.base_url}: {error}") from error

    def _get(self, path: str, **parameters: Any) -> dict[str, Any]:
        try:
            response = self._client.get(path, params=parameters)
        except httpx.TransportError as error:
            raise NoAnswer(f"no answer from the provider at {self.base_url}: {error}") from error
        if response.status_code != httpx.codes.OK:
            raise DevProviderRefused(
                f"the provider answered {response.status_code} to /dev/v1/{path}: is it started "
                f"with --dev, and {SECRET_VARIABLE} its secret?"
            )
        answer: dict[str, Any] = response.json()
        return answer


def _below(path: str) -> str:
    """A path that stays below the development addresses, whatever a name in it is."""
    return "/".join(part for part in path.split("/") if part not in _STEPS)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        told: dict[str, Any] = response.json()
    except ValueError as error:
        raise DevProviderRefused(
            f"{response.url} answered {response.status_code} without JSON: is it a provider that "
            "is started with --dev?"
        ) from error
    return told
