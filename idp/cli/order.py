"""`ecps-idp order`: step 1 of the chain, the Order (CP-01)."""

import click

from idp.cli.chain import canonical, members, opened_simulation, taken, told
from idp.cli.common import json_option, pass_settings
from idp.registration.details import Registrant
from idp.registration.order import declare_activity, end_activity, move_activity, register
from idp.registration.wording import described_activity
from idp.settings import Settings

_REGISTER = (
    "Example: ecps-idp order register --family-name EXEMPLE --given-name Ada --civilite MME "
    "--birth-date 12/04/1971 --profession 10 --category C --title DR"
)
_DECLARE = (
    "Example: ecps-idp order declare 899700990015 --profession 10C --mode L --role FON-01 "
    "--department 99 --name 'CABINET DE TEST'"
)


@click.group("order", epilog=_REGISTER)
def order_group() -> None:
    """Register practitioners and their activities, as the Order does."""


@order_group.command("register", epilog=_REGISTER)
@click.option("--family-name", required=True)
@click.option("--given-name", required=True)
@click.option("--civilite", required=True, type=click.Choice(["M", "MME"]))
@click.option("--birth-date", required=True, metavar="DD/MM/YYYY")
@click.option("--profession", required=True, help="Code of TRE_G15: 10 is a doctor.")
@click.option("--category", default="C", show_default=True, help="TRE_R09: C, E, F or M.")
@click.option("--title", default="", help="Civilité d'exercice: DR, PR …")
@click.option("--savoir-faire-type", default="", help="TRE_R04: S is an ordinal specialty.")
@click.option("--savoir-faire", default="", help="TRE_R38: SM54 is general medicine.")
@json_option
@pass_settings
def register_command(settings: Settings, /, *, as_json: bool, **entered: str) -> None:
    """Register a practitioner; prints the identifier, theirs for life."""
    with opened_simulation(settings) as provider:
        registrant = Registrant(**entered)
        national_id = taken(provider, lambda db: register(provider, db, registrant))
    told({"national_id": national_id}, as_json=as_json)


@order_group.command("declare", epilog=_DECLARE)
@click.argument("national_id")
@click.option("--profession", required=True, help="Key of the exercise: profession and category.")
@click.option("--mode", default="L", show_default=True, help="TRE_R23: L, S or B.")
@click.option("--sector", default="SA07", show_default=True, help="TRE_R02.")
@click.option("--role", default="FON-01", show_default=True, help="TRE_R21.")
@click.option("--kind", default="GENR01", show_default=True, help="TRE_R22.")
@click.option("--department", default="", help="Of the practice: the billing number begins so.")
@click.option("--name", default="", help="Raison sociale of the practice.")
@click.option("--member", "further", multiple=True, metavar="NAME=VALUE", help="More of PSC's.")
@json_option
@pass_settings
def declare_command(
    settings: Settings,
    /,
    national_id: str,
    *,
    profession: str,
    further: tuple[str, ...],
    as_json: bool,
    **entered: str,
) -> None:
    """Declare an activity of a registered practitioner, for the CPAM to record."""
    details = {
        "codeModeExercice": entered["mode"],
        "codeSecteurDactivite": entered["sector"],
        "codeRole": entered["role"],
        "codeGenreActivite": entered["kind"],
        "codeDepartement": entered["department"],
        "raisonSocialeSite": entered["name"],
    } | members(further)
    holder = canonical(national_id)
    with opened_simulation(settings) as provider:
        activity = taken(
            provider,
            lambda db: declare_activity(
                provider, db, holder, profession=profession, details=details
            ),
        )
    told(described_activity(activity), as_json=as_json)


@order_group.command("move", epilog="Example: ecps-idp order move 0f3a… --member codePostal=99002")
@click.argument("activity_id")
@click.option("--member", "changed", multiple=True, required=True, metavar="NAME=VALUE")
@json_option
@pass_settings
def move_command(
    settings: Settings, activity_id: str, *, changed: tuple[str, ...], as_json: bool
) -> None:
    """Change where an activity takes place; directory and card follow."""
    details = members(changed)
    with opened_simulation(settings) as provider:
        activity = taken(provider, lambda db: move_activity(provider, db, activity_id, details))
    told(described_activity(activity), as_json=as_json)


@order_group.command("end", epilog="Example: ecps-idp order end 0f3a…")
@click.argument("activity_id")
@json_option
@pass_settings
def end_command(settings: Settings, activity_id: str, *, as_json: bool) -> None:
    """End an activity; directory and card follow."""
    with opened_simulation(settings) as provider:
        activity = taken(provider, lambda db: end_activity(provider, db, activity_id))
    told(described_activity(activity), as_json=as_json)
