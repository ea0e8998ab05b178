"""`ecps-wallet card requests | approve | refuse`: what software asks (docs/cards.md 8)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from wallet_sim.card.requests import Agent
from wallet_sim.card.trust import ServerTrust
from wallet_sim.cli.card import ca_option, card_option, open_card, path_of
from wallet_sim.cli.card_codes import code_options
from wallet_sim.cli.common import Shell, json_option, print_json
from wallet_sim.cli.signin import wait_option
from wallet_sim.clock import monotonic, pause
from wallet_sim.display import render
from wallet_sim.documents import Challenge
from wallet_sim.errors import NothingPending

_LOOK_AGAIN = 0.5  # seconds

_challenge_option = click.option(
    "--challenge", metavar="ID", help="Which request; else the newest one."
)


@dataclass(frozen=True)
class _Given:
    """How a command finds its card and opens it."""

    which: str | None
    ca: Path | None
    code: str | None
    code_stdin: bool


@click.command("requests")
@wait_option
@card_option
@ca_option
@code_options
@json_option
@click.pass_obj
def requests(
    shell: Shell,
    *,
    wait: float,
    which: str | None,
    ca: Path | None,
    code: str | None,
    code_stdin: bool,
    as_json: bool,
) -> None:
    """Show the requests of software that wait for the card.

    Example: ecps-wallet card requests --code 1234 --wait 10 --json
    """
    with _agent(shell, _Given(which, ca, code, code_stdin)) as agent:
        waiting = _wait_for_requests(agent, wait)
    if as_json:
        print_json([challenge.payload for challenge in waiting])
        return
    for challenge in waiting:
        click.echo("\n".join(render(challenge, shell.language)) + "\n")


@click.command("approve")
@click.option("--number", metavar="N", help="The number that the software shows.")
@_challenge_option
@wait_option
@card_option
@ca_option
@code_options
@json_option
@click.pass_obj
def approve(
    shell: Shell,
    *,
    number: str | None,
    challenge: str | None,
    wait: float,
    which: str | None,
    ca: Path | None,
    code: str | None,
    code_stdin: bool,
    as_json: bool,
) -> None:
    """Approve a request of software: the card signs what is shown here.

    Example: ecps-wallet card approve --code 1234 --number 42 --wait 30
    """
    with _agent(shell, _Given(which, ca, code, code_stdin)) as agent:
        chosen = _choose(_wait_for_requests(agent, wait), challenge)
        click.echo("\n".join(render(chosen, shell.language)), err=True)
        if number is None and chosen.number is not None:
            number = click.prompt("Number that the software shows", err=True)
        outcome = agent.answer(chosen, "approve", number)
    _tell(outcome, chosen, as_json=as_json)


@click.command("refuse")
@_challenge_option
@wait_option
@card_option
@ca_option
@code_options
@json_option
@click.pass_obj
def refuse(
    shell: Shell,
    *,
    challenge: str | None,
    wait: float,
    which: str | None,
    ca: Path | None,
    code: str | None,
    code_stdin: bool,
    as_json: bool,
) -> None:
    """Refuse a request of software: the card signs the refusal.

    Example: ecps-wallet card refuse --code 1234
    """
    with _agent(shell, _Given(which, ca, code, code_stdin)) as agent:
        chosen = _choose(_wait_for_requests(agent, wait), challenge)
        outcome = agent.answer(chosen, "refuse", None)
    _tell(outcome, chosen, as_json=as_json)


@contextmanager
def _agent(shell: Shell, given: _Given) -> Iterator[Agent]:
    with shell.insert(path_of(shell, given.which)) as inserted:
        opened = open_card(inserted, given.code, code_stdin=given.code_stdin)
        yield Agent(opened, ServerTrust(given.ca), shell.language)


def _wait_for_requests(agent: Agent, wait: float) -> list[Challenge]:
    end = monotonic() + wait
    while True:
        waiting = agent.waiting()
        if waiting:
            return waiting
        if monotonic() >= end:
            raise NothingPending("no request of software waits for this card")
        pause(_LOOK_AGAIN)


def _choose(waiting: list[Challenge], wanted: str | None) -> Challenge:
    for challenge in waiting:
        if wanted in {None, challenge.challenge_id}:
            return challenge
    raise NothingPending("no request of that id waits for this card")


def _tell(outcome: str, challenge: Challenge, *, as_json: bool) -> None:
    if as_json:
        print_json({"outcome": outcome, "challenge_id": challenge.challenge_id})
    else:
        click.echo(f"{outcome.capitalize()}: {challenge.client_name}.")
