"""`ecps-wallet`, which tells on its output of each step that a phone of its fleet has kept."""

from unittest import mock

import click

from wallet_sim.cli import main
from wallet_sim.fleet.state import FleetState

_write = FleetState.write


def _write_and_tell(state: FleetState, number: int, text: str | None, *, is_active: bool) -> None:
    _write(state, number, text, is_active=is_active)
    click.echo("kept")


if __name__ == "__main__":
    with mock.patch.object(FleetState, "write", _write_and_tell):
        main()
