"""What is searched for among the invoices of third-party payment (MA-04).

Terms travel sealed in the address: a patient's name stands in no history and no server's log, and
a search is of no use to anybody but the person who made it.
"""

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask_babel import gettext as _

from relying_services.folded import folded
from relying_services.mon_compte.store.invoices import Sought
from relying_services.service.days import NO_DAY, day_kept, day_typed
from relying_services.service.forms import FormWrong

LONGEST_NAME = 40
"""Characters: the sealed search fits into an address that is kept over a cut (MA-07)."""
LONGEST_NUMBER = 12
_NONCE = 12
_DAYS = ("du", "au")


@dataclass(frozen=True)
class Search:
    """The terms as they were typed; empty ones do not count."""

    du: str = ""
    au: str = ""
    patient: str = ""
    facture: str = ""
    lot: str = ""

    @classmethod
    def of(cls, form: Any) -> "Search":
        """The terms of a posted form."""
        typed = {name: form.get(name, "").strip() for name in cls.__dataclass_fields__}
        return cls(**typed | {name: day_kept(typed[name]) for name in _DAYS})

    def sought(self) -> Sought:
        """What the rows must be like.

        Raises:
            FormWrong: a term is not what its field holds.
        """
        errors = _wrong(self)
        if errors:
            raise FormWrong(errors)
        return Sought(
            first_day=day_typed(self.du),
            last_day=day_typed(self.au),
            words=tuple(folded(self.patient).split()),
            number=self.facture,
            batch=self.lot,
        )


class Sealer:
    """Seals the searches of one service.

    Args:
        secret: of the service: the same in all its processes.
    """

    def __init__(self, secret: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"searches of the account")
        self._cipher = AESGCM(derived.derive(secret.encode()))

    def seal(self, search: Search, whose: str) -> str:
        """A search for an address, of use to one person only; nothing for an empty one."""
        terms = {name: value for name, value in asdict(search).items() if value}
        if not terms:
            return ""
        nonce = secrets.token_bytes(_NONCE)
        plain = json.dumps(terms, ensure_ascii=False, separators=(",", ":")).encode()
        sealed = nonce + self._cipher.encrypt(nonce, plain, whose.encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str, whose: str) -> Search | None:
        """The search of an address; none where it is another person's, or made up."""
        if not text:
            return Search()
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], whose.encode())
        except (binascii.Error, InvalidTag, ValueError):
            return None
        return Search(**json.loads(plain))


def _wrong(search: Search) -> dict[str, str]:
    errors: dict[str, str] = {}
    for name in _DAYS:
        typed = getattr(search, name)
        if typed and day_typed(typed) is None:
            errors[name] = str(NO_DAY)
    first, last = day_typed(search.du), day_typed(search.au)
    if first and last and last < first:
        errors["au"] = _("Choisissez une date de fin qui suit la date de début.")
    if len(search.patient) > LONGEST_NAME:
        errors["patient"] = _("Écrivez %(count)s caractères au plus.", count=LONGEST_NAME)
    elif search.patient and not folded(search.patient):
        errors["patient"] = _("Écrivez le début du nom ou du prénom, exemple « étanglin ».")
    for name in ("facture", "lot"):
        typed = getattr(search, name)
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER):
            errors[name] = _("Écrivez seulement les premiers chiffres, exemple 0012.")
    return errors
