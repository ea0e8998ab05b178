"""Making a card: keys come from the maker, codes and certificates from here (docs/cards.md 3)."""

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from idp.cards import codes
from idp.cards.authority import Authority, persons_authority
from idp.cards.certificates import Use, Validity, issue, row_of, validity_from
from idp.cards.codes import Kind
from idp.cards.content import holder_of, sign_content, subject_of
from idp.cards.errors import HolderUnknown
from idp.cards.mailings import post_card
from idp.cards.making import MadeCard, read_made_card
from idp.cards.names import CardSubject, compose_subject
from idp.cards.register import move, refuse
from idp.cards.revocation import LISTED, revocation_reason
from idp.cards.states import CardAct, CardState
from idp.devices.errors import numeric_date
from idp.devices.proofs import encode_base64url
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.card_codes import claim_making
from idp.store.cards import add_certificate, revoke_certificates
from idp.store.models import Card


def personalise(
    provider: Provider, db: Session, card_number: str, body: dict[str, Any]
) -> dict[str, Any]:
    """Make a card, once: draw its codes and share, issue its certificates, post it.

    A sample card, which stands further on than the post without ever having been made, keeps its
    state and dates. What is not activated yet gets certificates that are on hold (CP-07); what is
    opposed or replaced, certificates that are revoked already.

    Args:
        provider: of a simulation.
        db: an open writing session. A refusal is recorded in it: commit it.
        card_number: which card.
        body: what its maker sends, public keys and salts.

    Returns:
        What the card keeps, as docs/cards.md 3 says; never a code.

    Raises:
        AuthorityRefused: the database is real (decision 1).
        Malformed: the body has another form.
        HolderUnknown: the directory does not know whom the card is to name.
        TransitionRefused: (of the register) no such card, or it was made already.
    """
    authority = persons_authority(provider, db)
    made = read_made_card(body)
    share = codes.draw_share()
    claimed = claim_making(
        db,
        card_number,
        card_jwk=made.card_jwk,
        share_sealed=provider.sealer.seal(share, purpose=codes.SEAL),
    )
    if claimed is None:
        refuse(provider, db, card_number, CardAct.MANUFACTURE)
    card, validity = _make_and_send(provider, db, claimed)
    subject = _subject(db, card)
    certificates = {
        use: issue(
            provider.settings,
            authority,
            use=use,
            subject=compose_subject(card.family, subject),
            key=made.authentication_key if use is Use.AUTHENTICATION else made.signature_key,
            validity=validity,
        )
        for use in Use
    }
    for use, certificate in certificates.items():
        add_certificate(db, row_of(card_number, use, certificate))
    if card.state in LISTED:
        since = card.opposed_at or card.state_at
        revoke_certificates(db, card_number, reason=revocation_reason(card), now=since)
    code, unblock_code = codes.draw_code(), codes.draw_unblock_code()
    post_card(provider, db, card, code=code, unblock_code=unblock_code)
    return {
        "issuer": provider.settings.issuer,
        "base_url": provider.settings.base_url,
        "wallet_base_url": provider.settings.wallet_base_url,
        "card_base_url": provider.settings.card_base_url,
        "card": _told(card, subject, validity),
        "certificates": _pem(authority, certificates),
        "evaluations": _evaluations(made, share, code=code, unblock_code=unblock_code),
        "content": sign_content(provider, db, authority, card),
    }


def _make_and_send(provider: Provider, db: Session, card: Card) -> tuple[Card, Validity]:
    """Move a card that was ordered, or is in the making, into the post."""
    validity = _validity_of(provider, card)
    if card.state == CardState.COMMANDEE:
        card = move(provider, db, card.card_number, CardAct.MANUFACTURE)
    if card.state == CardState.EN_FABRICATION:
        card = move(
            provider,
            db,
            card.card_number,
            CardAct.DISPATCH,
            starts_at=validity.starts_at,
            ends_at=validity.ends_at,
        )
    return card, validity


def _validity_of(provider: Provider, card: Card) -> Validity:
    if card.starts_at is None or card.ends_at is None:
        return validity_from(provider.settings, provider.clock.now())
    return Validity(card.starts_at, card.ends_at)


def _subject(db: Session, card: Card) -> CardSubject:
    person = find_person(db, card.national_id)
    if person is None and card.is_nominative:
        raise HolderUnknown
    return subject_of(card, person)


def _told(card: Card, subject: CardSubject, validity: Validity) -> dict[str, Any]:
    return {
        "number": card.card_number,
        "family": card.family,
        "version": card.version,
        "national_id": card.national_id,
        "holder": holder_of(subject),
        "starts_at": numeric_date(validity.starts_at),
        "ends_at": numeric_date(validity.ends_at),
    }


def _pem(authority: Authority, certificates: dict[Use, x509.Certificate]) -> dict[str, str]:
    told = {use.value: _pem_of(certificate) for use, certificate in certificates.items()}
    return told | {"chain": "".join(_pem_of(above) for above in authority.chain)}


def _pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _evaluations(made: MadeCard, share: bytes, *, code: str, unblock_code: str) -> dict[str, str]:
    typed = {Kind.CODE: (code, made.code_salt), Kind.UNBLOCK: (unblock_code, made.unblock_salt)}
    return {
        kind.value: encode_base64url(codes.evaluate(share, kind, codes.proof_of(text, salt)))
        for kind, (text, salt) in typed.items()
    }
