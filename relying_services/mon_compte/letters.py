"""The code that opens an access by password: sent by letter, used once, then void (MA-01)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from relying_services.mon_compte.store.accounts import account_of, practice_of, practices_of
from relying_services.mon_compte.store.credential_models import LetterRow
from relying_services.mon_compte.store.credentials import (
    credential_of,
    letter_of,
    put_letter,
)
from relying_services.paris import day_of
from relying_services.service.digest import digest
from relying_services.service.formats import day_of_a_mail, moment_of_a_mail
from relying_services.service.store.messages import write
from relying_services.service.trace import OWN_ACCOUNT

_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Those that nobody takes for another on paper; 32 of them, five bits each."""
_LENGTH = 12
"""60 bits: nobody guesses a code, whatever number of tries they find."""
_GROUP = 4

DAYS = 30
"""How long a code can be used, unless it is said otherwise."""

# Letters, and the mail of a change, are in French, whatever the language of whoever has it sent.
_TEXT = """Bonjour {name},

Vous pouvez créer votre accès à « Mon compte » (ou en changer le mot de passe).

Votre identifiant : {login}
Votre code confidentiel : {code}

Ce code ne sert qu’une fois, jusqu’au {until}. Il remplace les précédents.
Ouvrez {address} pour l’utiliser.
Ne le communiquez à personne : votre caisse ne vous le demandera jamais.
"""


class NobodyToWriteTo(ValueError):
    """No letter can be sent; the message says why."""


@dataclass(frozen=True)
class _Addressee:
    actor: str
    login: str
    name: str


def send_letter(
    db: Session, now: datetime, account: str, number: str = "", *, days: int, base_url: str
) -> str:
    """Write a letter with a new code to a practitioner; a mail to an accountant.

    Args:
        db: a transaction of the store.
        now: the present instant.
        account: a national identifier, or `account:<id>`.
        number: which of the practitioner's billing numbers is the login; the first by default.
        days: how long the code can be used.
        base_url: public address of this service, without a slash at its end.

    Returns:
        The login for which the code is.

    Raises:
        NobodyToWriteTo: there is no such account, or the number is not of it.
    """
    addressee = _addressee(db, account, number)
    code = "".join(secrets.choice(_SIGNS) for _each in range(_LENGTH))
    ends_at = now + timedelta(days=days)
    put_letter(
        db,
        LetterRow(
            actor=addressee.actor,
            login=addressee.login,
            name=addressee.name,
            code=digest(code),
            ends_at=ends_at,
        ),
    )
    is_mail = account.startswith(OWN_ACCOUNT)
    groups = (code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
    write(
        db,
        now,
        kind="mail" if is_mail else "letter",
        recipient=addressee.login if is_mail else account,
        subject="Votre code confidentiel pour Mon compte",
        text=_TEXT.format(
            name=addressee.name,
            login=addressee.login,
            code="-".join(groups),
            until=day_of_a_mail(day_of(ends_at)),
            address=f"{base_url}/acces/creation",
        ),
        ends_at=ends_at,
    )
    return addressee.login


def letter_for(db: Session, login: str, code: str, now: datetime) -> LetterRow | None:
    """The letter whose code was typed; the same work where there is none (decision 41)."""
    letter = letter_of(db, login)
    kept = letter.code if letter is not None else digest("")
    is_right = hmac.compare_digest(kept, digest(_typed(code)))
    return letter if is_right and letter is not None and letter.ends_at > now else None


def _typed(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign not in "- ")


def _addressee(db: Session, account: str, number: str) -> _Addressee:
    if account.startswith(OWN_ACCOUNT):
        credential = credential_of(db, account)
        if credential is None:
            raise NobodyToWriteTo(f"{account} has no access here: invite them from EspacePro")
        return _Addressee(account, credential.login, credential.name)
    found = account_of(db, account)
    if found is None:
        raise NobodyToWriteTo(f"{account} has no account here: add it with populate --person")
    practices = practices_of(db, account)
    practice = practice_of(db, account, number) if number else next(iter(practices), None)
    if practice is None:
        numbers = ", ".join(each.number for each in practices) or "none"
        raise NobodyToWriteTo(f"{account} has no such billing number; those known are: {numbers}")
    return _Addressee(account, practice.number, f"{found.given_name} {found.family_name}")


def tell_changed(db: Session, now: datetime, email: str) -> None:
    """Mail to the address known before that there is a new password (decision 26)."""
    text = (
        "Le mot de passe de votre accès à « Mon compte » a changé le "
        f"{moment_of_a_mail(now)}.\n\n"
        "Si ce n’était pas vous, prévenez votre caisse, et demandez-lui un nouveau code.\n"
    )
    write(db, now, kind="mail", recipient=email, subject="Nouveau mot de passe", text=text)
