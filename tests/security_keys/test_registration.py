"""Registering a security key on the portal: what is refused first, then what is kept."""

from pathlib import Path

import pytest
from flask import Flask

from idp.store.models import KeyCeremony
from tests.cards.helpers import IssuedCard
from tests.conftest import BASE_URL
from tests.portal.helpers import to
from tests.security_keys.authenticator import Authenticator
from tests.security_keys.helpers import ADD, KEYS, NAME, Practitioner, SignIn, error_in, sign_in
from tests.signin.helpers import SOMEBODY_ELSE, all_of, events, wait
from tests.wallet.helpers import PERSON, enrol, outbox

AFRESH = "/signin/"


def test_a_stranger_is_asked_to_sign_in(person: Practitioner) -> None:
    for address in (KEYS, ADD, f"{KEYS}/options", f"{KEYS}/x/nom", f"{KEYS}/x/suppression"):
        assert person.browser.get(address).status_code == 303
    assert all_of(person.provider, KeyCeremony) == []


def test_a_form_of_another_site_adds_nothing(person: Practitioner) -> None:
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    response = person.browser.post(ADD, data={"name": NAME, "answer": answer})
    assert response.status_code == 403
    assert person.held() == []


def test_an_answer_registers_once(person: Practitioner) -> None:
    """A ceremony is consumed by its answer."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    assert person.add(answer).status_code == 303
    assert "a expiré ou a déjà servi" in error_in(person.add(answer))
    assert len(person.held()) == 1


def test_a_late_answer_registers_nothing(person: Practitioner) -> None:
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    wait(person.provider, seconds=301)
    assert "a expiré ou a déjà servi" in error_in(person.add(answer))
    assert person.held() == []


def test_a_ceremony_of_another_browser_registers_nothing(
    app: Flask, person: Practitioner, tmp_path: Path
) -> None:
    """The ceremony is bound to the session and browser that began it."""
    other = Practitioner(app.test_client(), person.provider, person.phone)
    person.enter_by_phone()
    other.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    assert "a expiré ou a déjà servi" in error_in(other.add(answer))
    assert person.add(answer).status_code == 303


def test_a_sign_ins_answer_registers_nothing(app: Flask, holder: Practitioner) -> None:
    ceremony = sign_in(app)
    answer = holder.key.get(ceremony.options(), BASE_URL)
    assert holder.add(answer).status_code == 400
    assert len(holder.held()) == 1


@pytest.mark.parametrize("origin", ["https://localhost:8000", "http://evil.test", "null"])
def test_an_answer_from_another_origin_is_refused(person: Practitioner, origin: str) -> None:
    """WebAuthn 3, 7.1 step 9: the origin of what the browser signed over is the pages' own."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), origin)
    assert "n’a pas pu être vérifiée" in error_in(person.add(answer))
    assert person.held() == []


def test_an_answer_for_another_domain_is_refused(person: Practitioner) -> None:
    """WebAuthn 3, 7.1 step 14: the key is bound to the pages' own domain."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL, rp_id="evil.test")
    assert "n’a pas pu être vérifiée" in error_in(person.add(answer))


def test_a_key_that_did_not_verify_its_user_is_refused(person: Practitioner) -> None:
    """User verification is required: the key is two factors by itself."""
    person.key.verifies_user = False
    person.enter_by_phone()
    assert "n’a pas pu être vérifiée" in error_in(person.register())


def test_an_answer_from_a_frame_of_another_site_is_refused(person: Practitioner) -> None:
    """WebAuthn 3, 7.1 step 10: none of the pages stands in a frame."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL, framed=True)
    assert person.add(answer).status_code == 400


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "clé", '{"response":{"clientDataJSON":"e30"}}', "[" * 5000]
)
def test_what_is_no_answer_is_refused_in_words(person: Practitioner, answer: str) -> None:
    person.enter_by_phone()
    assert "n’a pas transmis la réponse" in error_in(person.add(answer))


@pytest.mark.parametrize(
    "public_key",
    [
        {1: 2, 3: -7},
        {1: 2, 3: -7, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32},
        {1: 2, 3: -257, -1: 1, -2: b"\1" * 32, -3: b"\1" * 32},
        {1: 3, 3: -257, -1: b"", -2: b""},
        {1: 3, 3: -257, -1: b"\2", -2: b"\1"},
        {1: 1, 3: -8, -1: 6, -2: b"short"},
        {1: 7, 3: -7},
        {},
        [1, 2],
        "key",
    ],
    ids=["empty", "off curve", "wrong type", "no RSA", "tiny", "short", "kind", "map", "list", "s"],
)
def test_a_public_key_that_verifies_nothing_is_refused(
    person: Practitioner, public_key: object
) -> None:
    """What could never sign in is not kept."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL, public_key=public_key)
    assert person.add(answer).status_code == 400
    assert person.held() == []


def test_a_key_without_name_is_asked_for_one_before_anything_is_spent(
    person: Practitioner,
) -> None:
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    refused = person.add(answer, name=" \u200b ")
    assert refused.status_code == 400
    assert "Donnez un nom" in refused.text
    assert person.add(answer).status_code == 303


def test_a_session_by_key_alone_adds_no_key(app: Flask, holder: Practitioner) -> None:
    """What a key opened cannot make further keys: a stolen one would outlive its removal."""
    service = sign_in(app)
    assert service.by(holder.key).status_code == 303
    by_key = Practitioner(service.browser, holder.provider, holder.phone)
    for page in (KEYS, ADD):
        assert by_key.ask(page).startswith(AFRESH)
    assert by_key.browser.get(f"{KEYS}/options").status_code == 303


@pytest.mark.parametrize("page", ["code-de-revocation", "code-logiciels"])
def test_a_session_by_key_alone_makes_no_code(app: Flask, holder: Practitioner, page: str) -> None:
    """A code would serve who stole the key after it was removed."""
    by_key = Practitioner(app.test_client(), holder.provider, holder.phone)
    entered = SignIn(by_key.browser, by_key.ask("/portail/telephones")).by(holder.key)
    assert by_key.follow(entered).status_code == 200
    asked = by_key.browser.get(f"/portail/{page}")
    assert to(asked) == f"/portail/connexion?pour={page}"


def test_the_portals_keys_want_a_card_or_a_phone(app: Flask, holder: Practitioner) -> None:
    """The sign-in that leads to the keys takes no key: its address answers that there is none."""
    by_key = Practitioner(app.test_client(), holder.provider, holder.phone)
    page = by_key.ask(ADD)
    assert by_key.browser.get(f"{page}/key/options").status_code == 404


def test_an_old_sign_in_adds_no_key(person: Practitioner) -> None:
    """Vouching lasts `security_key_vouching_age`; the same session must sign in again."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    token = person.token()
    wait(person.provider, seconds=601)
    assert person.browser.get(f"{KEYS}/options").status_code == 303
    assert person.post_answer(answer, token).status_code == 303
    assert person.ask(ADD).startswith(AFRESH)
    assert person.held() == []


def test_a_phone_that_is_over_vouches_for_nothing(person: Practitioner) -> None:
    """Its sessions end with it, and a key is registered in none of them."""
    person.enter_by_phone()
    answer = person.key.create(person.creation_options(), BASE_URL)
    token = person.token()
    person.phone.delete()
    assert person.post_answer(answer, token).status_code == 303
    assert person.held() == []


def test_no_more_keys_than_the_setting_allows(person: Practitioner) -> None:
    limit = person.provider.settings.max_security_keys
    person.enter_by_phone()
    for number in range(limit):
        assert person.register(f"Clé {number}").status_code == 303
    assert person.browser.get(f"{KEYS}/options").status_code == 404
    assert person.browser.get(ADD).status_code == 303
    assert "nombre de clés permis" in person.browser.get(KEYS).text


def test_a_key_of_a_known_id_is_not_registered_again(app: Flask, holder: Practitioner) -> None:
    """WebAuthn 3, 7.1 step 26: a credential id belongs to one registration, for ever."""
    known = holder.only_key().credential_id
    options = holder.creation_options()
    answer = Authenticator().create(options, BASE_URL, credential_id=known)
    assert "déjà enregistrée" in error_in(holder.add(answer))


def test_what_the_browser_is_asked(person: Practitioner) -> None:
    """Discoverable, user verified, no attestation, known keys left out."""
    person.enter_by_phone()
    options = person.creation_options()
    assert options["rp"] == {"name": person.provider.settings.service_name, "id": "localhost"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7, -257]
    assert options["excludeCredentials"] == []
    assert PERSON not in str(options)
    person.register()
    (known,) = person.creation_options()["excludeCredentials"]
    assert known["id"] == person.only_key().credential_id


def test_one_person_has_one_random_user_handle(person: Practitioner) -> None:
    """WebAuthn 3, 14.6.1: it tells nobody who its holder is."""
    person.enter_by_phone()
    person.register("Première")
    person.register("Seconde")
    first, second = (key.user_handle for key in person.held())
    assert first == second
    assert len(first) == 64


def test_a_registered_key_says_what_vouched_for_it_and_its_holder_is_told(
    app: Flask, person: Practitioner
) -> None:
    person.enter_by_phone()
    assert person.register().headers["Location"].endswith("/portail/cles?fait=ajout")
    key = person.only_key()
    assert (key.holder_kind, key.holder, key.name, key.state) == ("person", PERSON, NAME, "active")
    assert key.vouched_by["means"] == "MOBILE"
    assert key.vouched_by["device_id"]
    assert key.vouched_by["card_number"] is None
    assert "securitykeys:key:registered" in events(person.provider)
    subjects = [message["payload"].get("subject", "") for message in outbox(app, PERSON)]
    assert sum("une clé de sécurité est ajoutée" in subject for subject in subjects) == 1


def test_a_card_vouches_for_a_key(person: Practitioner, card: IssuedCard) -> None:
    person.enter_by_card(card)
    assert person.register().status_code == 303
    vouched = person.only_key().vouched_by
    assert vouched == {"means": "CARD", "device_id": None, "card_number": card.card_number}


def test_a_key_is_refused_to_nobody_else(app: Flask, holder: Practitioner, tmp_path: Path) -> None:
    """Somebody else's pages neither show, rename nor remove it."""
    phone = enrol(app, tmp_path / "other", SOMEBODY_ELSE)
    other = Practitioner(app.test_client(), holder.provider, phone, SOMEBODY_ELSE)
    assert NAME not in other.enter_by_phone(KEYS).text
    known = holder.only_key().credential_id
    for act in ("nom", "suppression"):
        response = other.browser.get(f"{KEYS}/{known}/{act}")
        assert response.headers["Location"].endswith("/portail/cles")
    assert holder.only_key().state == "active"
