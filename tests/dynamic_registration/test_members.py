"""Members that a client registers of itself are held to, one a test."""

import pytest

from idp.oauth.authorization.authorize import AuthorizationRedirectError
from idp.provider import Provider
from tests.dynamic_registration.helpers import Developer
from tests.oauth.helpers import REDIRECT, Service, check, parameters


@pytest.mark.parametrize(("asked", "held"), [(None, 3600), ("60", 60), ("0", 0), ("99999", 99999)])
def test_the_default_age_holds_where_a_request_names_none(
    developer: Developer, provider: Provider, asked: str | None, held: int
) -> None:
    """`default_max_age`: "the max_age request parameter overrides this default value"."""
    client = developer.registered(default_max_age=3600, redirect_uris=[REDIRECT])
    request = check(provider, parameters(client["client_id"], max_age=asked))
    assert request.max_age == held


def test_the_time_of_the_sign_in_is_always_told(developer: Developer, provider: Provider) -> None:
    """`require_auth_time`."""
    client = developer.registered(require_auth_time=True, redirect_uris=[REDIRECT])
    service = Service(developer.app, provider, client["client_id"], client["client_secret"])
    assert service.claims(service.sign_in()["id_token"])["auth_time"] > 0


def test_a_grant_that_was_not_registered_is_refused(
    developer: Developer, provider: Provider
) -> None:
    """`grant_types` (RFC 7591, 2)."""
    client = developer.registered(grant_types=["authorization_code"], redirect_uris=[REDIRECT])
    service = Service(developer.app, provider, client["client_id"], client["client_secret"])
    answer = service.refresh(service.sign_in()["refresh_token"])
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_pushed_requests_are_demanded_of_whoever_registered_them(
    developer: Developer, provider: Provider
) -> None:
    """RFC 9126, 6."""
    client = developer.registered(
        require_pushed_authorization_requests=True, redirect_uris=[REDIRECT]
    )
    with pytest.raises(AuthorizationRedirectError, match="invalid_request"):
        check(provider, parameters(client["client_id"]))
