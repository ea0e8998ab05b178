"""How a substitute comes to use the mailbox of the replaced doctor, and until when (SV-05).

The replaced doctor grants it on this workstation, or asks the provider of the mailbox by mail and
confirms here that it was opened. What was asked for is also asked to be ended. No mail holds any
data of a patient; they are French, as those who read them.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from relying_services.billing import identifiers
from relying_services.billing.errors import MailboxAwaited, MailboxNotAsked, MailboxRefused
from relying_services.billing.memorised import Wish
from relying_services.billing.store import mailbox_access as store
from relying_services.billing.store.models import MailboxAccessRow, ReplacementRow
from relying_services.paris import day_of
from relying_services.service.formats import day_of_a_mail
from relying_services.service.store.messages import forget, write

_ASKING = "Ouverture d’une boîte aux lettres à un remplaçant"
_ENDING = "Fin de l’accès d’un remplaçant à une boîte aux lettres"


def give(db: Session, row: ReplacementRow, wish: Wish, now: datetime) -> None:
    """Let the substitute use the mailbox from now on, or ask its provider for that."""
    asks = bool(wish.mailbox_asked_of)
    store.add(
        db,
        MailboxAccessRow(
            replacement_id=row.id,
            owner=row.replaced,
            member=row.substitute,
            granted_at=None if asks else now,
            asked_of=wish.mailbox_asked_of if asks else None,
            asked_at=now if asks else None,
            message_id=_ask(db, row, wish, now) if asks else None,
        ),
    )


def confirm(db: Session, row: ReplacementRow, now: datetime) -> None:
    """The provider opened the mailbox, as the replaced doctor says.

    Raises:
        MailboxNotAsked: nothing was asked of it, or it is open already, or the session is closed.
    """
    if not store.note_opened(db, row.id, now):
        raise MailboxNotAsked


def check_awaited(db: Session, row: ReplacementRow) -> MailboxAccessRow:
    """What was asked of the provider and is not open yet.

    Raises:
        MailboxNotAsked: there is nothing of the kind.
    """
    found = store.find(db, row.id)
    if found is None or found.granted_at is not None:
        raise MailboxNotAsked
    return found


def end(db: Session, row: ReplacementRow, now: datetime) -> None:
    """Let the substitute use it no more; a provider that was asked is asked to end it too.

    The mail that asked is deleted: it names the substitute, of whom a purge leaves nothing (SV-12).
    The one that ends it names the session alone.
    """
    ended = store.withdraw(db, row.id)
    if ended is None or ended.asked_of is None:
        return
    if ended.message_id is not None:
        forget(db, ended.message_id)
    text = (
        f"{row.replaced_name} ({identifiers.shown(row.replaced)}) met fin à l’accès demandé pour "
        f"son remplaçant.\n\nRéférence : {row.id}\n\n"
        "Fermez l’accès ouvert sous cette référence, ou ne l’ouvrez pas.\n"
    )
    write(db, now, kind="mail", recipient=ended.asked_of, subject=_ENDING, text=text)


def check_use(db: Session, owner: str, member: str) -> None:
    """Whether somebody may use the mailbox of a doctor now.

    Raises:
        MailboxRefused: it is another's, and no access was given or it was withdrawn.
        MailboxAwaited: access was asked of its provider, and is not open yet.
    """
    if owner == member:
        return
    given = store.between(db, owner, member)
    if any(each.granted_at is not None for each in given):
        return
    asked = [each.asked_at for each in given if each.asked_at is not None]
    if asked:
        raise MailboxAwaited(day_of(max(asked)))
    raise MailboxRefused


def _ask(db: Session, row: ReplacementRow, wish: Wish, now: datetime) -> int:
    text = (
        f"{row.replaced_name} ({identifiers.shown(row.replaced)}) demande que son remplaçant "
        "puisse utiliser sa boîte aux lettres de télétransmission.\n\n"
        f"Remplaçant : {row.substitute_name}\n"
        f"Identifiant de facturation du remplaçant : {identifiers.shown(row.substitute)}\n"
        f"Premier jour : {_day(wish.starts_on)}\n"
        f"Dernier jour : {_day(wish.ends_on)}\n"
        f"Référence : {row.id}\n\n"
        "Une fois l’accès ouvert, prévenez le médecin remplacé : il le confirme sur son poste.\n"
    )
    mail = write(db, now, kind="mail", recipient=wish.mailbox_asked_of, subject=_ASKING, text=text)
    db.flush()
    return mail.id


def _day(day: date | None) -> str:
    return day_of_a_mail(day) if day else "non fixé"
