"""What EspacePro writes to people, in French: it is a French service, and mails ask no language."""

from datetime import datetime

from flask_babel import force_locale
from sqlalchemy.orm import Session

from relying_services.espacepro.matrix import SERVICES, STATUS_LABELS
from relying_services.espacepro.store.models import DelegationRow
from relying_services.service.formats import day_of_a_mail, moment_of_a_mail
from relying_services.service.store.messages import write

_LENDING = (
    "Prêter sa carte est une usurpation d’identité et une fraude aux assurances sociales : "
    "chacun agit avec sa propre carte."
)


def invite(db: Session, now: datetime, row: DelegationRow, link: str) -> None:
    """The invitation, to the agreed address, with its link (EP-09)."""
    text = (
        f"{row.delegator_name} souhaite vous déléguer des services d’EspacePro.\n\n"
        f"{_told(row)}\n"
        f"Pour accepter ou refuser, jusqu’au {_day(row.expires_at)} :\n{link}\n\n"
        f"Sans acceptation, la délégation est sans effet. {_LENDING}\n"
    )
    _mail(db, now, row.email, "Invitation à une délégation", text, ends_at=row.expires_at)


def tell_created_by_cpam(db: Session, now: datetime, row: DelegationRow) -> None:
    """To the delegator: the CPAM created a delegation of their services (EP-13)."""
    text = (
        f"Un agent de votre CPAM a créé cette délégation de vos services.\n\n{_told(row)}\n"
        "Vous pouvez la révoquer à tout moment : EspacePro, onglet « Délégations ».\n"
    )
    _to_delegator(db, now, row, "Délégation créée par la CPAM", text)


def tell_accepted(db: Session, now: datetime, row: DelegationRow) -> None:
    """To the delegator: it was accepted (EP-10)."""
    text = (
        f"{row.delegate_name} a accepté votre délégation.\n\n{_told(row)}\n"
        "Chaque acte est tracé : EspacePro, onglet « Traces ». "
        "Vous pouvez la révoquer à tout moment.\n"
    )
    _to_delegator(db, now, row, "Délégation acceptée", text)


def tell_refused(db: Session, now: datetime, row: DelegationRow) -> None:
    """To the delegator: it was refused (EP-10)."""
    text = f"{row.delegate_name} a refusé votre délégation.\n\n{_told(row)}"
    _to_delegator(db, now, row, "Délégation refusée", text)


def tell_lapsed(db: Session, now: datetime, row: DelegationRow) -> None:
    """To the delegator: nobody answered in time."""
    text = (
        f"{row.delegate_name} n’a pas répondu à votre invitation, qui n’est plus valable.\n\n"
        f"{_told(row)}"
    )
    _to_delegator(db, now, row, "Invitation restée sans réponse", text)


def tell_revoked(db: Session, now: datetime, row: DelegationRow, *, by_cpam: bool) -> None:
    """To the delegate, and to the delegator where the CPAM did it (EP-17)."""
    text = f"La délégation de {row.delegator_name} est révoquée.\n\n{_told(row)}"
    _mail(db, now, row.email, "Délégation révoquée", text)
    if by_cpam:
        _to_delegator(db, now, row, "Délégation révoquée par la CPAM", text)


def _told(row: DelegationRow) -> str:
    with force_locale("fr"):
        services = ", ".join(str(SERVICES[code]) for code in row.services)
        status = str(STATUS_LABELS[row.status])
    return (
        f"Délégant : {row.delegator_name}\n"
        f"Délégué : {row.delegate_name}\n"
        f"Statut : {status}\n"
        f"Services : {services}\n"
        f"Du {day_of_a_mail(row.starts_on)} au {day_of_a_mail(row.ends_on)} inclus\n"
    )


def _day(instant: datetime | None) -> str:
    return moment_of_a_mail(instant) if instant else ""


def _to_delegator(db: Session, now: datetime, row: DelegationRow, subject: str, text: str) -> None:
    if row.delegator_email:
        _mail(db, now, row.delegator_email, subject, text)
        return
    write(db, now, kind="letter", recipient=row.delegator, subject=subject, text=text)


def _mail(
    db: Session,
    now: datetime,
    to: str,
    subject: str,
    text: str,
    *,
    ends_at: datetime | None = None,
) -> None:
    write(db, now, kind="mail", recipient=to, subject=subject, text=text, ends_at=ends_at)
