"""What the commands of a phone share: the phone itself, the PIN, and how data is printed."""

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import httpx
from click.core import ParameterSource

from wallet_sim.clock import TimeSource
from wallet_sim.dev_provider import (
    DevelopmentRefused,
    DevProvider,
    DevProviderRefused,
    NothingSent,
)
from wallet_sim.display import Language
from wallet_sim.enrolment import Activated
from wallet_sim.errors import PhoneError, ProviderRefusal
from wallet_sim.harness.errors import HarnessError
from wallet_sim.phone import Phone
from wallet_sim.serving import PortTaken

if TYPE_CHECKING:
    from wallet_sim.card.card import Card

PIN_VARIABLE = "ECPS_WALLET_PIN"

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Shell:
    """What every command is given: where the phone lies and how it talks."""

    home: Path
    language: Language
    insecure_http: bool = False
    transport: httpx.BaseTransport | None = None
    clock: TimeSource | None = None

    def phone(self) -> Phone:
        """The phone under this home."""
        return self.phone_of(self.home)

    def phone_of(self, home: Path) -> Phone:
        """The phone under another home."""
        return Phone(
            home,
            transport=self.transport,
            clock=self.clock,
            language=self.language,
            insecure_http=self.insecure_http,
        )

    @property
    def cards(self) -> Path:
        """The folder of the cards at hand."""
        return self.home.expanduser() / "cards"

    def insert(self, path: Path) -> "AbstractContextManager[Card]":
        """Hold a card."""
        from wallet_sim.card.card import insert  # noqa: PLC0415 - a phone starts without cards

        return insert(
            path,
            transport=self.transport,
            clock=self.clock,
            language=self.language,
            insecure_http=self.insecure_http,
        )

    def dev_provider(self, base_url: str) -> DevProvider:
        """The development addresses of the phone's provider.

        Raises:
            DevProviderRefused: the start-up secret is not in the environment.
        """
        return DevProvider(base_url, transport=self.transport)


_TOLD_IN_WORDS = (DevelopmentRefused, DevProviderRefused, HarnessError, NothingSent, PortTaken)


class PhoneRefusal(click.ClickException):
    """An expected refusal: its code and its words, without a traceback."""


class PhoneGroup(click.Group):
    """Commands whose refusals are told in words, with exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ProviderRefusal as error:
            raise PhoneRefusal(_with_members(error)) from error
        except PhoneError as error:
            raise PhoneRefusal(f"{error.code}: {error}") from error
        except _TOLD_IN_WORDS as error:
            raise PhoneRefusal(str(error)) from error


def pin_options(function: F) -> F:
    """`--pin`, `--pin-stdin` and the environment (decision 42)."""
    for option in (
        click.option("--pin-stdin", is_flag=True, help="Read the PIN from standard input."),
        click.option(
            "--pin", envvar=PIN_VARIABLE, help=f"The PIN; also {PIN_VARIABLE}. Asked where missing."
        ),
    ):
        function = option(function)
    return function


def read_pin(pin: str | None, *, pin_stdin: bool, prompt: str, confirm: bool = False) -> str:
    """The PIN from wherever the options say, else asked without showing it."""
    if pin_stdin:
        return sys.stdin.readline().strip()
    if pin is not None:
        return pin
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return typed


def warn_of_plain_pin(phone: Phone, *options: str) -> None:
    """Say that a PIN on a command line is seen by others, where it is a real one (decision 42)."""
    context = click.get_current_context()
    plain = [n for n in options if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]
    if plain and not phone.is_simulation():
        click.echo(
            "Warning: other users of this machine can read a PIN given on the command line; "
            "use --pin-stdin or the environment.",
            err=True,
        )


def print_json(value: Any) -> None:
    """One JSON document, with French as it is written."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_activated(phone: Phone, identity: Activated, *, as_json: bool) -> None:
    """What a person reads after an activation; the revocation code is told here alone."""
    if as_json:
        print_json(identity.model_dump())
        return
    click.echo(f"e-CPS of {identity.display_name} ({identity.national_id}) is active.")
    click.echo(f"Revocation code: {identity.revocation_code}")
    click.echo(
        f"Write it down: it is shown once. It ends this e-CPS at {phone.provider()}"
        "/portail/revocation."
    )


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def _with_members(error: ProviderRefusal) -> str:
    told = [
        f"{name}={error.members[name]}"
        for name in ("tries_left", "retry_at", "state")
        if error.members.get(name) is not None
    ]
    return f"{error} ({', '.join(told)})" if told else str(error)
