"""What only a `--dev` provider tells, and only to who holds its start-up secret (decision 2).

A person reads the mail, the SMS and the page; a script that plays the person reads them here.
Nothing of this approves anything.
"""

import base64
import os
import ssl
from dataclasses import dataclass
from typing import Any

import httpx

from wallet_sim.clock import monotonic, pause
from wallet_sim.errors import NoAnswer, from_problem

SECRET_VARIABLE = "ECPS_DEV_SECRET"  # noqa: S105 - the name of a variable
SECRET_HEADER = "Ecps-Dev-Secret"  # noqa: S105 - the name of a header

_LOOK_AGAIN = 0.2  # seconds
_TIMEOUT = 10.0  # seconds


class DevProviderRefused(Exception):
    """The provider does not run with `--dev`, or the secret is missing or wrong."""


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
            if not page:
                return found
            found += [Message(each["id"], each["kind"], each["payload"]) for each in page]
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
            raise NoAnswer(f"no answer from the provider: {error}") from error
        answer: dict[str, Any] = response.json()
        if response.status_code != httpx.codes.OK:
            raise from_problem(response.status_code, answer)
        return answer

    def _get(self, path: str, **parameters: Any) -> dict[str, Any]:
        try:
            response = self._client.get(path, params=parameters)
        except httpx.TransportError as error:
            raise NoAnswer(f"no answer from the provider: {error}") from error
        if response.status_code != httpx.codes.OK:
            raise DevProviderRefused(
                f"the provider answered {response.status_code} to /dev/v1/{path}: is it started "
                f"with --dev, and {SECRET_VARIABLE} its secret?"
            )
        answer: dict[str, Any] = response.json()
        return answer
