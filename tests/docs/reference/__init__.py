"""Pages of the reference that are generated from the code: `python -m tests.docs.reference`."""

from collections.abc import Callable
from functools import partial

from tests.architecture.imports import ROOT
from tests.docs.reference import cli, events, http, services

FOLDER = ROOT / "docs" / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "cli-ecps-idp.md": cli.provider,
    "cli-ecps-wallet.md": cli.wallet,
    "cli-services.md": cli.services,
    "events.md": events.page,
    "services.md": services.page,
    **{page: partial(http.page, document) for page, document in http.DOCUMENTS.items()},
}


def write() -> None:
    """Write every page."""
    FOLDER.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (FOLDER / name).write_text(render(), "utf-8")
