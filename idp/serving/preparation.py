"""What is done to a database once, before anything serves it (measured.md, pitfall 4)."""

from pathlib import Path

from idp.directory.sample import load_sample
from idp.oauth.clients.certificates import check_trust_files
from idp.oauth.clients.registration import read_clients_file, register_at
from idp.portal.client import refuse_portal
from idp.provider import (
    Provider,
    ProviderNotReady,
    bring_up_to_date,
    initialise,
    open_provider,
)
from idp.settings import Settings
from idp.snapshots import take_start
from idp.store.database import Store
from idp.store.world import find_world


def prepare_database(settings: Settings) -> None:
    """Migrate once, before workers start; in `--dev` make and fill a new simulation.

    How a simulation then stands is what `POST /dev/v1/reset` goes back to.

    Raises:
        ProviderNotReady: the database was never initialised, or contradicts the settings, or a
            file of trusted authorities cannot be read.
        ClientMetadataRefused: a client of the clients file does not fit.
    """
    check_trust_files(settings)
    bring_up_to_date(settings)
    store = Store(settings.database_url)
    try:
        with store.read() as db:
            world = find_world(db)
    finally:
        store.close()
    if world is None and not settings.dev:
        raise ProviderNotReady("the database has no stamp yet: run `ecps-idp db init`")
    if world is None:
        initialise(settings, kind="simulation")
    provider = open_provider(settings)
    try:
        if settings.dev and world is None:
            fill_simulation(provider)
        make_ready(provider)
    finally:
        provider.store.close()


def fill_simulation(provider: Provider) -> None:
    """Load the sample people of a new simulation, but for an API's issuer, who knows nobody."""
    if not provider.settings.is_of_an_api:
        load_sample(provider)


def make_ready(provider: Provider) -> None:
    """What every start ends with: the clients of the file, and in `--dev` how all stands now.

    Raises:
        ClientMetadataRefused: a client of the clients file does not fit.
    """
    register_clients(provider)
    if provider.settings.dev and not provider.settings.is_of_an_api:
        take_start(provider)


def register_clients(provider: Provider) -> None:
    """Register those of the clients file, where the settings name one.

    Raises:
        ClientMetadataRefused: one does not fit, or would take the portal's place.
    """
    settings = provider.settings
    if not settings.clients_file:
        return
    with provider.store.begin() as db:
        for metadata in read_clients_file(Path(settings.clients_file)):
            refuse_portal(metadata.client_id)
            register_at(provider, db, metadata)
