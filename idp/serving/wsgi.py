"""The WSGI application that each worker of the server loads."""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from idp import create_app
from idp.exchange import create_exchange_app
from idp.provider import Provider, open_provider
from idp.serving.plan import Demand
from idp.serving.realm_dispatcher import RealmDispatcher
from idp.serving.realms import REALMS, Realms
from idp.settings import Settings
from idp.worker import jobs

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ROOT = ""


@dataclass(frozen=True)
class Served:
    """What the processes of a server serve; it travels to them, pickled."""

    issuers: dict[str, Settings]
    """Their settings by path; the first one's is empty."""
    demand: Demand | None
    """How further ones are made; none are where it is not said."""


def application_loader(served: Served) -> Callable[[], "WSGIApplication"]:
    """What a spawned worker calls to get its application."""
    return partial(load_application, served.issuers, served.demand)


def load_application(
    issuers: dict[str, Settings], demand: Demand | None = None
) -> "WSGIApplication":
    """What a worker of the server serves.

    Raises:
        ProviderNotReady: a database is not initialised, or contradicts its settings.
    """
    _end_with_parent()
    app = dispatch(issuers, demand)
    # What was loaded lives as long as the worker: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    return app


def dispatch(issuers: dict[str, Settings], demand: Demand | None = None) -> "WSGIApplication":
    """One application for each issuer, dispatched by path (decision 5).

    Args:
        issuers: their settings by path.
        demand: how further ones are made; none are where it is not said.

    Raises:
        ProviderNotReady: a database is not initialised, or contradicts its settings.
    """
    apps = {path: _application_of(settings) for path, settings in issuers.items()}
    for app in apps.values():
        jobs.init_app(app)
    first = apps.pop(ROOT)
    mounts: dict[str, WSGIApplication] = dict(apps)
    served: WSGIApplication = DispatcherMiddleware(first, mounts) if mounts else first
    if demand is not None:
        realms = Realms(issuers[ROOT], _new_app, frozenset(mounts), is_open=demand.is_open)
        first.extensions[REALMS] = realms
        served = RealmDispatcher(served, realms)
    return without_process_environment(served)


def console_loader(settings: Settings) -> Callable[[], "WSGIApplication"]:
    """What a spawned worker of the console calls to get its application."""
    return partial(load_console, settings)


def load_console(settings: Settings) -> "WSGIApplication":
    """The console of an issuer; the jobs run with the issuer itself.

    Raises:
        ProviderNotReady: the database is not initialised, or contradicts its settings.
    """
    # Loaded by who serves it alone: nothing of the console is in a process that people reach.
    from idp.console.app import create_console  # noqa: PLC0415 - see above

    _end_with_parent()
    return without_process_environment(create_console(open_provider(settings)))


def _application_of(settings: Settings) -> Flask:
    return create_exchange_app(settings) if settings.is_of_an_api else create_app(settings)


def _new_app(provider: Provider) -> Flask:
    return create_app(provider.settings, provider=provider)


def _end_with_parent() -> None:
    """Leave no worker behind when the server that spawned it is killed outright."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def without_process_environment(app: "WSGIApplication") -> "WSGIApplication":
    """Keep the process's environment out of the request's (measured.md, pitfall 10).

    The server copies every variable, master key included, into each WSGI environ. Variables that
    look like a request header (``HTTP_PROXY``) are forgotten altogether, as they would stand in
    for one; the other names are taken out of each request.
    """
    for name in [n for n in os.environ if n.startswith(("HTTP_", "ECPS_"))]:
        del os.environ[name]
    inherited = frozenset(os.environ) - _OF_THE_REQUEST

    def guarded(environ: dict[str, Any], start_response: Any) -> Any:
        for name in inherited:
            environ.pop(name, None)
        return app(environ, start_response)

    return guarded


_OF_THE_REQUEST = frozenset(
    {
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "GATEWAY_INTERFACE",
        "PATH_INFO",
        "QUERY_STRING",
        "REMOTE_ADDR",
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
        "SERVER_SOFTWARE",
    }
)
