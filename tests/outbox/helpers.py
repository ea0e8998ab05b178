from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from idp.outbox.queue import enqueue_mail, enqueue_sms
from idp.provider import Provider, open_provider
from idp.store.models import OutboxMessage
from idp.store.world import move_clock
from tests.conftest import make_settings


@contextmanager
def provider_with(database_url: str, master_key: str, **changes: object) -> Iterator[Provider]:
    provider = open_provider(make_settings(database_url, master_key, **changes))
    yield provider
    provider.store.close()


def queue_mail(provider: Provider, *, qr: str | None = None, to: str = "a@exemple.test") -> None:
    with provider.store.begin() as db:
        enqueue_mail(
            provider, db, to=to, subject="Sujet accentué", text="Bonjour é\n.\nfin\n", qr=qr
        )


def queue_sms(provider: Provider, *, lapses_in: timedelta | None = None) -> None:
    end = None if lapses_in is None else provider.clock.now() + lapses_in
    with provider.store.begin() as db:
        enqueue_sms(provider, db, to="+33639980001", text="code 123456", expires_at=end)


def messages(provider: Provider) -> list[OutboxMessage]:
    with provider.store.read() as db:
        return list(db.query(OutboxMessage).order_by(OutboxMessage.id))


def advance(provider: Provider, by: timedelta) -> None:
    with provider.store.begin() as db:
        move_clock(db, by)
    with provider.store.read() as db:
        provider.synchronise_clock(db)
