"""CPU of each page of the account, with a hundred accounts and with a hundred thousand.

    python bench/bench_mon_compte.py
    python bench/bench_mon_compte.py --accounts 100000 --database-url postgresql://…

The application answers in this process, so that its own CPU is counted and nothing else; a page of
the large database may cost more than that of the small one by the factor LIMIT and no more.
"""

import argparse
import tempfile
from time import process_time

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from relying_services.clock import Clock
from relying_services.mon_compte import MonCompteSettings, create_app
from relying_services.mon_compte.invented import Volume, holder_at
from relying_services.mon_compte.populate import populate
from relying_services.service.app import service_of
from relying_services.service.service import HANDLE
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import open_session

LIMIT = 2.0
FEW = 100
ROUNDS = 7
TIMES = 20
PAGES = (
    "/informations",
    "/paiements",
    "/paiements/aide-teletransmission",
    "/paiements/tiers-payant",
    "/paiements/tiers-payant?tri=patient&ordre=asc",
    "/paiements/tiers-payant?tri=facture&ordre=desc",
    "/paiements/tiers-payant?tri=lot&ordre=asc",
    "/activite",
    "/imprimes",
    "/contact",
)


def settings_of(database_url: str) -> MonCompteSettings:
    return MonCompteSettings(
        issuer="http://localhost:8000/auth/realms/esante-wallet",
        client_id="mon_compte",
        client_secret="of this measurement alone",
        base_url="http://localhost:8010",
        database_url=database_url,
    )


def filled(database_url: str, accounts: int, volume: Volume) -> Flask:
    """An account service with so many accounts, each with an open session."""
    app = create_app(settings_of(database_url))
    service = service_of(app)
    begun = process_time()
    done = populate(service.store, Clock(), accounts=accounts, seed=1, volume=volume)
    cpu = process_time() - begun
    print(
        f"{done.accounts} accounts, {done.rows} rows in {done.seconds:.1f} s "
        f"({cpu:.1f} s CPU here, {done.rows / max(done.seconds, 0.001):.0f} rows/s)"
    )
    now = service.clock.now()
    with service.store.begin() as db:
        same = {
            "name": "X",
            "means": "CARD",
            "userinfo": {},
            "activity": {},
            "kept": {},
            "opened_at": now,
            "seen_at": now,
            "ends_at": now + service.settings.limits.absolute,
        }
        rows = [
            same | {"handle": f"session {place}", "actor": holder_at(place).owner}
            for place in range(accounts)
        ]
        db.execute(insert(SessionRow), rows)
    return app


def signed_in(app: Flask, owner: str) -> FlaskClient:
    service = service_of(app)
    with service.store.begin() as db:
        handle = open_session(
            db,
            service.settings.limits,
            service.clock.now(),
            actor=owner,
            name="X",
            means="CARD",
            activity={},
        )
    client = app.test_client()
    with client.session_transaction() as session:
        session[HANDLE] = handle
    return client


def milliseconds(browser: FlaskClient, page: str) -> float:
    """CPU of one page."""
    begun = process_time()
    for _time in range(TIMES):
        browser.get(page)
    return (process_time() - begun) * 1000 / TIMES


def compared(few: FlaskClient, many: FlaskClient) -> dict[str, tuple[float, float]]:
    """CPU of each page with few accounts and with many: by turns, and the least of some rounds,
    which is what the page costs where nothing else disturbs it.
    """
    found = {}
    for page in PAGES:
        assert few.get(page).status_code == many.get(page).status_code == 200, page
        rounds = [(milliseconds(few, page), milliseconds(many, page)) for _ in range(ROUNDS)]
        found[page] = (min(least for least, _ in rounds), min(least for _, least in rounds))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--months", type=int, default=6)
    parser.add_argument("--invoices", type=int, default=2)
    parser.add_argument("--database-url", default="", help="An empty database; SQLite without it.")
    arguments = parser.parse_args()
    volume = Volume(arguments.months, arguments.invoices)
    with tempfile.TemporaryDirectory() as folder:
        small = filled(f"sqlite:///{folder}/few.db", FEW, volume)
        url = arguments.database_url or f"sqlite:///{folder}/many.db"
        large = filled(url, arguments.accounts, volume)
        few = signed_in(small, holder_at(FEW // 2).owner)
        many = signed_in(large, holder_at(arguments.accounts // 2).owner)
        found = compared(few, many)
    for page, (one, other) in found.items():
        print(f"{page:<50} {one:6.2f} ms {other:6.2f} ms CPU")
    slow = [page for page, (one, other) in found.items() if other > LIMIT * one]
    if slow and not arguments.database_url:
        raise SystemExit(f"more than {LIMIT} times as much: {', '.join(slow)}")


if __name__ == "__main__":
    main()
