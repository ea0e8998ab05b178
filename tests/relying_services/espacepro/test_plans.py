"""No statement of EspacePro reads a table that grows from end to end (MA-09)."""

from relying_services.espacepro.delegations import (
    by_invitation,
    created_by_cpam,
    current_of_delegate,
    drawn_up_by,
    lapse,
    made_by,
    of_delegate,
    of_delegator,
    own,
    refuse,
    revoke,
)
from relying_services.espacepro.store.directory import forget_some
from relying_services.espacepro.store.licences import licences_of
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import (
    BRISELAME,
    COQUELUNE,
    CPAM,
    DRAPEYRON,
    FLAMBERGE,
    MARGELLE,
    NOW,
    SECRETARY,
    accepted,
    asked,
    drawn_up,
    first_wish,
    sent,
    wish,
)
from tests.relying_services.plans import scanned, watched


def test_every_query_goes_along_an_index(store: Store) -> None:
    """MA-09: a request costs the same however many delegations and professionals there are."""
    with watched(store.engine) as statements, store.begin() as db:
        made = accepted(db)
        asked(db, made)
        accepted(db, first_wish(FLAMBERGE.id, "FLAMBERGE", "Hortense"), FLAMBERGE)
        accepted(db, wish(**SECRETARY), DRAPEYRON, created_by=CPAM)
        drawn_up(db, first_wish(COQUELUNE, "COQUELUNE", "Maïwenn", email="etudiante@exemple.test"))
        waiting, secret = sent(db)
        by_invitation(db, NOW, secret)
        refuse(db, NOW, waiting, BRISELAME)
        revoke(db, NOW, own(db, MARGELLE.id, made.id), MARGELLE.id)
        drawn_up_by(db, MARGELLE.id, made.id)
        created_by_cpam(db, made_by(db, CPAM)[0].id)
        of_delegator(db, MARGELLE.id)
        of_delegate(db, BRISELAME.id)
        current_of_delegate(db, NOW, BRISELAME.id)
        licences_of(db, COQUELUNE)
        lapse(db, NOW)
        forget_some(db, older_than=2, limit=5)
    assert len(statements) >= 20
    assert scanned(store.engine, statements) == {}


def test_a_statement_without_an_index_would_be_seen(store: Store) -> None:
    with watched(store.engine) as statements, store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT id FROM delegation WHERE delegate_name = 'X'").all()
    assert list(scanned(store.engine, statements)) == ["delegation"]
