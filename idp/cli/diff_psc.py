"""`ecps-idp diff-psc`: what Pro Santé Connect gives today beside what this provider gives."""

from pathlib import Path
from typing import Any

import click

from idp.cli.common import json_option, pass_settings, print_json
from idp.psc.captured import KINDS, LARGEST, Unreadable, read_captured
from idp.psc.comparison import Comparison, Difference, compare
from idp.settings import Settings

DIFFERENT = 1
UNREADABLE = 2
_TWO_CAPTURES = (
    "ours names what it serves, Pro Santé Connect more than it serves: "
    "docs/discovery-differences.md explains each.\n"
    "To see what Pro Santé Connect changed, compare what this says of two captures."
)


class CaptureUnreadable(click.ClickException):
    """Exit status 2: nothing was compared."""

    exit_code = UNREADABLE


@click.command(
    "diff-psc",
    epilog="Example: ecps-idp diff-psc captured-userinfo.json --kind userinfo",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--kind", type=click.Choice(KINDS), help="Which document it is; else its members tell."
)
@json_option
@click.pass_context
@pass_settings
def diff_psc_command(
    settings: Settings, context: click.Context, file: Path, *, kind: str | None, as_json: bool
) -> None:
    """Compare a captured document of Pro Santé Connect with ours, member by member.

    The file holds JSON, or a token as text, whose signature is not verified. It is read here and
    sent nowhere; of its values only those are told that are the platform's own. Exit status: 0
    where nothing differs, 1 where something does, 2 where the file cannot be read.
    """
    try:
        with file.open("rb") as opened:
            captured = read_captured(opened.read(LARGEST + 1), kind)
    except (Unreadable, OSError) as error:
        raise CaptureUnreadable(f"{file}: {error}") from error
    comparison = compare(settings, captured)
    if as_json:
        print_json(_as_json(comparison))
    else:
        _tell(comparison)
    context.exit(DIFFERENT if comparison.differences else 0)


def _as_json(comparison: Comparison) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": comparison.kind,
        "same": not comparison.differences,
        "differences": [
            {"path": d.path, "kind": d.kind, "theirs": d.theirs, "ours": d.ours}
            for d in comparison.differences
        ],
        "signature": "not verified" if comparison.is_token else None,
    }
    if comparison.vintages:
        told |= {
            "claims_vintage": comparison.vintage,
            "differences_by_vintage": comparison.vintages,
            "best_vintage": comparison.best,
        }
    return told


def _tell(comparison: Comparison) -> None:
    if comparison.is_token:
        click.echo("the signature of the token was not verified")
    for difference in comparison.differences:
        click.echo(_line(difference))
    if comparison.vintages:
        counted = ", ".join(f"{name}: {count}" for name, count in comparison.vintages.items())
        click.echo(f"claims_vintage is {comparison.vintage}; differences by vintage: {counted}")
        if comparison.best != comparison.vintage:
            click.echo(f"this document is best matched by claims_vintage = {comparison.best!r}")
    count = len(comparison.differences)
    if comparison.kind == "discovery" and count:
        click.echo(_TWO_CAPTURES)
    click.echo(f"{comparison.kind}: {count} differences" if count else f"{comparison.kind}: same")


def _line(difference: Difference) -> str:
    return f"{difference.kind:<9} {difference.path}: {_told(difference)}"


def _told(difference: Difference) -> str:
    theirs, ours = difference.theirs, difference.ours
    if difference.kind == "missing":
        return f"ours has it ({ours})"
    if difference.kind == "added":
        return f"theirs has it ({theirs})"
    if difference.kind == "repeated":
        return "stands twice in theirs"
    if difference.kind == "value" and isinstance(theirs, list) and isinstance(ours, list):
        alone = {"theirs": _without(theirs, ours), "ours": _without(ours, theirs)}
        return "; ".join(f"{whose} alone {names}" for whose, names in alone.items() if names)
    return f"theirs {_listed(theirs)}; ours {_listed(ours)}"


def _without(some: list[str], others: list[str]) -> str:
    return ", ".join(one for one in some if one not in others)


def _listed(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
