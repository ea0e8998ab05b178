"""`ecps-wallet fleet`: thousands of phones at once, and what became of every one of them."""

import json
import os
from pathlib import Path
from typing import Any, cast

import click

from wallet_sim.cli.common import Shell
from wallet_sim.clock import monotonic
from wallet_sim.dev_provider import SECRET_VARIABLE, DevelopmentRefused
from wallet_sim.fleet.errors import FleetError
from wallet_sim.fleet.page import page
from wallet_sim.fleet.profile import read_profile
from wallet_sim.fleet.provider import CLIENT_SECRET_VARIABLE
from wallet_sim.fleet.run import Progress
from wallet_sim.fleet.table import lines
from wallet_sim.fleet.work import Secrets, Step, Watcher, carry_out

_TOLD_EVERY = 2.0  # seconds between two lines of a populate's progress


@click.command()
@click.option(
    "--profile",
    "profile_path",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="TOML file that says what the fleet does (docs/testing/fleet.md).",
)
@click.option(
    "--state",
    "state_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the phones are kept.  [default: beside the profile, ending in .fleet]",
)
@click.option(
    "--report",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write report.json and report.html to.",
)
@click.option("--provider-pid", type=int, help="A local provider's process: tells its CPU time.")
@click.argument("step", type=click.Choice(["all", "populate", "run"]), default="all")
@click.pass_obj
def fleet(
    shell: Shell,
    /,
    *,
    profile_path: Path,
    state_path: Path | None,
    folder: Path | None,
    provider_pid: int | None,
    step: str,
) -> None:
    """Activate thousands of phones, have them sign in, and compare what came of it.

    STEP is `populate` (people and phones; goes on where it was interrupted), `run` (sign-ins by
    the phones there are), or `all`, both.

    The provider's start-up secret comes from ECPS_DEV_SECRET; without it only `run` works, with
    phones activated before and a client of the profile, whose secret is in
    ECPS_FLEET_CLIENT_SECRET. Exit status 1 where anything came otherwise than it must.

    Example: ecps-wallet fleet --profile bench/fleet/small.toml --report out
    """
    given = Secrets(os.environ.get(SECRET_VARIABLE, ""), os.environ.get(CLIENT_SECRET_VARIABLE, ""))
    try:
        report = carry_out(
            read_profile(profile_path),
            state_path or profile_path.with_suffix(".fleet"),
            cast("Step", step),
            given,
            Watcher(_Populating(), _tell_run),
            insecure_http=shell.insecure_http,
            provider_pid=provider_pid,
        )
    except (FleetError, DevelopmentRefused) as error:
        raise click.ClickException(str(error)) from error
    for line in lines(report):
        click.echo(line)
    if folder is not None:
        _write(folder, report)
    if not report["good"]:
        raise click.ClickException("not everything came as it must: see above")


class _Populating:
    """Tells of a populate every few seconds, and of its last phone."""

    def __init__(self) -> None:
        self._began = monotonic()
        self._told = self._began

    def __call__(self, done: int, among: int) -> None:
        now = monotonic()
        if done < among and now < self._told + _TOLD_EVERY:
            return
        self._told = now
        rate = done / max(now - self._began, 1e-9)
        click.echo(f"{done} of {among} phones activated, {rate:.1f} a second", err=True)


def _tell_run(progress: Progress, seconds: float) -> None:
    click.echo(
        f"{seconds:.0f} s: {progress.begun} of {progress.planned} sign-ins begun, "
        f"{progress.under_way} under way, {progress.over} over, {progress.unforeseen} unforeseen",
        err=True,
    )


def _write(folder: Path, report: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(report, indent=1, ensure_ascii=False)
    (folder / "report.json").write_text(f"{content}\n", encoding="utf-8")
    (folder / "report.html").write_text(page(report), encoding="utf-8")
    click.echo(f"Written: {folder / 'report.json'} and {folder / 'report.html'}", err=True)
