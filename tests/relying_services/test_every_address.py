"""Each rule of access at every address of every service, taken from the maps of addresses."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.service import HANDLE
from relying_services.service.store.sessions import live_sessions_of
from tests.relying_services.every_service import (
    API,
    MAKERS,
    OF_THE_KIT,
    OWNER,
    STRANGER,
    UNKNOWN,
    Served,
    serve,
    without_chance,
)
from tests.relying_services.signed_in import text_of

HOLDING = ["messaging", "regulation", "oncology"]
"""With something that belongs to somebody; EspacePro's and Mon compte's have tests of their own."""
OPEN_TO_EVERYBODY = {"catalogue"}
"""Its page, to whoever comes, by whatever means."""
NO_COOKIE = API | {"sign_in.backchannel_logout"}
"""Forms of programs: a signed token or a secret is their whole proof."""
OF_A_LIST = {"regulation.take"}
"""Acts on what everybody finds in a list: that it exists is no secret, that it is taken neither."""


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service in which the owner owns something: each attack leaves it as it was."""
    folder = tmp_path_factory.mktemp(request.param)
    made = serve(request.param, f"sqlite:///{folder / 'service.db'}", Clock())
    yield made
    service_of(made.app).store.close()


def of(names: list[str]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("served", names, indirect=True)


@of(sorted(MAKERS))
def test_attack_nothing_is_reached_without_a_session(served: Served) -> None:
    """MA-10, domain 7: and nothing is changed; what opens to everybody is named, and exists."""
    before, endpoints = served.rows(), {rule.endpoint for rule in served.app.url_map.iter_rules()}
    assert served.open | OF_THE_KIT <= endpoints
    forged = served.app.test_client()
    with forged.session_transaction() as kept:
        kept[HANDLE] = "a handle that somebody made up"
    asked = 0
    for browser in (served.app.test_client(), forged):
        for each in served.closed():
            assert each.ask(browser).location == served.entrance, each
            asked += 1
    assert asked >= 8
    assert served.rows() == before


@of(sorted(MAKERS))
def test_attack_no_form_of_another_site_is_taken(served: Served) -> None:
    """Without the text that only our pages know, or with another: signed in or not."""
    before, browser = served.rows(), served.browser()
    with browser.session_transaction() as kept:
        kept["csrf"] = "of-this-browser"
    posted = [each for each in served.addresses() if each.method != "GET"]
    for each in posted:
        if each.endpoint in NO_COOKIE:
            continue
        for client, form in (
            (browser, {}),
            (browser, {"csrf": "of-another-browser"}),
            (browser, {"csrf": "ò"}),
            (served.app.test_client(), {"csrf": ""}),
        ):
            told = client.post(each.path, data=form)
            assert (told.status_code, text_of(told, "error")) == (403, "form_forged"), each
    assert len(posted) >= 4
    assert served.rows() == before


@of(HOLDING)
def test_attack_what_somebody_else_owns_is_as_if_it_did_not_exist(served: Served) -> None:
    """MA-10: the same page, byte by byte, for foreign and unknown; each guess is in the trace."""
    before, stranger, asked = served.rows(), served.browser(STRANGER), 0
    assert served.refused(STRANGER) == []
    unknown = {name: UNKNOWN for name in served.names if name != "filename"}
    for foreign, nothing in zip(served.closed(), served.closed(**unknown), strict=True):
        if not foreign.arguments:
            continue
        told, of_nothing = foreign.ask(stranger), nothing.ask(stranger)
        reasons = [reason for _object, reason in served.refused(STRANGER)[:2]]
        assert of_nothing.status_code == 404, nothing
        assert reasons[0] == "not_found", nothing
        if foreign.endpoint in OF_A_LIST:
            assert (told.status_code, reasons[1]) == (409, "call_taken")
        else:
            assert without_chance(told) == without_chance(of_nothing), foreign
            assert (told.status_code, reasons[1]) == (404, "not_found"), foreign
        asked += 1
    assert asked >= 1
    assert len(served.refused(STRANGER)) == 2 * asked
    assert served.rows() == before


@of(sorted(MAKERS.keys() - OPEN_TO_EVERYBODY))
def test_attack_a_means_that_the_service_does_not_take_opens_nothing(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EP-16: at each of its own addresses, and each try is in the trace."""
    service = service_of(served.app)
    monkeypatch.setattr(service, "settings", replace(service.settings, means=frozenset({"CARD"})))
    before, browser, asked = served.rows(), served.browser(means="MOBILE"), 0
    assert served.refused(OWNER) == []
    for each in served.closed():
        if each.endpoint.startswith("sign_in."):
            continue
        told = each.ask(browser)
        assert (told.status_code, text_of(told, "error")) == (403, "means_refused"), each
        asked += 1
    assert served.refused(OWNER) == [("", "means_refused")] * asked
    assert served.rows() == before


@of(HOLDING)
def test_nothing_is_done_before_an_activity_is_chosen(served: Served) -> None:
    """CP-08: at each of its own addresses."""
    browser, before = _without_activity(served), served.rows()
    for each in served.closed():
        if not each.endpoint.startswith("sign_in."):
            assert each.ask(browser).location == "/activity", each
    assert served.rows() == before


@of(HOLDING)
def test_what_somebody_owns_is_reached_by_them(served: Served) -> None:
    """What is refused above is refused for whose it is, and for nothing else."""
    for each in served.closed():
        if each.arguments and each.endpoint != "regulation.give_back":
            assert each.ask(served.browser()).status_code in {200, 303, 400}, each
    for each in served.closed():
        if each.endpoint == "regulation.give_back":
            assert each.ask(served.browser()).status_code == 303


def _without_activity(served: Served) -> FlaskClient:
    browser, service = served.browser(), service_of(served.app)
    with service.store.begin() as db:
        for row in live_sessions_of(db, OWNER, service.clock.now()):
            row.activity = None
    return browser
