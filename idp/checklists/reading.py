"""Reading what the recorder kept, and judging it."""

from collections.abc import Iterable, Iterator

from sqlalchemy.orm import Session

from idp.checklists.exchange import Exchange
from idp.checklists.report import Checklist, judge
from idp.checklists.seen import Registered, Seen
from idp.provider import Provider
from idp.store.clients import find_client
from idp.store.exchanges import last_exchanges
from idp.store.models import Client, DevExchange


def as_exchange(row: DevExchange) -> Exchange:
    """An exchange as rules read it."""
    request = row.request
    return Exchange(
        id=row.id,
        at=row.at,
        client_id=row.client_id,
        step=row.step,
        method=row.method,
        status=row.status,
        parameters=request.get("parameters", {}),
        in_query=tuple(request.get("in_query", ())),
        repeated=tuple(request.get("repeated", ())),
        request_object=request.get("request_object"),
        headers=request.get("headers", {}),
        authentication=request.get("authentication", ""),
        certificate=request.get("certificate", False),
        caller=request.get("caller", ""),
        presented=request.get("presented", {}),
        answer=row.answer,
        sid=row.sid,
    )


def checklist_of(provider: Provider, db: Session, client_id: str) -> Checklist:
    """What a service did, judged: its newest exchanges, as many as `recorder_judged`."""
    [checklist] = checklists_of(provider, db, [client_id])
    return checklist


def checklists_of(
    provider: Provider, db: Session, client_ids: Iterable[str]
) -> Iterator[Checklist]:
    """The same of several services, in their order; what is nobody's is read once for all."""
    most = provider.settings.recorder_judged
    public = [as_exchange(row) for row in last_exchanges(db, client_id=None, limit=most)]
    for client_id in client_ids:
        rows = last_exchanges(db, client_id=client_id, limit=most)
        seen = Seen(
            client_id=client_id,
            registered=_registered(find_client(db, client_id)),
            exchanges=[as_exchange(row) for row in rows],
            public=public,
            now=provider.clock.now(),
            asks_for_certificates=bool(provider.settings.mtls_base_url),
        )
        yield judge(seen)


def _registered(client: Client | None) -> Registered | None:
    if client is None:
        return None
    return Registered(
        redirect_uris=tuple(client.redirect_uris),
        post_logout_redirect_uris=tuple(client.post_logout_redirect_uris),
        auth_method=client.auth_method,
    )
