"""Whose keys, used where: the one code of people's and of operators' keys."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from idp.devices.notices import tell_contacts
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.settings import Settings
from idp.store.holders import identifiers_of

PERSON = "person"
OPERATOR = "operator"


@dataclass(frozen=True)
class Holder:
    """Whose key it is: a professional by national identifier, or an operator by name."""

    kind: str
    """`PERSON` or `OPERATOR`: the two never meet."""
    id: str


@dataclass(frozen=True)
class Party:
    """Where keys are used: the relying party of WebAuthn."""

    rp_id: str
    """Domain that keys are bound to."""
    origin: str
    """The only origin whose answers are accepted."""
    name: str
    """As the browser may show it."""


def pages_party(settings: Settings) -> Party:
    """The relying party of people's keys: sign-in pages and portal."""
    address = urlsplit(settings.wallet_base_url)
    return Party(
        rp_id=settings.security_key_rp_id or address.hostname or "",
        origin=f"{address.scheme}://{address.netloc}",
        name=settings.service_name,
    )


def names_of(db: Session, holder: Holder) -> list[str]:
    """Every name under which a holder's keys may stand, the present one first."""
    return identifiers_of(db, holder.id) if holder.kind == PERSON else [holder.id]


def bound_to(browser_secret: str, page: str) -> bytes:
    """What alone may answer a ceremony: a browser, by its secret, and the page it stands on."""
    return sha256(f"{page}\n{browser_secret}")


def trace(holder: Holder) -> dict[str, Any]:
    """How the journal names a holder; of an operator's key who acts may be somebody else."""
    return {holder.kind: holder.id}


def tell(provider: Provider, db: Session, holder: Holder, notice: str, **values: str) -> None:
    """Write to a person's registered contacts; of operators none are known."""
    if holder.kind == PERSON:
        tell_contacts(provider, db, holder.id, notice, **values)
