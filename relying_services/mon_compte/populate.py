"""Filling the database with invented accounts, a few batches for any number (MA-09)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from relying_services.clock import Clock
from relying_services.mon_compte.invented import (
    MOST_ACCOUNTS,
    Holder,
    Inventor,
    Rows,
    Volume,
    holder_at,
)
from relying_services.mon_compte.store.accounts import known_owners
from relying_services.mon_compte.store.populating import next_numbers, write_rows
from relying_services.paris import day_of
from relying_services.service.store.database import Store

_BATCH = 5_000
"""Accounts of one transaction."""


class TooManyAccounts(ValueError):
    """More accounts than there are invented billing numbers."""


@dataclass
class Populated:
    """What was written."""

    accounts: int = 0
    rows: int = 0
    seconds: float = 0.0


def populate(
    store: Store,
    clock: Clock,
    *,
    accounts: int,
    seed: int,
    volume: Volume,
    people: Sequence[Holder] = (),
) -> Populated:
    """Invent the accounts that do not exist yet.

    Args:
        store: of the account service.
        clock: tells until which day they were paid.
        accounts: how many invented holders.
        seed: the same rows for the same one, on the same day.
        volume: how much for each.
        people: holders besides, for instance those who can sign in.

    Raises:
        TooManyAccounts: more than can be invented.
    """
    if accounts > MOST_ACCOUNTS:
        raise TooManyAccounts(f"at most {MOST_ACCOUNTS} accounts can be invented")
    done, begun = Populated(), clock.now()
    holders: Iterator[Holder] = chain(people, (holder_at(place) for place in range(accounts)))
    while batch := list(islice(holders, _BATCH)):
        with store.begin() as db:
            known = known_owners(db, [each.owner for each in batch])
            payment, invoice = next_numbers(db)
            today = day_of(clock.now())
            inventor = Inventor(seed, today, volume, payment=payment, invoice=invoice)
            rows = Rows()
            for each in batch:
                if each.owner not in known:
                    inventor.add(rows, each)
            for table, written in rows.tables():
                write_rows(db, table, written)
                done.rows += len(written)
        done.accounts += len(rows.accounts)
    done.seconds = (clock.now() - begun).total_seconds()
    return done
