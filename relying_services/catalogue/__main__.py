"""`python -m relying_services.catalogue`: the catalogue and its commands."""

from typing import Any

import click

from relying_services.catalogue import KIND, CatalogueSettings, create_app
from relying_services.service.command import group


def _by_name(
    _context: click.Context, _option: click.Parameter, given: tuple[tuple[str, str], ...]
) -> Any:
    return {name: address.rstrip("/") for name, address in given}


_SERVED_WITH = (
    click.Option(
        ["--at", "addresses"],
        type=(str, str),
        multiple=True,
        callback=_by_name,
        metavar="CLIENT_ID ADDRESS",
        help="Where a service stands.  [default: beside this port]",
    ),
)

main = group(
    KIND,
    "The services, and the policy of each.",
    CatalogueSettings,
    create_app,
    options=_SERVED_WITH,
)

if __name__ == "__main__":
    main()
