"""What else discovery says of the provider is what it does, and it does nothing beyond."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.activities import activities_of
from idp.directory.people import find_person
from idp.directory.sample import sample_professionals
from idp.store.models import DirectoryPerson, OutboxMessage
from tests.conformance.form_post.helpers import SignedIn
from tests.conformance.form_post.helpers import told as form_told
from tests.conformance.metadata.helpers import (
    DOCUMENT,
    LONG_SECRET,
    every_client,
)
from tests.oauth.helpers import (
    PERSON,
    PROTOCOL,
    VERIFIER,
    Service,
    add_client,
    challenge_of,
    open_session,
)
from tests.signatures.test_response_jwt import parameters_of, refused_by

SCOPES = " ".join(DOCUMENT["scopes_supported"])
PKCE = {"code_challenge": challenge_of(VERIFIER)}


def client_of(service: Service) -> Service:
    return replace(service, secret=LONG_SECRET)


@pytest.fixture
def asking(service: Service) -> Service:
    add_client(service.provider, **every_client(scope=SCOPES, selected_activity=True))
    return client_of(service)


@pytest.mark.parametrize("mode", [*DOCUMENT["response_modes_supported"], "fragment", "web_message"])
def test_an_answer_comes_in_an_advertised_mode_alone(asking: Service, mode: str) -> None:
    answer = refused_by(asking, response_mode=mode)
    members = parameters_of(answer)
    if mode not in DOCUMENT["response_modes_supported"]:
        assert members["error"] == "invalid_request"
        return
    assert (answer.status_code == 200) == mode.startswith("form_post")
    assert ("response" in members) == mode.endswith("jwt")
    assert "response" in members or members["error"] == "login_required"


@pytest.mark.parametrize(
    "kind", [*DOCUMENT["response_types_supported"], "token", "id_token", "code id_token", "none"]
)
def test_an_answer_is_of_an_advertised_type_alone(asking: Service, kind: str) -> None:
    error = parameters_of(refused_by(asking, response_type=kind))["error"]
    advertised = kind in DOCUMENT["response_types_supported"]
    assert error == ("login_required" if advertised else "unsupported_response_type")


@pytest.mark.parametrize("scope", [*DOCUMENT["scopes_supported"], "offline_access", "other"])
def test_an_advertised_scope_alone_is_granted(asking: Service, scope: str) -> None:
    given = asking.sign_in(scope=f"openid {scope}")["scope"].split()
    assert (scope in given) == (scope in DOCUMENT["scopes_supported"])


@pytest.mark.parametrize("claim", DOCUMENT["claims_supported"])
def test_each_claim_can_be_had(asking: Service, claim: str) -> None:
    """OpenID Connect Discovery 3: MAY supply, so by somebody of the sample."""
    asked = json.dumps({"userinfo": {claim: None}, "id_token": {claim: None}})
    give_an_address(asking)
    for number in sample():
        session = open_session(asking.provider, national_id=number)
        chosen = activity_of(asking, number)
        told = asking.authorize(session, activity_id=chosen, scope=SCOPES, claims=asked)
        answer = asking.exchange(told["code"])
        if answer.status_code != 200:
            continue  # whose practice is over
        tokens = answer.json
        found = asking.claims(tokens["id_token"]) | asking.userinfo(tokens["access_token"]).json
        if claim in found:
            return
    raise AssertionError(claim)


def activity_of(service: Service, number: str) -> str | None:
    with service.provider.store.read() as db:
        person = find_person(db, number)
    held = activities_of(person.national_id, person.exercices) if person else []
    return held[0].activity_id if held else None


def give_an_address(service: Service) -> None:
    """The directory's practices may have an e-mail address; no invented one has."""
    with service.provider.store.begin() as db:
        row = db.scalar(select(DirectoryPerson).filter_by(national_id=PERSON))
        assert row is not None
        first, *others = copy.deepcopy(row.exercices)
        first["activities"][0]["adresseEMail"] = "cabinet@exemple.test"
        row.exercices = [first, *others]


def sample() -> list[str]:
    return [str(each["identificationNationalePP"]) for each in sample_professionals()]


@pytest.mark.parametrize("acr", DOCUMENT["acr_values_supported"])
def test_each_level_is_told(asking: Service, acr: str) -> None:
    assert asking.claims(asking.sign_in(acr_values=acr)["id_token"])["acr"] == acr


@pytest.mark.parametrize("kind", DOCUMENT["subject_types_supported"])
def test_each_subject_type_is_given(service: Service, kind: str) -> None:
    subjects = set()
    for host in ("one", "other"):
        address = f"https://{host}.test/callback"
        changes = {"client_id": host, "redirect_uris": [address], "subject_type": kind}
        add_client(service.provider, **every_client(**changes))
        client = client_of(service).as_client(host)
        code = client.authorize(redirect_uri=address)["code"]
        token = client.exchange(code, redirect_uri=address).json["id_token"]
        subjects.add(client.claims(token)["sub"])
    assert len(subjects) == (1 if kind == "public" else 2)


@pytest.mark.parametrize("grant", [*DOCUMENT["grant_types_supported"], "password", "implicit"])
def test_an_advertised_grant_alone_is_known(asking: Service, grant: str) -> None:
    error = asking.post("token", {"grant_type": grant}).json["error"]
    advertised = grant in DOCUMENT["grant_types_supported"]
    assert (error != "unsupported_grant_type") == advertised


@pytest.mark.parametrize("mode", DOCUMENT["backchannel_token_delivery_modes_supported"])
def test_each_way_of_delivery_is_registered_and_begun(service: Service, mode: str) -> None:
    told = {"backchannel_token_delivery_mode": mode}
    if mode != "poll":
        told["backchannel_client_notification_endpoint"] = "https://service.test/ciba"
    add_client(service.provider, **every_client(**told))
    form = {"scope": "openid", "login_hint": PERSON, "binding_message": "42"}
    form |= {} if mode == "poll" else {"client_notification_token": "n" * 32}
    answer = client_of(service).post("ext/ciba/auth", form)
    assert answer.status_code == 200, answer.text
    assert ("interval" in answer.json) == (mode != "push")


@pytest.mark.parametrize("method", [*DOCUMENT["code_challenge_methods_supported"], "plain"])
def test_an_advertised_challenge_alone_is_taken(asking: Service, method: str) -> None:
    answer = parameters_of(refused_by(asking, code_challenge_method=method, **PKCE))
    advertised = method in DOCUMENT["code_challenge_methods_supported"]
    assert answer["error"] == ("login_required" if advertised else "invalid_request")


def test_claims_are_asked_for_one_by_one(asking: Service) -> None:
    """`claims_parameter_supported`"""
    assert DOCUMENT["claims_parameter_supported"]
    asked = json.dumps({"id_token": {"given_name": None}})
    token = asking.sign_in(scope="openid", claims=asked)["id_token"]
    assert asking.claims(token)["given_name"]


def test_each_answer_names_its_issuer(asking: Service) -> None:
    """`authorization_response_iss_parameter_supported`; RFC 9207, 3."""
    assert DOCUMENT["authorization_response_iss_parameter_supported"]
    assert parameters_of(refused_by(asking))["iss"] == DOCUMENT["issuer"]
    assert asking.authorize()["iss"] == DOCUMENT["issuer"]


def test_a_request_address_must_be_registered(asking: Service) -> None:
    """`require_request_uri_registration`"""
    assert DOCUMENT["request_uri_parameter_supported"]
    assert DOCUMENT["require_request_uri_registration"]
    address = "https://service.test/request.jwt"
    assert parameters_of(refused_by(asking, request_uri=address))["error"] in {
        "request_uri_not_supported",
        "invalid_request_uri",
    }


def test_a_request_need_not_be_pushed(asking: Service) -> None:
    """`require_pushed_authorization_requests`"""
    assert not DOCUMENT["require_pushed_authorization_requests"]
    assert parameters_of(refused_by(asking))["error"] == "login_required"


def test_a_user_code_is_asked_for_as_registered(service: Service) -> None:
    """`backchannel_user_code_parameter_supported`; CIBA Core 4 and 13."""
    assert DOCUMENT["backchannel_user_code_parameter_supported"]
    add_client(service.provider, **every_client(backchannel_user_code_parameter=True))
    form = {"scope": "openid", "login_hint": PERSON, "binding_message": "42"}
    answer = client_of(service).post("ext/ciba/auth", form)
    assert answer.json["error"] == "missing_user_code"


def test_logout_is_told_by_both_channels_with_the_session(service: Service) -> None:
    """`frontchannel_logout_session_supported`, `backchannel_logout_session_supported`"""
    names = ("frontchannel_logout", "backchannel_logout")
    assert all(DOCUMENT[f"{n}_supported"] and DOCUMENT[f"{n}_session_supported"] for n in names)
    told: dict[str, Any] = {f"{name}_uri": f"https://service.test/{name}" for name in names}
    told |= {f"{name}_session_required": True for name in names}
    add_client(service.provider, **every_client(**told))
    client = client_of(service)
    person = SignedIn(service.app.test_client(), service.provider)
    tokens = client.exchange(form_told(person.ask())["code"]).json
    hint = {"id_token_hint": tokens["id_token"]}
    page = person.browser.get(f"{PROTOCOL}/logout", query_string=hint, follow_redirects=True)
    assert f"sid={person.sid}" in page.text
    assert client.claims(tokens["id_token"])["sid"] == person.sid
    with service.provider.store.read() as db:
        assert [row for row in db.query(OutboxMessage) if "logout" in row.kind]
