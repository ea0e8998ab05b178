"""Cards that the workstation takes from nobody: it verifies everything by itself, and fails closed.

SV-01, SV-02, SV-07.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from idp.cards.certificates import Use
from relying_services.billing import revocation
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.sessions import live_sessions_of
from tests.relying_services.billing.cards import YEAR, activity, make_authority
from tests.relying_services.billing.surgery import LIST, SUBSTITUTE, Surgery, error_of, wish
from tests.relying_services.signed_in import post


def refusal(surgery: Surgery, prepared: Callable[[], Any]) -> str:
    """What the substitute is told whose reader or card was prepared so."""
    name = surgery.prepare()
    browser = surgery.sign_in(surgery.substitute)
    prepared()
    form = {"presented": "A-remplacement", "replaced": "A-cabinet"}
    went = post(browser, f"/activation/{name}", **form)
    assert surgery.state(name) == "preparee"
    assert surgery.last() == ("replacement:activate", "refused", error_of(went))
    return error_of(went)


def test_no_card_in_the_reader(surgery: Surgery) -> None:
    """Attack: signed in from far away, by somebody who never was at the reader."""
    assert refusal(surgery, lambda: surgery.insert(None)) == "card_absent"


def test_the_code_was_not_typed(surgery: Surgery) -> None:
    """SV-04: the card must be open."""

    def locked() -> None:
        surgery.wire.is_open = False

    assert refusal(surgery, locked) == "code_missing"


def test_a_blocked_card(surgery: Surgery) -> None:
    """SV-07: told by name, as three wrong codes leave it."""

    def blocked() -> None:
        surgery.wire.is_open, surgery.wire.tries_left = False, 0

    assert refusal(surgery, blocked) == "card_blocked"


def test_a_card_that_was_not_activated(surgery: Surgery) -> None:
    """SV-07: as a reader tells it; at the provider such a card signs nobody in."""

    def new() -> None:
        surgery.wire.refuses = "card_not_activated"

    assert refusal(surgery, new) == "card_not_activated"


def test_a_card_that_was_not_activated_and_opens_all_the_same(surgery: Surgery) -> None:
    """SV-07, CP-07: its code is right and its dates hold; the list says that it is on hold."""
    surgery.wire.on_hold.append(surgery.substitute)
    assert refusal(surgery, lambda: None) == "card_not_activated"


def test_a_card_of_which_one_certificate_alone_is_on_hold(surgery: Surgery, clock: Clock) -> None:
    """SV-07: for good weighs more, whichever of the two is read first."""
    surgery.wire.on_hold.append(surgery.substitute)
    surgery.wire.revoked.append(other := surgery.card(national_id=SUBSTITUTE))
    for kept, taken in ((Use.SIGNATURE, Use.AUTHENTICATION), (Use.AUTHENTICATION, Use.SIGNATURE)):
        mixed = surgery.card(national_id=SUBSTITUTE, number="9700000002")
        mixed.certificates = {
            kept: surgery.substitute.certificates[kept],
            taken: other.certificates[taken],
        }
        clock.move(timedelta(minutes=2))
        assert refusal(surgery, partial(surgery.insert, mixed)) == "card_opposed"


def test_who_has_just_activated_their_card_does_not_wait_for_the_list_kept(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07: a hold makes the workstation ask for the list anew before it refuses."""
    name = surgery.prepare()
    surgery.wire.on_hold.append(surgery.substitute)
    clock.move(timedelta(minutes=1))
    assert error_of(surgery.activate(name)[1]) == "card_not_activated"
    surgery.wire.on_hold.clear()
    clock.move(surgery.settings.list_hold_kept)
    assert surgery.activate(name)[1].status_code == 302


def test_a_card_on_hold_does_not_make_the_publisher_answer_at_each_try(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07, attack: a card on hold is presented again and again; also while nobody answers."""
    name = surgery.prepare()
    surgery.wire.on_hold.append(surgery.substitute)
    clock.move(timedelta(minutes=1))
    surgery.wire.asked.clear()
    for tries in (1, 2):
        for _ in range(3):
            assert error_of(surgery.activate(name)[1]) == "card_not_activated"
        assert surgery.wire.asked.count(LIST) == tries
        surgery.wire.is_list_served = False
        clock.move(surgery.settings.list_hold_kept)


def test_a_card_in_use_asks_for_the_list_no_sooner(surgery: Surgery, clock: Clock) -> None:
    """SV-07: that somebody else's card is on hold changes nothing."""
    name = surgery.prepare()
    surgery.wire.on_hold.append(surgery.card(number="9700000008"))
    clock.move(timedelta(minutes=1))
    surgery.wire.asked.clear()
    for _ in range(2):
        assert surgery.activate(name)[1].status_code == 302
        clock.move(surgery.settings.list_hold_kept)
    assert surgery.wire.asked.count(LIST) == 1


def test_a_card_of_somebody_else(surgery: Surgery) -> None:
    """CP-15, attack: signed in as oneself, with the replaced doctor's card left in the reader."""
    assert refusal(surgery, lambda: surgery.insert(surgery.doctor)) == "card_of_another"


def test_an_expired_card(surgery: Surgery, clock: Clock) -> None:
    """SV-07: by its own dates, whatever the list says."""
    members = {"national_id": SUBSTITUTE, "number": "9700000002"}
    old = surgery.card(starts_at=clock.now() - 2 * YEAR, life=YEAR, **members)
    assert refusal(surgery, lambda: surgery.insert(old)) == "card_expired"
    new = surgery.card(starts_at=clock.now() + timedelta(days=1), **members)
    assert refusal(surgery, lambda: surgery.insert(new)) == "card_not_yet_valid"


def test_an_opposed_card(surgery: Surgery, clock: Clock) -> None:
    """SV-07: it opens with its code, and its certificates are on the list."""

    def opposed() -> None:
        surgery.wire.revoked.append(surgery.substitute)
        clock.move(timedelta(minutes=1))

    assert refusal(surgery, opposed) == "card_opposed"


def test_no_card_is_taken_while_no_list_is_in_force(surgery: Surgery, clock: Clock) -> None:
    """SV-07: it fails closed; a list that was fetched serves until it ends and no longer."""
    name = surgery.prepare()
    surgery.wire.is_list_served = False
    clock.move(timedelta(minutes=30))
    assert surgery.activate(name)[1].status_code == 302
    clock.move(timedelta(minutes=31))
    _, went = surgery.activate(name)
    assert (went.status_code, error_of(went)) == (503, "list_unavailable")


def test_a_publisher_that_does_not_answer_is_asked_once_a_minute(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07: it does not hold up each invoice; where no list is in force, it is asked sooner."""
    name = surgery.prepare()
    surgery.wire.is_list_served = False
    surgery.wire.asked.clear()
    clock.move(timedelta(minutes=2))
    for _ in range(3):
        assert surgery.activate(name)[1].status_code == 302
    assert surgery.wire.asked.count(LIST) == 1
    clock.move(timedelta(hours=1))
    for _ in range(3):
        assert error_of(surgery.activate(name)[1]) == "list_unavailable"
    assert surgery.wire.asked.count(LIST) == 2
    surgery.wire.is_list_served = True
    clock.move(timedelta(seconds=5))
    assert surgery.activate(name)[1].status_code == 302


def test_a_stale_list_is_no_list(surgery: Surgery, clock: Clock) -> None:
    """SV-07, attack: the list of yesterday, from before the opposition."""

    name = surgery.prepare()
    surgery.wire.list = surgery.wire.make_list()
    clock.move(timedelta(hours=2))
    assert error_of(surgery.activate(name)[1]) == "list_unavailable"


def test_after_the_clock_went_back_the_list_is_asked_for_anew(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07: what was asked for in the future tells nothing of how old the list is now."""
    name = surgery.prepare()
    clock.move(-timedelta(hours=1))
    surgery.wire.asked.clear()
    assert surgery.activate(name)[1].status_code == 302
    assert surgery.wire.asked.count(LIST) == 1


def test_a_list_larger_than_any_is_not_read(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-07: a publisher that was taken over does not fill the memory of a workstation."""
    monkeypatch.setattr(revocation, "_LARGEST", 99)
    browser = surgery.sign_in(surgery.doctor)
    assert error_of(post(browser, "/replacements/new", **wish())) == "list_unavailable"


def test_a_list_of_before_does_not_take_the_place_of_a_newer_one(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07, attack: an older list that is still in force would forget an opposition."""
    earlier = surgery.wire.make_list()
    clock.move(timedelta(seconds=5))
    surgery.wire.revoked.append(surgery.substitute)
    name = surgery.prepare()
    surgery.wire.list = earlier
    clock.move(timedelta(minutes=2))
    assert error_of(surgery.activate(name)[1]) == "card_opposed"


def test_a_list_signed_by_another_authority_is_no_list(surgery: Surgery, clock: Clock) -> None:
    """SV-07, attack: an empty list, of the right name and in force."""
    surgery.wire.authority = make_authority(clock.now())
    browser = surgery.sign_in(surgery.doctor)
    assert error_of(post(browser, "/replacements/new", **wish())) == "list_unavailable"


def test_a_card_of_another_authority(surgery: Surgery, clock: Clock) -> None:
    """SV-01, attack: certificates and content that fit each other, and the right names."""
    forged = surgery.card(national_id=SUBSTITUTE, number="9700000002")
    forged.authority = make_authority(clock.now())
    forged.__post_init__()
    assert refusal(surgery, lambda: surgery.insert(forged)) == "card_forged"


@pytest.mark.parametrize(
    "tells",
    [
        {"number": "9700000009"},
        {"content": "e30.e30.AA"},
        {"content": None},
        {"certificates": {}},
        {"certificates": {"authentication": "é", "signature": "é"}},
    ],
)
def test_what_the_reader_tells_must_fit(surgery: Surgery, tells: dict[str, Any]) -> None:
    """SV-01, attack: a reader that was tampered with."""
    assert refusal(surgery, lambda: surgery.wire.tells.update(tells)) == "card_forged"


def test_the_content_of_one_card_with_the_certificates_of_another(surgery: Surgery) -> None:
    """CP-15, attack: one's own certificates, and the content of the doctor's card."""

    def mixed() -> None:
        surgery.wire.tells = {
            "number": surgery.doctor.number,
            "content": surgery.doctor.content(),
        }

    assert refusal(surgery, mixed) == "card_forged"


def test_a_content_whose_words_were_changed(surgery: Surgery) -> None:
    """SV-01, attack: another specialty in a content that the authority signed."""
    other = surgery.card(national_id=SUBSTITUTE, number="9700000002", specialty="SM26")
    head, _, seal = surgery.substitute.content().split(".")
    text = ".".join([head, other.content().split(".")[1], seal])
    assert refusal(surgery, lambda: surgery.wire.tells.update(content=text)) == "card_forged"


def test_a_certificate_that_authenticates_does_not_sign(surgery: Surgery) -> None:
    """SV-02, attack: the authentication certificate stands in the place of the other."""
    card = surgery.card(
        national_id=SUBSTITUTE, number="9700000002", signature_use=Use.AUTHENTICATION
    )
    assert refusal(surgery, lambda: surgery.insert(card)) == "card_forged"


def test_certificates_of_another_authority_beside_a_genuine_content(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-01, attack: the content was copied from the card; the keys are somebody else's."""
    forged = surgery.card(national_id=SUBSTITUTE, number="9700000002")
    forged.authority = make_authority(clock.now())
    forged.__post_init__()
    genuine = surgery.substitute.content()

    def copied() -> None:
        surgery.insert(forged)
        surgery.wire.tells.update(content=genuine)

    assert refusal(surgery, copied) == "card_forged"


def test_a_certificate_that_signs_does_not_authenticate(surgery: Surgery) -> None:
    """SV-02, attack: the signature certificate stands in the place of the other as well."""
    pem = surgery.substitute.told()["certificates"]["signature"]
    twice = {"authentication": pem, "signature": pem}
    assert refusal(surgery, lambda: surgery.wire.tells.update(certificates=twice)) == "card_forged"


def test_what_the_authority_signed_is_the_content_of_a_card_by_its_type_alone(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-01, attack: another document of the authority, of the same words (RFC 8725, 3.11)."""
    monkeypatch.setattr("tests.relying_services.billing.cards.TYPE", "JWT")
    text = surgery.substitute.content()
    monkeypatch.undo()
    assert refusal(surgery, lambda: surgery.wire.tells.update(content=text)) == "card_forged"


def test_a_content_names_the_certificate_of_the_authority_that_is_trusted(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-01; RFC 7515, 4.1.8: the same key under another certificate is another authority."""
    card = surgery.card(national_id=SUBSTITUTE, number="9700000002")
    other = make_authority(clock.now()).certificate
    card.authority = replace(surgery.authority, certificate=other)
    assert refusal(surgery, lambda: surgery.wire.tells.update(content=card.content())) == (
        "card_forged"
    )


def test_a_card_ends_with_its_certificates_whatever_its_content_says(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07, attack: the content of one's newer card beside the certificates of the old one."""
    members = {"national_id": SUBSTITUTE, "number": "9700000002"}
    old = surgery.card(starts_at=clock.now() - 2 * YEAR, life=YEAR, **members)
    newer = surgery.card(**members).content()

    def mixed() -> None:
        surgery.insert(old)
        surgery.wire.tells.update(content=newer)

    assert refusal(surgery, mixed) == "card_expired"


def test_a_card_that_does_not_bill(surgery: Surgery) -> None:
    """SV-01: an employee's card has no domain of the health insurance."""
    card = surgery.card(national_id=SUBSTITUTE, number="9700000002", family="CPE")
    assert refusal(surgery, lambda: surgery.insert(card)) == "family_refused"


def test_another_card_signs_than_the_one_that_was_read(surgery: Surgery) -> None:
    """SV-02, attack: the card is changed between reading and signing."""

    def changed() -> None:
        surgery.wire.signer = surgery.doctor

    assert refusal(surgery, changed) == "signature_refused"


def test_a_second_card_of_the_same_holder_does_not_sign_for_the_first(surgery: Surgery) -> None:
    """SV-02, attack: the name is the same, the card is not."""

    def changed() -> None:
        surgery.wire.signer = surgery.card(national_id=SUBSTITUTE, number="9700000008")

    assert refusal(surgery, changed) == "signature_refused"


def test_a_holder_without_a_billing_number_is_nobody_to_replace(surgery: Surgery) -> None:
    """SV-04: there is nothing to memorise on the card of who only replaces."""
    browser = surgery.sign_in(surgery.substitute)
    went = post(browser, "/replacements/new", **wish())
    assert error_of(went) == "situation_without_number"


def test_a_workstation_is_not_signed_in_to_by_phone(surgery: Surgery) -> None:
    """SV-02: whatever a request asks for, the card is asked of the provider, or nothing."""
    browser = surgery.app.test_client()
    assert error_of(browser.get("/login?means=MOBILE")) == "means_refused"


def test_several_activities_are_chosen_among_first(surgery: Surgery) -> None:
    """CP-08: who has two and chose none is sent to choose."""
    browser = surgery.sign_in(surgery.doctor)
    service = service_of(surgery.app)
    with service.store.begin() as db:
        row = live_sessions_of(db, surgery.doctor.national_id, surgery.clock.now())[0]
        row.activity = None
        db.merge(row)
    assert browser.get("/").location == "/activity"
    assert browser.get("/help").status_code == 200


def test_an_activity_has_to_be_billed_by_the_card_itself(surgery: Surgery) -> None:
    """SV-04, attack: a situation of the form that is not on the card, or bills nothing."""
    surgery.doctor.activities.append(activity("A-hopital", mode="S"))
    browser = surgery.sign_in(surgery.doctor)
    for asked in ("A-hopital", "A-unknown"):
        went = post(browser, "/replacements/new", **(wish() | {"situations": asked}))
        assert went.status_code == 400
        assert "Choisissez au moins une situation de votre carte." in went.text
