"""A phone's network, between the phone and the real one: it can be cut, and it can be tapped.

What travels is what the phone signed. Nothing here makes an answer that the phone did not make.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, get_args

import httpx

from wallet_sim.encoding import parse_object

Condition = Literal["up", "down", "lose_answers"]
"""As it should be; nothing goes through; requests arrive, and no answer comes back."""
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

_ANSWER = "/answer"
_Way = Callable[[httpx.Request], httpx.Response]


@dataclass(frozen=True)
class Sent:
    """A request as it went onto the network."""

    address: httpx.URL
    headers: dict[str, str]
    body: bytes


class Line(httpx.BaseTransport):
    """The network of one phone.

    Args:
        beyond: how HTTP goes on from here.
    """

    def __init__(self, beyond: httpx.BaseTransport) -> None:
        self.beyond = beyond
        self.condition: Condition = "up"
        self._answers: _Way = beyond.handle_request

    def close(self) -> None:
        """Close the connections."""
        self.beyond.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, as well as this network does."""
        if self.condition == "down":
            raise httpx.ConnectError("the phone has no network", request=request)
        is_answer = request.url.path.endswith(_ANSWER)
        response = (self._answers if is_answer else self.beyond.handle_request)(request)
        if self.condition == "lose_answers":
            raise _lost(request, response)
        return response

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Carry nothing while the block runs."""
        before, self.condition = self.condition, "down"
        try:
            yield
        finally:
            self.condition = before

    @contextmanager
    def recording(self) -> Iterator[list[Sent]]:
        """Keep a copy of the answers that go through while the block runs."""
        taken: list[Sent] = []

        def carry(request: httpx.Request) -> httpx.Response:
            taken.append(_copy(request))
            return self.beyond.handle_request(request)

        with self._treating_answers(carry):
            yield taken

    @contextmanager
    def holding(self) -> Iterator[list[Sent]]:
        """Keep the answers that are sent while the block runs; the phone gives up waiting."""
        held: list[Sent] = []

        def hold(request: httpx.Request) -> httpx.Response:
            held.append(_copy(request))
            raise httpx.ReadTimeout("the answer is on its way", request=request)

        with self._treating_answers(hold):
            yield held

    @contextmanager
    def losing(self) -> Iterator[None]:
        """Lose what the provider says to the answers of this block."""

        def lose(request: httpx.Request) -> httpx.Response:
            raise _lost(request, self.beyond.handle_request(request))

        with self._treating_answers(lose):
            yield

    @contextmanager
    def altering(self, alter: Callable[[bytes], bytes]) -> Iterator[None]:
        """Change the bytes of the answers that go through while the block runs."""

        def carry(request: httpx.Request) -> httpx.Response:
            sent = _copy(request)
            return self.beyond.handle_request(
                httpx.Request(
                    request.method,
                    sent.address,
                    headers=sent.headers,
                    content=alter(sent.body),
                    extensions=request.extensions,
                )
            )

        with self._treating_answers(carry):
            yield

    def deliver(self, sent: Sent) -> str:
        """Send once more what was kept; gives what is said to it: an outcome, or a refusal's code.

        Raises:
            TransportError: the provider is out of reach.
        """
        request = httpx.Request("POST", sent.address, headers=sent.headers, content=sent.body)
        response = self.beyond.handle_request(request)
        try:
            members: dict[str, Any] = parse_object(response.read())
        except ValueError:
            return f"status {response.status_code}"
        finally:
            response.close()
        return str(members.get("outcome") or members.get("code"))

    @contextmanager
    def _treating_answers(self, way: _Way) -> Iterator[None]:
        before, self._answers = self._answers, way
        try:
            yield
        finally:
            self._answers = before


def _copy(request: httpx.Request) -> Sent:
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    return Sent(request.url, headers, request.read())


def _lost(request: httpx.Request, response: httpx.Response) -> httpx.ReadError:
    response.read()
    response.close()
    return httpx.ReadError("the answer was lost", request=request)
