"""`ecps-idp outbox`: the messages that a simulation kept or sent."""

import base64
from pathlib import Path
from typing import Any

import click

from idp.cli.common import json_option, opened, pass_settings, print_json
from idp.outbox.reading import OutboxOfRealDatabase, read_outbox
from idp.settings import Settings


@click.command("outbox", epilog="Example: ecps-idp outbox --to solene.margelle@exemple.test --json")
@click.option(
    "--to",
    "recipient",
    metavar="ADDRESS",
    help="Mail address, E.164 number or national identifier.",
)
@click.option("--after", default=0, show_default=True, help="Only messages above this id.")
@click.option(
    "--save-qr",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write the QR codes of mails to, as <id>.png.",
)
@json_option
@pass_settings
def outbox_command(
    settings: Settings, *, recipient: str | None, after: int, save_qr: Path | None, as_json: bool
) -> None:
    """Read mails, SMS, letters and pushes of a simulation, codes and QR included.

    A real database is refused.
    """
    recipients = None if recipient is None else [recipient]
    with opened(settings) as provider:
        try:
            messages = read_outbox(provider, recipients=recipients, after=after)
        except OutboxOfRealDatabase as error:
            raise click.ClickException(str(error)) from error
    if save_qr is not None:
        _save_images(messages, save_qr)
    if as_json:
        cursor = messages[-1]["id"] if messages else after
        print_json({"messages": messages, "cursor": cursor})
        return
    for message in messages:
        _print_message(message)


def _save_images(messages: list[dict[str, Any]], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for message in messages:
        png = message["payload"].get("png")
        if png is not None:
            path = folder / f"{message['id']}.png"
            path.write_bytes(base64.b64decode(png))
            message["qr_file"] = str(path)


def _print_message(message: dict[str, Any]) -> None:
    payload = message["payload"]
    click.echo(
        f"#{message['id']} {message['kind']} to {message['to']} "
        f"({message['state']}, {message['created_at']})"
    )
    if message["error"]:
        # What a simulation keeps, for want of somewhere to send it, did not fail.
        name = "Note" if message["state"] == "kept" else "Error"
        click.echo(f"{name}: {message['error']}")
    if "qr_file" in message:
        click.echo(f"QR: {message['qr_file']}")
    click.echo(payload.get("subject", ""))
    click.echo(payload.get("text", "a hint for the phone, encrypted on its way"))
    click.echo("")
