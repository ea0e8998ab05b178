"""`/r/<name>/control/v1`: an issuer of its own, and everybody around it."""

from tests.control.helpers import Control
from wallet_sim.control_server.app import ControlServer


def test_people_and_phones_of_one_realm_are_unknown_in_another(
    server: ControlServer, shared: Control
) -> None:
    person = shared.person()
    phone = shared.phone(person)
    other = Control(server, f"{shared.realm}-other")
    assert other.refused("POST", "phones", {"national_id": person})[0] == 404
    assert other.refused("GET", f"phones/{phone}")[:2] == (404, "unknown")
    assert other.told("GET", "place")["issuer"] != shared.told("GET", "place")["issuer"]
    Control(server).done("DELETE", f"realms/{other.realm}")


def test_a_realm_that_is_removed_is_gone_and_begins_anew(server: ControlServer) -> None:
    realm, root = Control(server, "comes-and-goes"), Control(server)
    person = realm.person()
    realm.phone(person)
    root.done("DELETE", "realms/comes-and-goes")

    assert realm.told("GET", "phones") == {"phones": []}
    assert realm.refused("GET", f"provider/people/{person}")[0] == 404
    root.done("DELETE", "realms/comes-and-goes")
    assert root.refused("DELETE", "realms/comes-and-goes")[0] == 404


def test_a_realm_has_no_realms_below_it(shared: Control) -> None:
    status, _, detail = shared.refused("DELETE", "realms/a")
    assert status == 404
    assert "DELETE /control/v1/realms/a" in detail
    assert shared.refused("DELETE", "realms/..%20")[0] == 404
