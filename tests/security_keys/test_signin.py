"""Signing in with a security key: every forged answer first, then what the service is told."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from idp import create_app
from idp.provider import Provider
from idp.psc.means import MOBILE, WEBAUTHN, available_means
from idp.store.expiry import Lapsing, delete_lapsed
from idp.store.holders import strike_off
from idp.store.models import JournalEvent, KeyCeremony, SecurityKey
from tests.conftest import BASE_URL, provider_of
from tests.oauth.helpers import Service
from tests.security_keys.authenticator import Authenticator, Passkey
from tests.security_keys.helpers import Practitioner, SignIn, error_in, sign_in
from tests.signin.helpers import (
    CALLBACK,
    add_client,
    all_of,
    authorize,
    begin,
    events,
    live_sessions,
    returned,
    wait,
)
from tests.wallet.helpers import PERSON, outbox

NOT_KNOWN = "n’est pas reconnue"
NOT_PROVED = "n’a pas pu être vérifiée"
GONE = "a expiré ou a déjà servi"


def test_an_answer_signs_in_once(app: Flask, holder: Practitioner) -> None:
    """A replayed answer finds its ceremony spent, in a further sign-in of the same browser too."""
    first = sign_in(app)
    answer = holder.key.get(first.options(), BASE_URL)
    assert first.post(answer).status_code == 303
    again = SignIn(first.browser, begin(first.browser, prompt="login"))
    assert GONE in error_in(again.post(answer))


def test_a_late_answer_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    service = sign_in(app)
    answer = holder.key.get(service.options(), BASE_URL)
    wait(holder.provider, seconds=301)
    assert GONE in error_in(service.post(answer))


def test_an_answer_given_in_another_browser_signs_nobody_in(
    app: Flask, holder: Practitioner
) -> None:
    """Nor is it spent there: the browser that asked may still bring it."""
    asking, other = sign_in(app), sign_in(app)
    answer = holder.key.get(asking.options(), BASE_URL)
    assert GONE in error_in(other.post(answer))
    assert asking.post(answer).status_code == 303


def test_an_answer_belongs_to_the_sign_in_that_asked(app: Flask, holder: Practitioner) -> None:
    """One browser, two pages: an answer given on one finishes nothing on the other."""
    asking = sign_in(app)
    other = SignIn(asking.browser, begin(asking.browser))
    answer = holder.key.get(asking.options(), BASE_URL)
    assert GONE in error_in(other.post(answer))


def test_a_registrations_answer_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    answer = holder.key.get(holder.creation_options(), BASE_URL)
    service = SignIn(holder.browser, begin(holder.browser, prompt="login"))
    assert GONE in error_in(service.post(answer))


@pytest.mark.parametrize("origin", ["https://localhost:8000", "http://localhost", "http://a.test"])
def test_an_answer_from_another_origin_signs_nobody_in(
    app: Flask, holder: Practitioner, origin: str
) -> None:
    """WebAuthn 3, 7.2 step 12: a page that imitates ours gets an answer that is worth nothing."""
    service = sign_in(app)
    assert NOT_PROVED in error_in(service.post(holder.key.get(service.options(), origin)))


def test_an_answer_for_another_domain_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    """WebAuthn 3, 7.2 step 15."""
    service = sign_in(app)
    answer = holder.key.get(service.options(), BASE_URL, rp_id="evil.test")
    assert NOT_PROVED in error_in(service.post(answer))


def test_a_key_that_did_not_verify_its_user_signs_nobody_in(
    app: Flask, holder: Practitioner
) -> None:
    """WebAuthn 3, 7.2 step 17: a key found or stolen is not enough."""
    holder.key.verifies_user = False
    service = sign_in(app)
    assert NOT_PROVED in error_in(service.by(holder.key))


def test_an_altered_answer_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    for member, value in (("signature", b"\x30\x00"), ("userHandle", b""), ("signature", b"")):
        service = sign_in(app)
        answer = holder.key.get(service.options(), BASE_URL, bent={member: value})
        assert service.post(answer).status_code == 403
    assert holder.only_key().state == "active"


def test_another_keys_signature_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    """Credential ids are no secret: the signature proves the key."""
    thief = Authenticator(passkeys=holder.key.copy().passkeys)
    thief.passkeys[0].private_key = Passkey("", "").private_key
    service = sign_in(app)
    assert NOT_PROVED in error_in(service.by(thief))
    # Nor does a forged counter do harm to the key whose name it bears.
    assert holder.only_key().state == "active"


def test_a_key_with_another_users_handle_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    """WebAuthn 3, 7.2 step 6: user and credential belong together."""
    service = sign_in(app)
    answer = holder.key.get(service.options(), BASE_URL, bent={"userHandle": b"somebody else"})
    assert NOT_KNOWN in error_in(service.post(answer))


def test_an_unknown_key_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    stranger = Authenticator()
    stranger.create(holder.creation_options(), BASE_URL)
    assert NOT_KNOWN in error_in(sign_in(app).by(stranger))


def test_an_operators_key_signs_no_person_in(app: Flask, holder: Practitioner) -> None:
    """Operators and people never meet, whatever their names."""
    with holder.provider.store.begin() as db:
        db.execute(update(SecurityKey).values(holder_kind="operator"))
    assert NOT_KNOWN in error_in(sign_in(app).by(holder.key))


@pytest.mark.parametrize("answer", ["", "{}", "null", '{"id": 1}', '{"response": []}'])
def test_what_is_no_answer_is_refused_in_words(
    app: Flask, holder: Practitioner, answer: str
) -> None:
    assert "n’a pas transmis la réponse" in error_in(sign_in(app).post(answer))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("rawId", "AA"),
        ("type", "password"),
        ("id", "é"),
        ("id", "\0"),
        ("id", "\ud800"),
        ("response", {}),
    ],
    ids=["raw-id", "type", "letter", "nul", "half-letter", "response"],
)
def test_a_malformed_credential_is_refused_in_words(
    app: Flask, holder: Practitioner, member: str, value: Any
) -> None:
    service = sign_in(app)
    answer = json.loads(holder.key.get(service.options(), BASE_URL)) | {member: value}
    assert service.post(json.dumps(answer)).status_code == 403


def test_a_counter_that_went_back_suspends_the_key_and_tells_its_holder(
    app: Flask, holder: Practitioner
) -> None:
    """WebAuthn 3, 6.1.1: two authenticators hold the key; neither is let in."""
    copied = holder.key.copy()
    honest = sign_in(app)
    assert honest.by(holder.key).status_code == 303
    assert "Une copie" in error_in(sign_in(app).by(copied))
    assert "est suspendue" in error_in(sign_in(app).by(holder.key))
    key = holder.only_key()
    assert (key.state, key.state_reason) == ("suspended", "copied")
    assert "securitykeys:key:suspended" in events(holder.provider)
    texts = [str(message["payload"]) for message in outbox(app, PERSON)]
    assert any("Une copie de la clé de sécurité" in text for text in texts)
    # What the key had opened is over too: nobody knows which of the two did.
    assert [session.credential_id for session in live_sessions(holder.provider)] == [None]


def test_a_refused_key_names_its_holder_once_its_signature_holds(
    app: Flask, holder: Practitioner
) -> None:
    """A stranger who only knows a credential id fills nobody's history."""
    copied = holder.key.copy()
    thief = Authenticator(passkeys=holder.key.copy().passkeys)
    thief.passkeys[0].private_key = Passkey("", "").private_key
    sign_in(app).by(thief)
    sign_in(app).by(holder.key)
    sign_in(app).by(copied)
    sign_in(app).by(holder.key)
    refused = [
        (row.data["reason"], row.person)
        for row in all_of(holder.provider, JournalEvent)
        if row.event == "securitykeys:answer:refused"
    ]
    assert [person for _reason, person in refused] == [None, PERSON, PERSON]


def test_a_key_without_counter_is_no_copy(app: Flask, holder: Practitioner) -> None:
    """Passkeys that are synchronised count nothing (WebAuthn 3, 6.1.1)."""
    holder.key.counts = False
    for _time in range(2):
        assert sign_in(app).by(holder.key).status_code == 303


def test_a_removed_key_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    holder.remove()
    assert NOT_KNOWN in error_in(sign_in(app).by(holder.key))


def test_a_struck_off_holder_is_refused(app: Flask, holder: Practitioner) -> None:
    """EC-01: even where the directory was not followed yet."""
    with holder.provider.store.begin() as db:
        strike_off(db, PERSON, now=holder.provider.clock.now())
    response = sign_in(app).by(holder.key)
    assert response.status_code == 403
    assert "contactez votre Ordre" in response.text


def test_a_service_that_takes_no_key_has_no_such_address(app: Flask, holder: Practitioner) -> None:
    """A client's `means` are enforced at the address, not by what its page shows."""
    add_client(holder.provider, "no-keys", means=["MOBILE", "CARD"])
    service = sign_in(app, client_id="no-keys")
    assert service.browser.get(f"{service.page}/key/options").status_code == 404
    elsewhere = sign_in(app)
    answer = holder.key.get(elsewhere.options(), BASE_URL)
    token = service.token()
    fields = {"csrf_token": token, "answer": answer}
    assert service.browser.post(f"{service.page}/key", data=fields).status_code == 404


def test_keys_may_be_offered_to_nobody(holder: Practitioner) -> None:
    """`security_keys_offered`: the means is refused at once where it alone is demanded."""
    settings = holder.provider.settings.model_copy(update={"security_keys_offered": False})
    app = create_app(settings)
    service = sign_in(app)
    assert service.browser.get(f"{service.page}/key/options").status_code == 404
    provider_of(app).store.close()


def test_a_form_of_another_site_signs_nobody_in(app: Flask, holder: Practitioner) -> None:
    service = sign_in(app)
    answer = holder.key.get(service.options(), BASE_URL)
    assert service.browser.post(f"{service.page}/key", data={"answer": answer}).status_code == 403


def test_nothing_tells_whether_somebody_has_a_key(app: Flask, person: Practitioner) -> None:
    """Decision 17: no identifier is typed, and no key is named."""
    options = sign_in(app, login_hint=PERSON).options()
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    assert set(options) == {
        "challenge",
        "timeout",
        "rpId",
        "allowCredentials",
        "userVerification",
    }


def test_a_ceremony_is_forgotten_when_its_time_is_over(app: Flask, provider: Provider) -> None:
    add_client(provider, means=["WEBAUTHN"])
    sign_in(app).options()
    wait(provider, seconds=301)
    with provider.store.begin() as db:
        lapsing = Lapsing(KeyCeremony, provider.settings.security_key_ceremony_lifetime * 0)
        assert delete_lapsed(db, lapsing, now=provider.clock.now(), limit=10) == 1


def test_a_key_signs_its_holder_in(app: Flask, holder: Practitioner) -> None:
    service = sign_in(app)
    assert "code" in returned(service.by(holder.key))
    used = holder.only_key()
    assert used.last_used_at is not None
    assert used.sign_count == 1
    (session,) = [one for one in live_sessions(holder.provider) if "WEBAUTHN" in one.means]
    assert (session.national_id, session.credential_id) == (PERSON, used.credential_id)
    assert (session.device_id, session.card_number) == (None, None)


def test_a_shared_workstation_keeps_nothing_of_a_sign_in_by_key(
    app: Flask, holder: Practitioner
) -> None:
    """What the person says of the workstation holds for every means."""
    service = sign_in(app)
    answer = holder.key.get(service.options(), BASE_URL)
    assert "code" in returned(service.post(answer, public_workstation="1"))
    assert service.browser.get_cookie("ecps_session") is None
    (session,) = [one for one in live_sessions(holder.provider) if one.credential_id]
    assert session.public_workstation


def test_whether_a_key_is_synchronised_follows_its_answers(
    app: Flask, holder: Practitioner
) -> None:
    """WebAuthn 3, 7.2 step 24: the backup state is brought up to date."""
    assert holder.only_key().backed_up is False
    holder.key.is_backed_up = True
    assert sign_in(app).by(holder.key).status_code == 303
    assert holder.only_key().backed_up is True


def test_the_phone_that_was_asked_before_is_asked_no_more(app: Flask, holder: Practitioner) -> None:
    service = sign_in(app)
    fields = {"csrf_token": service.token(), "national_id": PERSON}
    assert service.browser.post(service.page, data=fields).status_code == 303
    assert len(holder.phone.pending()) == 1
    answer = holder.key.get(service.options(), BASE_URL)
    assert service.post_with(fields["csrf_token"], answer).status_code == 303
    assert holder.phone.pending() == []


def test_every_token_tells_the_key(app: Flask, holder: Practitioner) -> None:
    """Decision 7: `authMode` everywhere; `acr` is eidas1, of the access token as well."""
    answer = returned(sign_in(app).by(holder.key))
    service = Service(app, holder.provider, secret="secret")
    tokens = service.exchange(answer["code"], redirect_uri=CALLBACK).get_json()
    identity = service.claims(tokens["id_token"])
    access = service.claims(tokens["access_token"])
    assert (identity["authMode"], identity["acr"]) == ("WEBAUTHN", "eidas1")
    assert (access["authMode"], access["acr"]) == ("WEBAUTHN", "eidas1")
    assert service.userinfo(tokens["access_token"]).get_json()["authMode"] == "WEBAUTHN"
    told = service.introspect(tokens["access_token"])
    assert (told["authMode"], told["acr"]) == ("WEBAUTHN", "eidas1")


def test_a_session_by_key_steps_up_where_a_phone_is_demanded(
    app: Flask, holder: Practitioner
) -> None:
    """Decision 7: a means that a client does not take counts for nothing there, either way."""
    add_client(holder.provider, "phones", means=["MOBILE"])
    add_client(holder.provider, "keys", means=["WEBAUTHN"])
    service = sign_in(app)
    service.by(holder.key)
    by_phone = Practitioner(service.browser, holder.provider, holder.phone)
    asked = authorize(service.browser, client_id="phones")
    assert "code" in returned(by_phone.approve(asked.headers["Location"]))
    (session,) = [one for one in live_sessions(holder.provider) if "WEBAUTHN" in one.means]
    assert set(session.means) == {"WEBAUTHN", "MOBILE"}
    fresh = sign_in(app, client_id="keys")
    assert "code" in returned(fresh.by(holder.key))


def test_a_session_by_phone_steps_up_where_a_key_is_demanded(
    app: Flask, holder: Practitioner
) -> None:
    """An essential `authMode` of WEBAUTHN is met by a key alone (decision 7)."""
    claims = json.dumps({"id_token": {"authMode": {"essential": True, "value": "WEBAUTHN"}}})
    service = SignIn(holder.browser, begin(holder.browser, claims=claims))
    assert "code" in returned(service.by(holder.key))
    (session,) = live_sessions(holder.provider)
    assert set(session.means) == {"MOBILE", "WEBAUTHN"}


def test_another_key_begins_another_session(app: Flask, holder: Practitioner) -> None:
    """As another card does: a session falls with the one key that stands in it."""
    second = Practitioner(holder.browser, holder.provider, holder.phone)
    assert second.register("Seconde").status_code == 303
    first = sign_in(app)
    first.by(holder.key)
    again = SignIn(first.browser, begin(first.browser, prompt="login"))
    again.by(second.key)
    known = {one.credential_id for one in live_sessions(holder.provider)} - {None}
    assert known == {second.key.passkeys[0].credential_id}


def test_a_real_database_offers_keys_too(provider: Provider) -> None:
    """Decision 1: cards are simulated only, keys are not."""
    assert available_means(replace(provider, kind="real")) == {MOBILE, WEBAUTHN}
