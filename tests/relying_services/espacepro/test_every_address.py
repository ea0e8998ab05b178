"""Every address that names something, with the name of something of somebody else."""

from relying_services.clock import Clock
from relying_services.service.app import service_of
from tests.relying_services.espacepro.pages import browser
from tests.relying_services.espacepro.stage import EPINOY, MARGELLE
from tests.relying_services.every_service import serve

IDENTIFIERS = {"delegation_id", "act_id", "secret"}


def test_attack_every_address_with_an_identifier_is_closed_to_a_stranger(
    service_url: str, clock: Clock
) -> None:
    """MA-10: taken from the map of addresses, so that one to come is attacked too."""
    served = serve("espacepro", service_url, clock)
    stranger, attacked = browser(served.app, EPINOY), 0
    for each in served.addresses():
        if not each.arguments & IDENTIFIERS:
            continue
        answer = each.ask(stranger)
        assert answer.status_code >= 400, each
        assert MARGELLE.name not in answer.text, each
        attacked += 1
    assert attacked > 20
    service_of(served.app).store.close()
