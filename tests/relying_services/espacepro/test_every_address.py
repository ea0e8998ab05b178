"""Every address that names something, with the name of something of somebody else."""

from typing import Any

from flask import Flask, url_for

from relying_services.service.app import service_of
from tests.relying_services.espacepro.pages import SICK_LEAVE, browser, drawn, given
from tests.relying_services.espacepro.stage import EPINOY, MARGELLE, SECRETARY, sent, wish
from tests.relying_services.signed_in import post

IDENTIFIERS = {"delegation_id", "act_id", "secret"}


def test_attack_every_address_with_an_identifier_is_closed_to_a_stranger(app: Flask) -> None:
    """MA-10: taken from the map of addresses, so that one to come is attacked too."""
    made = given(app)
    act = drawn(browser(app, MARGELLE), "aat", **SICK_LEAVE)
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**SECRETARY))
    known: dict[str, Any] = {
        "delegation_id": made.id,
        "act_id": act.rsplit("/", 1)[1],
        "code": "aat",
        "secret": secret,
    }
    stranger, attacked = browser(app, EPINOY), 0
    for rule in app.url_map.iter_rules():
        if not rule.arguments & IDENTIFIERS:
            continue
        with app.test_request_context():
            address = url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
        answers = [stranger.get(address)] if "GET" in (rule.methods or ()) else []
        answers += [post(stranger, address)] if "POST" in (rule.methods or ()) else []
        assert all(answer.status_code >= 400 for answer in answers), rule.rule
        assert all(MARGELLE.name not in answer.text for answer in answers), rule.rule
        attacked += len(answers)
    assert attacked > 20
