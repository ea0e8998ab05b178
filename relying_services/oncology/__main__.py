"""`python -m relying_services.oncology`: the network and its commands."""

import click

from relying_services.oncology import KIND, OncologySettings, create_app
from relying_services.service.command import group

_SERVED_WITH = (
    click.Option(
        ["--quorum"],
        type=click.IntRange(min=1),
        default=OncologySettings.quorum,
        show_default=True,
        help="Specialties that must have given an opinion before a conclusion.",
    ),
    click.Option(
        ["--most-participants"],
        type=click.IntRange(min=1),
        default=OncologySettings.most_participants,
        show_default=True,
        help="Of one case, besides who presents it.",
    ),
)

main = group(
    KIND,
    "The oncology network, signed in to by CIBA.",
    OncologySettings,
    create_app,
    options=_SERVED_WITH,
)

if __name__ == "__main__":
    main()
