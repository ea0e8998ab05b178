"""Each reason for which a card signs nobody in, and their order (docs/cards.md 4)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID
from sqlalchemy import delete, update

from idp.cards.authority import persons_authority
from idp.cards.judge import AcceptedCard, judge
from idp.cards.names import PERSONS, CardSubject, compose_subject
from idp.cards.opposition import oppose
from idp.cards.refusals import CardRefused
from idp.cards.states import CardState
from idp.keys.key_usage import key_usage
from idp.provider import Provider
from idp.store.models import Card, CardCertificate, DirectoryPerson, JournalEvent
from tests.architecture.imports import ROOT
from tests.cards.helpers import HOLDER, IssuedCard, issued_card
from tests.cards.rows import all_of

NOMINATIVE = ("CPS", "CPF")


def judged(
    provider: Provider,
    certificate: x509.Certificate | None,
    families: tuple[str, ...] = NOMINATIVE,
) -> AcceptedCard:
    with provider.store.begin() as db:
        return judge(provider, db, certificate, families=families, client_id="service")


def refused(
    provider: Provider,
    certificate: x509.Certificate | None,
    families: tuple[str, ...] = NOMINATIVE,
) -> CardRefused:
    """The refusal, whose trace is committed."""
    with provider.store.begin() as db, pytest.raises(CardRefused) as raised:
        judge(provider, db, certificate, families=families, client_id="service")
    return raised.value


def code(provider: Provider, certificate: x509.Certificate | None, *families: str) -> str:
    return refused(provider, certificate, families or NOMINATIVE).code


def journal(provider: Provider, event: str) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]


def write(provider: Provider, statement: Any) -> None:
    with provider.store.begin() as db:
        db.execute(statement)


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider)


# -- who signed it -------------------------------------------------------------------------------


def test_no_certificate_is_no_card(provider: Provider) -> None:
    """`card_missing`."""
    assert code(provider, None) == "card_missing"


def forged(issuer: x509.Name, key: ec.EllipticCurvePrivateKey | None = None) -> x509.Certificate:
    """A certificate that says all that a card's does, signed by somebody else's key."""
    own = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(compose_subject("CPS", CardSubject(HOLDER, "SPECIMEN", "Alix")))
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key or own, SHA256())
    )


def test_another_authority_is_unknown_even_with_the_same_name(
    provider: Provider, card: IssuedCard
) -> None:
    """Attack 39; `authority_unknown`: the signature decides, not the name of the issuer."""
    assert code(provider, forged(PERSONS)) == "authority_unknown"


def test_a_real_looking_name_without_test_signed_by_another_authority_is_unknown(
    provider: Provider, card: IssuedCard
) -> None:
    """Attack 39; decision 30."""
    name = x509.Name.from_rfc4514_string("CN=AC IGC-SANTE FORT PERSONNES,O=ASIP-SANTE,C=FR")
    assert code(provider, forged(name)) == "authority_unknown"


def test_the_authority_is_judged_before_anything_the_certificate_says(
    provider: Provider, card: IssuedCard
) -> None:
    """Attack 39: a copied serial and subject name no card, and the journal names nobody."""
    refusal = refused(provider, forged(PERSONS))
    assert (refusal.card_number, refusal.person) == (None, None)


def test_what_the_root_signed_is_no_card(provider: Provider, card: IssuedCard) -> None:
    """`authority_unknown`: the authority itself presented as a card."""
    assert code(provider, card.chain[0]) == "authority_unknown"


def test_a_certificate_of_the_authority_that_nobody_registered_is_no_card(
    provider: Provider, card: IssuedCard
) -> None:
    """`card_unreadable`; decision 31: the register is asked, not the certificate alone."""
    with provider.store.begin() as db:
        key = persons_authority(provider, db)._key
    stray = forged(PERSONS, key)
    assert code(provider, stray) == "card_unreadable"


def test_a_known_serial_on_another_certificate_is_no_card(
    provider: Provider, card: IssuedCard
) -> None:
    """`card_unreadable`: byte for byte what the register holds, or nothing."""
    row = CardCertificate.serial == f"{card.authentication.serial_number:x}"
    write(provider, update(CardCertificate).where(row).values(certificate=b"another"))
    assert code(provider, card.authentication) == "card_unreadable"


# -- what it is for ------------------------------------------------------------------------------


def test_the_certificate_to_sign_does_not_sign_in(provider: Provider, card: IssuedCard) -> None:
    """Attack 39; CP-14; `signature_certificate`."""
    assert code(provider, card.signature) == "signature_certificate"


def test_the_register_has_its_say_on_the_use_too(provider: Provider, card: IssuedCard) -> None:
    row = CardCertificate.serial == f"{card.authentication.serial_number:x}"
    write(provider, update(CardCertificate).where(row).values(use="signature"))
    assert code(provider, card.authentication) == "signature_certificate"


def test_a_subject_that_is_not_the_cards_holder_is_refused(
    provider: Provider, card: IssuedCard
) -> None:
    """`card_unreadable`: the identifier is read by OID and must be the card's."""
    set_card(provider, card, national_id="899700990015")
    assert code(provider, card.authentication) == "card_unreadable"


# -- how the card stands -------------------------------------------------------------------------


def set_card(provider: Provider, card: IssuedCard, **values: Any) -> None:
    write(provider, update(Card).where(Card.card_number == card.card_number).values(values))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (CardState.OPPOSEE, "card_opposed"),
        (CardState.INVALIDEE, "card_replaced"),
        (CardState.EXPIREE, "card_expired"),
        (CardState.EN_FABRICATION, "card_not_activated"),
        (CardState.EXPEDIEE, "card_not_activated"),
        (CardState.RECUE_NON_ACTIVEE, "card_not_activated"),
        (CardState.BLOQUEE, "card_blocked"),
    ],
)
def test_a_card_that_is_not_in_use_is_refused_with_its_reason(
    provider: Provider, card: IssuedCard, state: CardState, said: str
) -> None:
    """CP-07, CP-13, decision 31."""
    set_card(provider, card, state=state)
    assert code(provider, card.authentication) == said


def test_an_opposed_card_is_rejected_from_that_moment_on(
    provider: Provider, card: IssuedCard
) -> None:
    """CP-13; `card_opposed`: why stands in the journal only."""
    judged(provider, card.authentication)
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="vol")
    refusal = refused(provider, card.authentication)
    assert refusal.code == "card_opposed"
    assert "vol" not in str(refusal.text)
    assert journal(provider, "cards:signin:refused")[-1].data["opposition"] == "vol"


def test_a_revoked_certificate_opens_nothing_though_its_card_does(
    provider: Provider, card: IssuedCard
) -> None:
    """`card_opposed`: fails closed."""
    now = provider.clock.now()
    write(provider, update(CardCertificate).values(revoked_at=now, revocation_reason="superseded"))
    assert code(provider, card.authentication) == "card_opposed"


@pytest.fixture
def at_its_end(provider: Provider, card: IssuedCard) -> Iterator[IssuedCard]:
    provider.clock.synchronise(provider.settings.card_lifetime + timedelta(minutes=1))
    yield card
    provider.clock.synchronise(timedelta(0))


def test_a_card_past_its_end_is_refused(provider: Provider, at_its_end: IssuedCard) -> None:
    """CP-10; `card_expired`, by the provider's clock alone."""
    refusal = refused(provider, at_its_end.authentication)
    assert refusal.code == "card_expired"
    assert str(refusal.text).startswith("Carte expirée")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (CardState.OPPOSEE, "card_opposed"),
        (CardState.INVALIDEE, "card_replaced"),
        (CardState.BLOQUEE, "card_expired"),
        (CardState.RECUE_NON_ACTIVEE, "card_expired"),
    ],
)
def test_what_nothing_mends_is_told_first(
    provider: Provider, at_its_end: IssuedCard, state: CardState, said: str
) -> None:
    """Opposed comes before expired, and expired before what one could still unblock."""
    set_card(provider, at_its_end, state=state)
    assert code(provider, at_its_end.authentication) == said


def test_a_card_before_its_time_is_refused(provider: Provider, card: IssuedCard) -> None:
    """`card_not_yet_valid`, by the provider's clock."""
    provider.clock.synchronise(-timedelta(days=1))
    assert code(provider, card.authentication) == "card_not_yet_valid"


def test_the_certificates_own_dates_count_too(provider: Provider, card: IssuedCard) -> None:
    """CP-10: the register's dates do not lengthen those of a certificate."""
    end = provider.clock.now() + 2 * provider.settings.card_lifetime
    set_card(provider, card, ends_at=end)
    provider.clock.synchronise(provider.settings.card_lifetime + timedelta(minutes=1))
    assert code(provider, card.authentication) == "card_expired"


# -- whom it names -------------------------------------------------------------------------------


def test_a_service_card_that_names_nobody_signs_nobody_in(provider: Provider) -> None:
    """Decision 30; `card_not_nominative`, whatever the service takes."""
    card = issued_card(provider, family="CPE", is_nominative=False)
    assert code(provider, card.authentication, "CPS", "CPE") == "card_not_nominative"


def test_a_family_that_the_service_does_not_take_is_refused(provider: Provider) -> None:
    """Attack 39 (CPE); decision 30; `family_refused`."""
    card = issued_card(provider, family="CPE")
    assert code(provider, card.authentication) == "family_refused"


def test_a_named_cpe_signs_in_where_it_is_taken(provider: Provider) -> None:
    """Decision 30."""
    card = issued_card(provider, family="CPE")
    assert judged(provider, card.authentication, ("CPE",)).family == "CPE"


def test_a_holder_whom_the_directory_does_not_hold_is_refused(
    provider: Provider, card: IssuedCard
) -> None:
    """Attack 39 (identifier in no register); `holder_unknown`."""
    write(provider, delete(DirectoryPerson).where(DirectoryPerson.national_id == HOLDER))
    assert code(provider, card.authentication) == "holder_unknown"


def test_a_holder_who_was_struck_off_is_refused(provider: Provider, card: IssuedCard) -> None:
    """EC-01; `holder_struck_off`."""
    holder = DirectoryPerson.national_id == HOLDER
    write(provider, update(DirectoryPerson).where(holder).values(closed=True))
    assert code(provider, card.authentication) == "holder_struck_off"


# -- acceptance and trace ------------------------------------------------------------------------


def test_a_card_in_use_identifies_its_holder(provider: Provider, card: IssuedCard) -> None:
    """CP-14."""
    accepted = judged(provider, card.authentication)
    assert (accepted.national_id, accepted.family) == (HOLDER, "CPS")
    assert accepted.card.card_number == card.card_number
    (event,) = journal(provider, "cards:signin:accepted")
    assert (event.person, event.client_id) == (HOLDER, "service")
    assert event.data["card_number"] == card.card_number


def test_a_refusal_is_in_the_journal_with_its_code(provider: Provider, card: IssuedCard) -> None:
    """Decision 31."""
    set_card(provider, card, state=CardState.BLOQUEE)
    refused(provider, card.authentication)
    (event,) = journal(provider, "cards:signin:refused")
    assert (event.outcome, event.person, event.data["reason"]) == (
        "failure",
        HOLDER,
        "card_blocked",
    )


def test_every_code_of_the_contract_is_one_class_with_words_of_its_own() -> None:
    """Decision 31: each reason is named, and says what to do next."""
    classes = CardRefused.__subclasses__()
    contract = (ROOT / "docs" / "cards.md").read_text("utf-8")
    table = contract.partition("A card that is refused")[2].partition("Behind a reverse proxy")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    documented = {found for row in rows for found in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert {refusal.code for refusal in classes} == documented
    assert len({str(refusal.text) for refusal in classes}) == len(classes) == len(documented)


def test_both_databases_judge_alike(both: Provider) -> None:
    card = issued_card(both)
    assert judged(both, card.authentication).national_id == HOLDER
    set_card(both, card, state=CardState.OPPOSEE)
    assert code(both, card.authentication) == "card_opposed"
