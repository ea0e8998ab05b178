"""The form by which a test identity is made (EC-31)."""

import re
import unicodedata
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from idp.console.forms import Form
from idp.console.people.activity_form import DEPARTMENT, read_activity
from idp.directory.labels import CATEGORIES, PROFESSIONS, SPECIALTIES, TITLES
from idp.directory.mailboxes import mailbox
from idp.directory.phones import e164

MOST_ACTIVITIES = 3
DOMAIN = "exemple.test"
"""Where invented people have their mailboxes: no such domain exists (RFC 2606)."""
CIVILITES = {"M": "Monsieur", "MME": "Madame"}
BEGUN: dict[str, str] = {
    "civilite": "MME",
    "birth_date": "1980-01-01",
    "profession": "10",
    "category": "C",
    "title": "DR",
    "specialty": "SM54",
    "mobile": "06 39 98 00 99",
    "count": "1",
    **{
        f"{field}{number}": value
        for number in range(1, MOST_ACTIVITIES + 1)
        for field, value in (
            ("mode", "L"),
            ("sector", "SA07"),
            ("role", "FON-01"),
            ("kind", "GENR01"),
            ("name", f"CABINET DE TEST {number}"),
            (DEPARTMENT, "75"),
        )
    },
}
"""What the empty form proposes: somebody who can sign in at once."""
_DOCTORS = {"10", "40"}


def read_identity(form: Form) -> dict[str, Any] | None:
    """What the form asks for, as the act takes it; None where something is wrong with it."""
    registrant = _registrant(form)
    activities = [read_activity(form, str(number)) for number in range(1, count_of(form) + 1)]
    mobile = _mobile(form)
    email = _email(form, registrant)
    if form.is_refused:
        return None
    return {
        "registrant": registrant,
        "activities": activities,
        "mobile": mobile,
        "email": email,
        "has_card": bool(form["card"]),
    }


def count_of(form: Form) -> int:
    """How many activities the form has."""
    typed = form["count"]
    return int(typed) if typed in {"1", "2", "3"} else 1


def _registrant(form: Form) -> dict[str, str]:
    profession = form.choice("profession", PROFESSIONS, _("Choisissez la profession."))
    specialty = form["specialty"]
    if specialty and specialty not in SPECIALTIES:
        form.refuse("specialty", _("Choisissez un savoir-faire de la liste, ou aucun."))
    if specialty and profession not in _DOCTORS:
        form.refuse(
            "specialty",
            _("Seuls les médecins et les chirurgiens-dentistes ont une spécialité ordinale."),
        )
    title = form["title"]
    if title and title not in TITLES:
        form.refuse("title", _("Choisissez une civilité d’exercice de la liste, ou aucune."))
    return {
        "family_name": form.text("family_name", _("Donnez un nom de famille.")).upper(),
        "given_name": form.text("given_name", _("Donnez un prénom.")),
        "civilite": form.choice("civilite", CIVILITES, _("Choisissez la civilité.")),
        "birth_date": _birth_date(form),
        "profession": profession,
        "category": form.choice(
            "category", CATEGORIES, _("Choisissez la catégorie professionnelle.")
        ),
        "title": title,
        "savoir_faire_type": "S" if specialty else "",
        "savoir_faire": specialty,
    }


def _birth_date(form: Form) -> str:
    try:
        return f"{datetime.fromisoformat(form['birth_date']):%d/%m/%Y}"
    except ValueError:
        form.refuse("birth_date", _("Donnez une date passée, par exemple 1980-01-31."))
        return ""


def _mobile(form: Form) -> str:
    number = e164(form["mobile"])
    if not number:
        form.refuse(
            "mobile", _("Donnez un numéro français ou international, par exemple 06 39 98 00 99.")
        )
    return number


def _email(form: Form, registrant: dict[str, str]) -> str:
    address = form["email"] or _made_of(registrant)
    if not mailbox(address) or not address.endswith(f"@{DOMAIN}"):
        form.refuse(
            "email",
            _(
                "Donnez une adresse en @%(domain)s, par exemple ada.exemple@%(domain)s : rien "
                "n’en part, la console montre les messages.",
                domain=DOMAIN,
            ),
        )
    return address


def _made_of(registrant: dict[str, str]) -> str:
    """A mailbox named after its holder, in plain letters."""
    name = f"{registrant['given_name']}.{registrant['family_name']}".lower()
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode()
    return f"{re.sub(r'[^a-z0-9.]+', '-', plain)}@{DOMAIN}"
