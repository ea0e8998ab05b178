"""People, settings and delegations that tests of EspacePro begin with; the directory's sample."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from relying_services.espacepro.authorisation import Authorised, authorise
from relying_services.espacepro.delegations import Delegate, Delegation, accept, draft, send
from relying_services.espacepro.errors import DelegationRefused, WishRefused
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.wishes import Party, Wish
from relying_services.service.store.messages import messages_after

NOW = datetime(2026, 6, 15, 10, tzinfo=UTC)
TODAY = date(2026, 6, 15)
A_DAY = timedelta(days=1)

MARGELLE = Party("899700990015", "Solène MARGELLE", "solene.margelle@exemple.test")
"""A general practitioner who delegates."""
EPINOY = Party("899700990056", "Gaspard ÉPINOY")
"""Another doctor, of another specialty, who can be told by letter alone."""
BRISELAME = Delegate("899700990023", "Anatole BRISELAME")
"""A substitute who has an account."""
BRISELAME_EMAIL = "anatole.briselame@exemple.test"
FLAMBERGE = Delegate("899700990064", "Hortense FLAMBERGE")
"""A doctor to whom nobody delegated before."""
COQUELUNE = "899700990031"
"""A student whose licence ends on 30 November 2026."""
DOUCEVAL = "899700990049"
"""A student whose licence is over."""
PASTELLIER = "899700990163"
"""A pharmacist."""
DRAPEYRON = Delegate("699700990015001/0000000001", "Mauricette DRAPEYRON")
"""A secretary with a card of an employee."""
ACCOUNTANT = Delegate("account:7", "Firmin CHIFFRELET")
AGENT = "899700990148"
"""Who may open the back office of the CPAM."""
CPAM = f"cpam:{AGENT}"


def settings(**more: Any) -> EspaceProSettings:
    """Of the service in these tests."""
    told = {
        "issuer": "http://localhost:8000/auth/realms/esante-wallet",
        "client_id": "espacepro",
        "client_secret": "secret-of-the-tests",
        "base_url": "http://localhost:8009",
        "database_url": "sqlite://",
        "cpam_agents": frozenset({AGENT}),
    }
    return EspaceProSettings(**(told | more))


SETTINGS = settings()


def wish(**more: Any) -> Wish:
    """A substitution of a week, by somebody who has an account."""
    given: dict[str, Any] = {
        "email": BRISELAME_EMAIL,
        "status": "remplacant",
        "services": ["aat", "transport"],
        "starts_on": TODAY,
        "ends_on": TODAY + 6 * A_DAY,
    }
    return Wish(**(given | more))


def first_wish(delegate: str, family_name: str, given_name: str, **more: Any) -> Wish:
    """A first delegation to somebody, named by identifier."""
    named = {"rpps": delegate, "family_name": family_name, "given_name": given_name}
    return wish(**({"email": "premiere@exemple.test"} | named | more))


SECRETARY: dict[str, Any] = {
    "email": "mauricette.drapeyron@exemple.test",
    "status": "assistant_medical",
    "services": ["dmt", "aat"],
    "rpps": DRAPEYRON.id,
    "family_name": "DRAPEYRON",
    "given_name": "Mauricette",
    "ends_on": date(2040, 12, 31),
}
BOOKS: dict[str, Any] = {
    "email": "firmin@exemple.test",
    "status": "comptable",
    "services": ["paiements"],
    "ends_on": date(2027, 12, 31),
}


def drawn_up(
    db: Session,
    wanted: Wish | None = None,
    *,
    delegator: Party = MARGELLE,
    now: datetime = NOW,
    created_by: str = "",
) -> Delegation:
    """A draft."""
    return draft(
        db,
        now,
        SETTINGS,
        delegator=delegator,
        wish=wanted or wish(),
        created_by=created_by or delegator.id,
    )


def errors_of(db: Session, wanted: Wish, **more: Any) -> list[str]:
    """Fields for which a wish is refused."""
    try:
        drawn_up(db, wanted, **more)
    except WishRefused as refused:
        return sorted(refused.errors)
    return []


def sent(db: Session, wanted: Wish | None = None, **more: Any) -> tuple[Delegation, str]:
    """A delegation that waits for an answer, and the secret of its invitation."""
    made = drawn_up(db, wanted, **more)
    return made, send(db, more.get("now", NOW), SETTINGS, made)


def accepted(
    db: Session, wanted: Wish | None = None, by: Delegate = BRISELAME, **more: Any
) -> Delegation:
    """A delegation that was accepted."""
    made, _ = sent(db, wanted, **more)
    accept(db, more.get("now", NOW), made, by)
    return made


def asked(
    db: Session,
    delegation: Delegation,
    service: str = "aat",
    *,
    by: str = BRISELAME.id,
    means: str = "CARD",
    now: datetime = NOW,
) -> str:
    """What an act by this delegation comes to: its level, or why it is refused."""
    try:
        granted: Authorised = authorise(
            db,
            now,
            SETTINGS,
            delegation_id=delegation.id,
            delegate_id=by,
            service=service,
            means=means,
        )
    except DelegationRefused as refused:
        return refused.reason
    return granted.level


def told(db: Session) -> list[tuple[str, str, str]]:
    """Kind, recipient and subject of what was written, in order."""
    return [(each.kind, each.recipient, each.subject) for each in messages_after(db)]
