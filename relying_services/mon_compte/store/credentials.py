"""Logins and passwords, the codes of letters, and the browsers that are known."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from relying_services.mon_compte.store.credential_models import (
    CredentialRow,
    EarlierPasswordRow,
    KnownBrowserRow,
    LetterRow,
)
from relying_services.service.digest import digest
from relying_services.service.store.models import SessionRow
from relying_services.service.store.statements import insert_or


def credential_of_login(db: Session, login: str) -> CredentialRow | None:
    """Whose login this is."""
    return db.scalar(select(CredentialRow).where(CredentialRow.login == login))


def credential_of(db: Session, actor: str) -> CredentialRow | None:
    """The login and password of a person."""
    return db.get(CredentialRow, actor)


def earlier_passwords(db: Session, actor: str) -> list[str]:
    """The hashes of every password that a person had, the present one among them."""
    query = select(EarlierPasswordRow.password).where(EarlierPasswordRow.actor == actor)
    return list(db.scalars(query))


def add_credential(db: Session, credential: CredentialRow) -> bool:
    """Keep the first login of a person; False where the person or the login has one already."""
    values = {
        name: getattr(credential, name)
        for name in CredentialRow.__table__.columns.keys()  # noqa: SIM118 - of columns, not a dictionary
    }
    query = (
        insert_or(db, CredentialRow)
        .values(**values)
        .on_conflict_do_nothing()
        .returning(CredentialRow.actor)
    )
    if db.scalar(query) is None:
        return False
    db.add(EarlierPasswordRow(actor=credential.actor, password=credential.password))
    return True


def still_has(db: Session, credential: CredentialRow, now: datetime) -> bool:
    """Whether a password is still the one that was checked; it stays so until the transaction ends.

    Checking it takes long: it may have been changed meanwhile.
    """
    query = (
        update(CredentialRow)
        .where(
            CredentialRow.actor == credential.actor,
            CredentialRow.password == credential.password,
        )
        .values(used_at=now)
        .returning(CredentialRow.actor)
    )
    return db.scalar(query) is not None


def change_password(db: Session, actor: str, *, before: str, password: str, now: datetime) -> bool:
    """Put a password in the place of another; False where it was changed meanwhile.

    Sign-ins by password end with the old one, and no browser is known any more.
    """
    query = (
        update(CredentialRow)
        .where(CredentialRow.actor == actor, CredentialRow.password == before)
        .values(password=password, changed_at=now, used_at=now)
        .returning(CredentialRow.actor)
    )
    if db.scalar(query) is None:
        return False
    db.add(EarlierPasswordRow(actor=actor, password=password))
    db.execute(delete(SessionRow).where(SessionRow.actor == actor, SessionRow.means == "PASSWORD"))
    db.execute(delete(KnownBrowserRow).where(KnownBrowserRow.actor == actor))
    return True


def rename(db: Session, actor: str, *, login: str, email: str) -> None:
    """A letter may name another login of the person than the last one did."""
    query = update(CredentialRow).where(CredentialRow.actor == actor)
    db.execute(query.values(login=login, email=email))


def note_entry(db: Session, actor: str, now: datetime) -> CredentialRow | None:
    """The person signed in, by whatever means: their access is in use (domain, 6)."""
    query = (
        update(CredentialRow)
        .where(CredentialRow.actor == actor)
        .values(used_at=now)
        .returning(CredentialRow)
    )
    return db.scalar(query)


def put_letter(db: Session, letter: LetterRow) -> None:
    """Keep the code of a new letter; an older one of the same person is void."""
    gone = (LetterRow.actor == letter.actor) | (LetterRow.login == letter.login)
    db.execute(delete(LetterRow).where(gone))
    db.add(letter)


def letter_of(db: Session, login: str) -> LetterRow | None:
    """The letter with which a login can be taken into use, over or not."""
    return db.scalar(select(LetterRow).where(LetterRow.login == login))


def purge_letters(db: Session, now: datetime) -> None:
    """Forget codes that nobody used in time."""
    db.execute(delete(LetterRow).where(LetterRow.ends_at <= now))


def use_letter(db: Session, letter: LetterRow, now: datetime) -> bool:
    """Use a code up; False where it was used meanwhile, or is over (MA-01)."""
    query = (
        delete(LetterRow)
        .where(
            LetterRow.actor == letter.actor,
            LetterRow.code == letter.code,
            LetterRow.ends_at > now,
        )
        .returning(LetterRow.actor)
    )
    return db.scalar(query) is not None


def is_known(db: Session, actor: str, handle: str) -> bool:
    """Whether a person has signed in by password in this browser."""
    found = db.get(KnownBrowserRow, digest(handle))
    return found is not None and found.actor == actor


def know_browser(db: Session, actor: str, handle: str, now: datetime, *, before: datetime) -> None:
    """Know a browser from now on; those that were last seen before an instant are forgotten."""
    db.execute(delete(KnownBrowserRow).where(KnownBrowserRow.at <= before))
    db.add(KnownBrowserRow(handle=digest(handle), actor=actor, at=now))
