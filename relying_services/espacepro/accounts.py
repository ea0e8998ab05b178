"""The account of a delegate: one whoever delegates, at one agreed address (EP-07, EP-08)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro.directory import (
    is_employee,
    is_professional,
    national_id_of,
    person,
)
from relying_services.espacepro.errors import DelegateDiffers
from relying_services.espacepro.matrix import ASSISTANT, COMPTABLE, REMPLACANT
from relying_services.espacepro.store.accounts import account_at, account_of, open_account
from relying_services.espacepro.store.models import DelegateAccountRow
from relying_services.espacepro.wishes import Wish
from relying_services.service.trace import OWN_ACCOUNT


class NotIdentified(Exception):
    """It cannot be told who is to be the delegate.

    Attributes:
        errors: a message with a suggested correction, by field of the wish.
    """

    def __init__(self, **errors: LazyString) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Awaited:
    """Who is to accept a delegation."""

    delegate_id: str | None
    """None for an accountant who is not known yet: whoever has the invitation, once."""
    name: str


def awaited(db: Session, wish: Wish) -> Awaited:
    """Who is meant by a wish: the account of the address, or else the identifier given.

    Raises:
        NotIdentified: neither tells, or they contradict each other or the directory.
    """
    account = account_at(db, wish.address)
    if account is not None:
        return _known(db, wish, account)
    if not wish.rpps.strip():
        if wish.status != COMPTABLE:
            raise NotIdentified(
                rpps=_l(
                    "Ce délégué n’a pas encore de compte : indiquez son numéro RPPS, précédé de 8, "
                    "exemple 899700990015."
                )
            )
        return Awaited(None, wish.called)
    return _new(db, wish, national_id_of(wish.rpps))


def settle(db: Session, now: datetime, *, email: str, delegate_id: str, name: str) -> None:
    """Attach a delegation to the account of its delegate, opened now if there is none.

    Raises:
        DelegateDiffers: the address is another person's, or the person has another address.
    """
    open_account(db, now, delegate_id, email, name)
    account = account_of(db, delegate_id)
    if account is None or account.email != email:
        raise DelegateDiffers


def _known(db: Session, wish: Wish, account: DelegateAccountRow) -> Awaited:
    if wish.rpps.strip() and national_id_of(wish.rpps) != account.delegate_id:
        raise NotIdentified(
            rpps=_l(
                "Cette adresse est celle du compte d’une autre personne. Vérifiez le numéro, ou "
                "convenez d’une autre adresse."
            )
        )
    _match(db, wish, account.delegate_id)
    return Awaited(account.delegate_id, account.name)


def _new(db: Session, wish: Wish, identifier: str) -> Awaited:
    if account_of(db, identifier) is not None:
        raise NotIdentified(
            email=_l(
                "Ce délégué a déjà un compte, à une autre adresse. Convenez avec lui de l’adresse "
                "à utiliser."
            )
        )
    _match(db, wish, identifier)
    missing = {
        name: _l("Indiquez le nom et le prénom du délégué, comme dans l’annuaire.")
        for name in ("family_name", "given_name")
        if not getattr(wish, name).strip()
    }
    if missing:
        raise NotIdentified(**missing)
    found = person(db, identifier)
    if found is None:
        return Awaited(identifier, wish.called)
    if not found.is_called(wish.family_name, wish.given_name):
        raise NotIdentified(
            family_name=_l(
                "Ce nom n’est pas celui de ce numéro dans l’annuaire. Vérifiez l’un et l’autre."
            )
        )
    return Awaited(identifier, found.name)


def _match(db: Session, wish: Wish, identifier: str) -> None:
    """Hold the identifier to the status, and to the directory where it stands in it."""
    if is_professional(identifier):
        if person(db, identifier) is None:
            raise NotIdentified(
                rpps=_l(
                    "Ce numéro n’est pas dans l’annuaire, ou n’y est plus actif. Vérifiez-le sur "
                    "le site de l’Ordre."
                )
            )
    elif not _FORMS[wish.status](identifier):
        raise NotIdentified(rpps=_SUGGESTED[wish.status])


_FORMS: Mapping[str, Callable[[str], bool]] = {
    REMPLACANT: lambda _identifier: False,
    ASSISTANT: is_employee,
    COMPTABLE: lambda identifier: is_employee(identifier) or identifier.startswith(OWN_ACCOUNT),
}
"""Identifiers outside the directory that a delegate of a status may have (EP-14)."""

_SUGGESTED: Mapping[str, LazyString] = {
    REMPLACANT: _l("Un remplaçant a un numéro RPPS : 8 puis 11 chiffres, exemple 899700990015."),
    ASSISTANT: _l(
        "Indiquez un numéro RPPS, ou l’identifiant de la carte CPE, exemple "
        "699700990015001/0000000001."
    ),
    COMPTABLE: _l("Un comptable sans carte n’a pas d’identifiant : laissez ce champ vide."),
}
