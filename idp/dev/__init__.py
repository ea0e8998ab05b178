"""Development addresses (`--dev` only). Outside it none of them is routed."""

from flask import Flask

from idp.dev.ans import bp as ans
from idp.dev.chain import HolderConverter, handle_refusals
from idp.dev.client_certificates import bp as client_certificates
from idp.dev.clients import ClientConverter
from idp.dev.clients import bp as clients
from idp.dev.cpam import bp as cpam
from idp.dev.events import bp as events
from idp.dev.faults import bp as faults
from idp.dev.faults import commit_faults
from idp.dev.guard import guard
from idp.dev.jobs import bp as jobs
from idp.dev.order import bp as order
from idp.dev.people import bp as people
from idp.dev.realms import bp as realms
from idp.dev.recorder import bp as recorder
from idp.dev.recorder import record_exchanges
from idp.dev.sessions import bp as sessions
from idp.dev.snapshots import bp as snapshots
from idp.dev.views import BASE, bp

for _part in (
    order,
    cpam,
    ans,
    people,
    clients,
    client_certificates,
    sessions,
    events,
    jobs,
    snapshots,
    recorder,
    faults,
    realms,
):
    bp.register_blueprint(_part)
handle_refusals(bp)
bp.before_request(guard)


def init_app(app: Flask) -> None:
    """Route the development addresses behind their guard (decision 2)."""
    record_exchanges(app)  # the first hook, so that it comes last and sees what is sent
    commit_faults(app)
    app.url_map.converters["holder"] = HolderConverter
    app.url_map.converters["client"] = ClientConverter
    app.register_blueprint(bp, url_prefix=BASE)
