"""The console: an application of its own, on a listener of its own."""

from http import HTTPStatus

from flask import Flask, Response, g

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.wording import browser_words, place_words
from idp.console.acts.views import bp as acts
from idp.console.checklists.pages import bp as checklists
from idp.console.entry.development import bp as development
from idp.console.entry.invitation_views import bp as invitation
from idp.console.entry.own_keys import bp as access
from idp.console.entry.views import bp as entrance
from idp.console.entry.visitors import RoleTooLow, admit
from idp.console.holdings.views import bp as holdings
from idp.console.home import bp as home
from idp.console.navigation import navigation
from idp.console.operators.views import bp as operators
from idp.console.people.views import bp as people
from idp.console.running.clock_pages import bp as clock
from idp.console.running.event_pages import bp as events
from idp.console.running.journal_pages import bp as journal
from idp.console.running.key_pages import bp as keys
from idp.console.running.outbox_pages import bp as outbox
from idp.console.running.session_pages import bp as sessions
from idp.console.running.settings_pages import bp as settings
from idp.console.services.views import bp as services
from idp.console.site import console_site, refuse_foreign
from idp.provider import Provider, current_provider
from idp.web.csrf import refuse_foreign_forms
from idp.web.errors import error_page
from idp.wiring import new_app

PARTS = (
    home,
    people,
    holdings,
    services,
    sessions,
    outbox,
    events,
    journal,
    keys,
    settings,
    acts,
    operators,
    access,
)
"""Pages behind the entrance: a part adds its blueprint here."""


def create_console(provider: Provider) -> Flask:
    """The console of one provider, which stands at the setting `console_base_url`."""
    app = new_app(provider, console_site(provider.settings))
    app.before_request(refuse_foreign)
    app.before_request(admit)
    app.before_request(refuse_foreign_forms)
    for blueprint in (entrance, invitation, *PARTS):
        app.register_blueprint(blueprint)
    if provider.settings.dev:
        app.register_blueprint(development)
        app.register_blueprint(clock)
        app.register_blueprint(checklists)
    app.add_template_global(navigation, "navigation")
    app.add_template_global(lambda: g.get("visitor"), "visitor")
    app.add_template_filter(browser_words)
    app.add_template_filter(place_words)
    app.register_error_handler(RoleTooLow, _tell_role)
    return app


def _tell_role(error: RoleTooLow) -> Response:
    """Journal it here: the transaction that it left is rolled back."""
    provider = current_provider()
    with provider.store.begin() as db:
        now = provider.clock.now()
        record(db, Event.ACT_FORBIDDEN, now=now, success=False, role=error.role)
    return error_page(HTTPStatus.FORBIDDEN, text=error.description or "")
