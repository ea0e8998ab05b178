from flask.testing import FlaskClient

from idp.provider import Provider


def test_a_new_database_has_a_stamp_and_keys(both: Provider) -> None:
    assert both.kind == "simulation"
    assert both.keyring.active("tokens").alg == "RS256"


def test_an_unknown_address_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/nowhere").status_code == 404
