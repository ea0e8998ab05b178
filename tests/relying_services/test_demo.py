"""The demonstration service, without its provider: what it refuses, and how it shows it."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services.demo import DemoSettings, create_app, views
from relying_services.demo.explanations import in_words

# {"acr":"eidas1","exp":0} between an empty header and signature
JWT = "e30.eyJhY3IiOiJlaWRhczEiLCJleHAiOjB9.AA"


@pytest.fixture
def service() -> Flask:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        nobody = listener.getsockname()[1]
    issuer = f"http://127.0.0.1:{nobody}/auth/realms/esante-wallet"
    return create_app(DemoSettings(issuer, "demo", "secret", "http://localhost:8001", timeout=2))


@pytest.fixture
def visitor(service: Flask) -> Iterator[FlaskClient]:
    with service.test_client() as client:
        yield client


def test_attack_an_error_that_anybody_wrote_into_a_link_is_not_told(visitor: FlaskClient) -> None:
    """RFC 9700, 4.7: what answers no sign-in of this browser is no word of the provider."""
    answer = visitor.get(
        "/callback?error=access_denied&error_description=<script>call 0800</script>&state=made-up"
    )
    assert answer.status_code == 400
    assert "mismatching_state" in answer.text
    assert "access_denied" not in answer.text
    assert "0800" not in answer.text
    assert "Personne n’est connecté" in visitor.get("/").text


def test_an_answer_with_a_foreign_state_signs_nobody_in(visitor: FlaskClient) -> None:
    answer = visitor.get("/callback?code=stolen&state=of-another-browser")
    assert answer.status_code == 400
    assert "mismatching_state" in answer.text


def test_a_provider_out_of_reach_is_a_clear_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/login")
    assert answer.status_code == 502
    assert "ne répond pas" in answer.text


@pytest.mark.parametrize("address", ["/refresh", "/logout"])
def test_a_form_with_a_token_of_other_letters_is_refused(
    service: Flask, visitor: FlaskClient, address: str
) -> None:
    with visitor.session_transaction() as session:
        session["handle"] = service.extensions["demo.sessions"].open({}, {})
    assert visitor.post(address, data={"csrf": "é"}).status_code == 403


@pytest.mark.parametrize("address", ["/refresh", "/logout"])
def test_forms_without_a_sign_in_or_with_a_foreign_token_are_refused(
    service: Flask, visitor: FlaskClient, address: str
) -> None:
    assert visitor.post(address).status_code == 403
    sign_in(service, visitor)
    assert visitor.post(address, data={"csrf": "made up"}).status_code == 403


def test_the_cookie_is_the_services_own_and_holds_no_token(
    service: Flask, visitor: FlaskClient
) -> None:
    """Decision 4: cookie names differ per application, as ports share cookies."""
    sign_in(service, visitor)
    cookie = visitor.get_cookie("service_demo_8001")
    assert cookie is not None
    assert cookie.http_only
    assert JWT not in cookie.value


def test_tokens_are_told_in_words(service: Flask, visitor: FlaskClient) -> None:
    sign_in(service, visitor)
    page = visitor.get("/").text
    assert "Vous êtes connecté" in page
    assert "899700990015" in page
    assert "Fin de validité" in page
    with service.test_request_context():
        assert in_words(JWT)[0] == ("acr", "eidas1", "Niveau de garantie de l’authentification")
        assert in_words("opaque") == []


def test_the_activity_is_shown_where_it_was_chosen(service: Flask, visitor: FlaskClient) -> None:
    """CP-08: in the session of the service."""
    sign_in(service, visitor)
    assert 'id="activity"' not in visitor.get("/").text
    sign_in(service, visitor, selected_activity={"raisonSocialeSite": "CABINET & FILS"})
    assert "Activité choisie : CABINET &amp; FILS" in visitor.get("/").text


def test_pages_are_french_first_and_carry_strict_headers(visitor: FlaskClient) -> None:
    answer = visitor.get("/")
    assert '<html lang="fr">' in answer.text
    assert "Simulation" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def sign_in(service: Flask, visitor: FlaskClient, **claims: Any) -> None:
    token = {"access_token": JWT, "id_token": JWT, "refresh_token": JWT}
    userinfo = {"SubjectNameID": "899700990015"} | claims
    handle = service.extensions["demo.sessions"].open(token, userinfo)
    with visitor.session_transaction() as session:
        session["handle"] = handle


def test_a_userinfo_of_somebody_else_signs_nobody_in(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenID Connect Core 5.3.2: `sub` must be the ID token's."""

    class Mixed:
        def authorize_access_token(self) -> dict[str, Any]:
            return {"id_token": JWT, "userinfo": {"sub": "one"}}

        def userinfo(self, **_sent: Any) -> dict[str, Any]:
            return {"sub": "other"}

    monkeypatch.setattr(views, "_psc", Mixed)
    answer = visitor.get("/callback?code=c&state=s")
    assert answer.status_code == 400
    assert "Personne n’est connecté" in visitor.get("/").text
