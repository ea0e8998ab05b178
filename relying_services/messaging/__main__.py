"""`python -m relying_services.messaging`: the messaging and its commands."""

import click

from relying_services.messaging import KIND, MessagingSettings, create_app
from relying_services.service.command import group

_SERVED_WITH = (
    click.Option(["--domain"], default=MessagingSettings.domain, show_default=True),
    click.Option(
        ["--letters-a-day"],
        type=click.IntRange(min=1),
        default=MessagingSettings.letters_a_day,
        show_default=True,
        help="That one professional may send.",
    ),
)

main = group(
    KIND,
    "Secure messaging that takes the card alone.",
    MessagingSettings,
    create_app,
    options=_SERVED_WITH,
)

if __name__ == "__main__":
    main()
