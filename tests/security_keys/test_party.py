"""Where keys are used, and to what they are bound."""

import pytest
from pydantic import ValidationError

from idp.security_keys.parties import bound_to, pages_party
from tests.conftest import make_settings

DATABASE = "sqlite:///unused.db"


@pytest.mark.parametrize("domain", ["evil.test", "ple.test", "www.auth.exemple.test", "localhost"])
def test_a_domain_that_is_not_the_pages_own_is_refused(master_key: str, domain: str) -> None:
    """WebAuthn 3, 5.1.3: no browser would let the pages use its keys."""
    with pytest.raises(ValidationError, match="security_key_rp_id"):
        make_settings(
            DATABASE,
            master_key,
            base_url="https://auth.exemple.test",
            security_key_rp_id=domain,
        )


def test_keys_are_bound_to_the_host_of_the_pages(master_key: str) -> None:
    """Decision 4: the pages may have a host name of their own."""
    settings = make_settings(
        DATABASE,
        master_key,
        base_url="https://auth.exemple.test",
        wallet_base_url="https://wallet.exemple.test:8443/r/second",
    )
    party = pages_party(settings)
    assert party.rp_id == "wallet.exemple.test"
    assert party.origin == "https://wallet.exemple.test:8443"
    assert party.name == settings.service_name


def test_keys_may_be_bound_to_a_domain_above(master_key: str) -> None:
    settings = make_settings(
        DATABASE,
        master_key,
        base_url="https://auth.exemple.test",
        security_key_rp_id="exemple.test",
    )
    assert pages_party(settings).rp_id == "exemple.test"


def test_a_ceremony_is_bound_to_browser_and_page_together() -> None:
    assert len({bound_to("a", "page"), bound_to("b", "page"), bound_to("a", "other")}) == 3
