"""Services on the console: registered, changed, given a secret, shut out, removed (point 6)."""

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import ECKey

from idp.keys.sealing import sha256
from idp.oauth.clients.registered import active_client
from idp.portal.client import register_portal
from idp.provider import Provider
from idp.store.clients import find_client
from idp.store.models import Client, JournalEvent
from tests.console.helpers import colleague, post

NEW = "/services/nouveau"
RETURN = "https://logiciel.example/retour"
FORM = {
    "client_id": "logiciel",
    "client_name": "Logiciel de cabinet",
    "redirect_uris": RETURN,
    "profile": "psc",
    "token_endpoint_auth_method": "client_secret_basic",
    "means=MOBILE": "1",
    "means=CARD": "1",
    "grant_types=authorization_code": "1",
    "grant_types=refresh_token": "1",
    "scope=openid": "1",
    "scope=scope_all": "1",
}


def public_keys(**private: bool) -> str:
    key = ECKey.generate_key("P-256", parameters={"kid": "1"}).as_dict(**private)
    return json.dumps({"keys": [key]})


def added(console: FlaskClient, **fields: str) -> str:
    """Register a service by the form; gives the secret that is shown."""
    page = post(console, NEW, **(FORM | fields))
    assert page.status_code == 200, page.text
    found = re.search(r'<code id="result-2">([^<]+)</code>', page.text)
    assert found, page.text
    return found[1]


def stored(provider: Provider, client_id: str = "logiciel") -> Client:
    with provider.store.read() as db:
        client = find_client(db, client_id)
    assert client is not None
    return client


@pytest.mark.parametrize(
    ("changed", "field", "told"),
    [
        ({"client_id": ""}, "client_id", "Donnez un identifiant"),
        ({"client_id": "portail"}, "client_id", "celui du portail"),
        ({"redirect_uris": ""}, "redirect_uris", "au moins une adresse de retour"),
        ({"redirect_uris": "http://a.example/"}, "redirect_uris", "doit être en https"),
        ({"redirect_uris": f"{RETURN}#f"}, "redirect_uris", "fragment"),
        ({"post_logout_redirect_uris": "nulle-part"}, "post_logout_redirect_uris", "complète"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "jwks", "demande des clés"),
        ({"jwks": "[]"}, "jwks", "Collez un jeu de clés"),
        ({"jwks": "{"}, "jwks", "Collez un jeu de clés"),
        ({"profile": "fapi"}, "token_endpoint_auth_method", "n’admet pas"),
        ({"means=MOBILE": "", "means=CARD": ""}, "means", "au moins un moyen"),
        ({"profile": "autre"}, "profile", "Choisissez une valeur"),
        ({"logo_uri": "http://a.example/logo.png"}, "logo_uri", "doit être en https"),
    ],
)
def test_what_the_registration_refuses_is_told_at_its_field(
    console: FlaskClient, provider: Provider, changed: dict[str, str], field: str, told: str
) -> None:
    """One path: the rules are those of every registration."""
    answer = post(console, NEW, **(FORM | changed))
    assert answer.status_code == 400
    assert told in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "Logiciel de cabinet" in answer.text
    with provider.store.read() as db:
        assert find_client(db, "logiciel") is None


def test_a_private_key_is_refused_in_words(console: FlaskClient) -> None:
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    answer = post(console, NEW, **(FORM | method | {"jwks": public_keys(private=True)}))
    assert answer.status_code == 400
    assert "clé privée" in answer.text


def test_an_identifier_that_is_taken_is_refused(console: FlaskClient) -> None:
    added(console)
    answer = post(console, NEW, **FORM)
    assert answer.status_code == 409
    assert "porte déjà cet identifiant" in answer.text


def test_the_provider_s_own_portal_is_seen_and_not_changed(
    console: FlaskClient, provider: Provider
) -> None:
    with provider.store.begin() as db:
        register_portal(provider, db)
    assert console.get("/services/fiche/portail").status_code == 200
    for change in ("modification", "secret", "desactivation", "suppression"):
        assert console.get(f"/services/{change}/portail").status_code == 404


def test_there_is_no_page_of_a_service_that_nobody_registered(console: FlaskClient) -> None:
    for page in ("fiche", "modification", "secret", "autre"):
        assert console.get(f"/services/{page}/personne").status_code == 404


def test_who_may_read_sees_no_form(manned: Provider, manned_app: Any) -> None:
    reader = colleague(manned_app, manned, "lea", "reader")
    assert reader.browser.get("/services").status_code == 200
    assert reader.browser.get(NEW).status_code == 403


def test_the_secret_is_shown_once_and_kept_as_a_digest(
    console: FlaskClient, provider: Provider
) -> None:
    secret = added(console)
    client = stored(provider)
    assert client.secret_hash == sha256(secret)
    page = console.get("/services/fiche/logiciel").text
    assert secret not in page
    assert "https://logiciel.example/retour" in page
    assert ".well-known/openid-configuration" in page


def test_a_public_service_has_no_secret(console: FlaskClient, provider: Provider) -> None:
    answer = post(console, NEW, **(FORM | {"token_endpoint_auth_method": "none"}))
    assert answer.status_code == 303
    assert stored(provider).secret_hash is None


def test_a_change_keeps_the_secret_and_what_the_form_has_no_field_for(
    console: FlaskClient, provider: Provider
) -> None:
    secret = added(console)
    with provider.store.begin() as db:
        client = db.get_one(Client, "logiciel")
        client.options = client.options | {"default_max_age": 600}
    path = "/services/modification/logiciel"
    changed = {"client_name": "Autre nom", "means=CARD": "", "selected_activity": "1"}
    assert post(console, path, **(FORM | changed)).status_code == 303
    client = stored(provider)
    assert (client.name, client.means) == ("Autre nom", ["MOBILE"])
    assert client.options["selected_activity"] is True
    assert client.options["default_max_age"] == 600
    assert client.secret_hash == sha256(secret)


def test_the_form_shows_what_is_registered(console: FlaskClient, provider: Provider) -> None:
    """Posted back as it is shown, nothing changes."""
    added(console, **{"card_families=CPS": "1", "contacts": "ada@exemple.test"})
    before = stored(provider)
    path = "/services/modification/logiciel"
    form = FORM | {"card_families=CPS": "1", "contacts": "ada@exemple.test"}
    page = console.get(path).text
    assert 'value="Logiciel de cabinet"' in page
    assert RETURN in page
    assert post(console, path, **form).status_code == 303
    after = stored(provider)
    assert after.options == before.options
    assert after.redirect_uris == before.redirect_uris


def test_a_change_does_not_let_a_disabled_service_in_again(
    console: FlaskClient, provider: Provider
) -> None:
    added(console)
    post(console, "/services/desactivation/logiciel")
    post(console, "/services/modification/logiciel", **(FORM | {"client_name": "Autre"}))
    assert stored(provider).name == "Autre"
    assert stored(provider).disabled_at is not None


def test_a_service_that_needs_a_secret_it_never_had_is_refused(console: FlaskClient) -> None:
    post(console, NEW, **(FORM | {"token_endpoint_auth_method": "none"}))
    answer = post(console, "/services/modification/logiciel", **FORM)
    assert answer.status_code == 409
    assert "veut un secret" in answer.text


def test_keys_may_be_pasted_or_come_in_a_file(console: FlaskClient, provider: Provider) -> None:
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    keys = public_keys(private=False)
    assert post(console, NEW, **(FORM | method | {"jwks": keys})).status_code == 303
    assert stored(provider).jwks == json.loads(keys)
    other = public_keys(private=False)
    file = (io.BytesIO(other.encode()), "keys.json")
    changed: dict[str, Any] = FORM | method | {"jwks_file": file}
    assert post(console, "/services/modification/logiciel", **changed).status_code == 303
    assert stored(provider).jwks == json.loads(other)


def test_a_new_secret_ends_the_one_before(console: FlaskClient, provider: Provider) -> None:
    first = added(console)
    page = post(console, "/services/secret/logiciel")
    found = re.search(r'<code id="result-2">([^<]+)</code>', page.text)
    assert found
    assert found[1] != first
    assert stored(provider).secret_hash == sha256(found[1])


def test_disabled_it_is_let_in_nowhere_and_may_come_back(
    console: FlaskClient, provider: Provider
) -> None:
    added(console)
    post(console, "/services/desactivation/logiciel")
    with provider.store.read() as db:
        assert active_client(db, "logiciel") is None
    assert post(console, "/services/desactivation/logiciel").status_code == 409
    post(console, "/services/activation/logiciel")
    with provider.store.read() as db:
        assert active_client(db, "logiciel") is not None


def test_removed_it_is_gone(console: FlaskClient, provider: Provider) -> None:
    added(console)
    answer = post(console, "/services/suppression/logiciel")
    assert answer.location.startswith("/services?fait=")
    with provider.store.read() as db:
        assert find_client(db, "logiciel") is None


def test_addresses_keys_and_secrets_take_two_operators_and_a_name_takes_one(
    manned: Provider, manned_app: Any
) -> None:
    ada = colleague(manned_app, manned, "ada", "administrator")
    bob = colleague(manned_app, manned, "bob", "administrator")
    waiting = ada.post(NEW, **(FORM | {"reason": "nouveau logiciel"}))
    assert "/approbations/" in waiting.location
    bob.post(f"{waiting.location}/accord", page=waiting.location)
    assert stored(manned).redirect_uris == [RETURN]
    path = "/services/modification/logiciel"
    elsewhere = FORM | {"redirect_uris": "https://autre.example/", "reason": "migration"}
    assert "/approbations/" in ada.post(path, **elsewhere).location
    assert stored(manned).redirect_uris == [RETURN]
    renamed = ada.post(path, **(FORM | {"client_name": "Autre nom"}))
    assert "fait=services.change" in renamed.location
    assert stored(manned).name == "Autre nom"
    assert "/approbations/" in ada.post("/services/secret/logiciel", reason="fuite").location


@pytest.mark.parametrize(
    "weaker",
    [
        {"means=CARD": "1", "means=MOBILE": "1", "means=WEBAUTHN": "1"},
        {"card_families=CPE": "1"},
        {"backchannel_logout_uri": "https://ailleurs.example/fin"},
        {"dpop_bound_access_tokens": ""},
        {"require_signed_request_object": ""},
        {"scope=email": "1"},
    ],
)
def test_what_protects_people_is_taken_from_a_service_by_two(
    manned: Provider, manned_app: Any, weaker: dict[str, str]
) -> None:
    """Which means let in, who is told of a session's end, what tokens are bound to."""
    ada = colleague(manned_app, manned, "ada", "administrator")
    bob = colleague(manned_app, manned, "bob", "administrator")
    guarded = FORM | {
        "means=MOBILE": "",
        "means=WEBAUTHN": "",
        "means=CARD": "1",
        "dpop_bound_access_tokens": "1",
        "require_signed_request_object": "1",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": public_keys(private=False),
        "reason": "nouveau logiciel",
    }
    waiting = ada.post(NEW, **guarded)
    bob.post(f"{waiting.location}/accord", page=waiting.location)
    asked = ada.post("/services/modification/logiciel", **(guarded | weaker))
    assert "/approbations/" in asked.location


def test_its_errors_and_the_operator_who_changed_it_are_in_the_journal(
    console: FlaskClient, provider: Provider
) -> None:
    added(console)
    post(console, "/services/desactivation/logiciel")
    with provider.store.read() as db:
        events = [
            (event.event, event.actor)
            for event in db.query(JournalEvent).filter(JournalEvent.client_id == "logiciel")
        ]
    assert {"oauth:client:added", "oauth:client:disabled"} <= {event for event, _ in events}
    assert all(actor and actor.startswith("operator:") for _, actor in events)


def test_the_list_is_filtered_and_goes_on(console: FlaskClient, provider: Provider) -> None:
    for number in range(27):
        added(console, client_id=f"logiciel-{number:02}", client_name=f"Cabinet {number}")
    first = console.get("/services?q=logiciel-").text
    assert "logiciel-24<" in first
    assert "logiciel-25<" not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = console.get(following[1].replace("&amp;", "&")).text
    assert "logiciel-25<" in second
    assert "Aucun service" in console.get("/services?q=introuvable").text
    post(console, "/services/desactivation/logiciel-03")
    only = console.get("/services?etat=disabled").text
    assert "logiciel-03<" in only
    assert "logiciel-04<" not in only
