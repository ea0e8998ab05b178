"""The command `ecps-idp`: a thin door to the provider for operators, tests and scripts.

Every command lives in a module of its own, imported only when it is called, so that `--help`
answers at once.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

# command → module and name of the click command in it
COMMANDS = {
    "ans": ("idp.cli.ans", "ans_group"),
    "audit": ("idp.cli.audit", "audit_group"),
    "card": ("idp.cli.card", "card_group"),
    "claims": ("idp.cli.directory", "claims_command"),
    "client": ("idp.cli.client", "client_group"),
    "conformance-config": ("idp.cli.conformance", "conformance_command"),
    "contact": ("idp.cli.directory", "contact_command"),
    "cpam": ("idp.cli.cpam", "cpam_group"),
    "db": ("idp.cli.db", "db_group"),
    "demo": ("idp.cli.demo", "demo_command"),
    "diff-psc": ("idp.cli.diff_psc", "diff_psc_command"),
    "import": ("idp.cli.directory", "import_command"),
    "key": ("idp.cli.key", "key_group"),
    "operator": ("idp.cli.operator", "operator_group"),
    "order": ("idp.cli.order", "order_group"),
    "outbox": ("idp.cli.outbox", "outbox_command"),
    "person": ("idp.cli.person", "person_group"),
    "serve": ("idp.cli.serve", "serve_command"),
    "session": ("idp.cli.session", "session_group"),
    "worker": ("idp.cli.worker", "worker_command"),
}
SUMMARIES = {
    "ans": "Put activities on cards, as the ANS does.",
    "audit": "Seal, verify and read the journal of security events.",
    "card": "List, order, receive, oppose and renew physical cards.",
    "claims": "Print what userinfo says of a professional.",
    "client": "Add, list, show and remove relying services.",
    "conformance-config": "Register clients for the public conformance suite.",
    "contact": "Show or change the registered contacts of a professional.",
    "cpam": "Record activities, as the CPAM does.",
    "db": "Initialise, upgrade and look at the database.",
    "demo": "Run the whole path: provider, service and phone.",
    "diff-psc": "Compare a captured document of PSC with ours, member by member.",
    "import": "Import an extract of the national directory.",
    "key": "List, rotate and rewrap the keys.",
    "operator": "Invite, list and disable the operators of the console.",
    "order": "Register practitioners and their activities, as the Order does.",
    "outbox": "Read the messages that a simulation kept or sent.",
    "person": "Strike a professional off, take it back; their security keys, code for software.",
    "serve": "Serve the provider.",
    "session": "List and end the sessions of a professional.",
    "worker": "Send what waits in the outbox, and expire what lapsed.",
}


@contextmanager
def _without_collector() -> Iterator[None]:
    """Imports throw nothing away: walking what they made again and again took a fifth of a start.

    What is there at the end lives as long as the process, and is never walked at all.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Refused(click.ClickException):
    """An expected error: its message is what the person needs, without a traceback."""


class _Commands(click.Group):
    """Commands imported when they are called; expected errors told in words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        with _without_collector():
            command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        from pydantic import ValidationError  # noqa: PLC0415 - `--help` must answer at once
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - the same

        from idp.keys.keyring import NoActiveKey  # noqa: PLC0415 - the same
        from idp.keys.sealing import MasterKeyMissing, SealBroken  # noqa: PLC0415 - the same
        from idp.provider import ProviderNotReady  # noqa: PLC0415 - the same

        try:
            return super().invoke(ctx)
        except (ProviderNotReady, MasterKeyMissing) as error:
            raise _Refused(str(error)) from error
        except SealBroken as error:
            raise _Refused(
                f"the master key does not open what this database holds ({error})"
            ) from error
        except NoActiveKey as error:
            raise _Refused(f"the database holds no active key for {error}") from error
        except DBAPIError as error:
            raise _Refused(f"the database cannot be used: {error.orig}") from error
        except ValidationError as error:
            raise _Refused(_settings_in_error(error)) from error


def _settings_in_error(error: Any) -> str:
    lines = [
        f"  {'.'.join(str(part) for part in problem['loc']) or 'settings'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return "\n".join(["the settings do not hold:", *lines])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: ecps-idp serve --dev",
)
@click.version_option(package_name="ecps-idp")
def main() -> None:
    """A Pro Santé Connect compatible identity provider (simulation)."""
