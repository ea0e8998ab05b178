"""The account with many accounts and many users at once: what is answered, and how quickly.

    python -m bench.bench_mon_compte_users --accounts 100000 --users 100 --requests 20
    python -m bench.bench_mon_compte_users --accounts 100000 --database-url postgresql://…

The service runs as it is served, in a process of its own; each user has an account, a session and a
connection, and opens one page after the other without a pause. A request that is answered
otherwise than by the page fails the measurement. CPU is the service's alone (MA-09).
"""

import argparse
import http.client
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from statistics import quantiles

from flask import Flask

from bench.bench_mon_compte import PAGES, filled, settings_of, signed_in
from bench.measure import running
from relying_services.mon_compte.invented import Volume, holder_at

ADDRESS, PORT = "127.0.0.1", 19317


@dataclass
class Seen:
    """What all users saw."""

    seconds: list[float] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)


def cookie_of(app: Flask, owner: str) -> str:
    """The cookie of a browser in which somebody is signed in."""
    found = signed_in(app, owner).get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert found is not None
    return f"{found.key}={found.value}"


def use(cookie: str, requests: int, start: threading.Barrier, seen: Seen) -> None:
    """One user, one connection."""
    connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=60)
    start.wait()
    for place in range(requests):
        page = PAGES[place % len(PAGES)]
        begun = time.perf_counter()
        connection.request("GET", page, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        seen.seconds.append(time.perf_counter() - begun)
        if answer.status != http.client.OK:
            seen.failed.add(f"{answer.status} {page}")
    connection.close()


def together(cookies: list[str], requests: int) -> tuple[Seen, float]:
    """What users see who all begin at once, and how long it takes them."""
    seen, start = Seen(), threading.Barrier(len(cookies) + 1)
    users = [
        threading.Thread(target=use, args=(cookie, requests, start, seen)) for cookie in cookies
    ]
    for user in users:
        user.start()
    start.wait()
    begun = time.perf_counter()
    for user in users:
        user.join()
    return seen, time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--requests", type=int, default=20, help="Of each user.")
    parser.add_argument("--database-url", default="", help="An empty database; SQLite without it.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database_url or f"sqlite:///{folder}/many.db"
        app = filled(url, given.accounts, Volume(6, 2))
        step = given.accounts // given.users
        cookies = [cookie_of(app, holder_at(step * place).owner) for place in range(given.users)]
        command = [sys.executable, "-m", "relying_services.mon_compte", "serve"]
        settings = settings_of(url)
        command += ["--port", str(PORT), "--base-url", settings.base_url, "--database-url", url]
        environment = os.environ | {"MON_COMPTE_CLIENT_SECRET": settings.client_secret}
        command.append("--password-access")
        entrance = f"http://{ADDRESS}:{PORT}/acces"
        with running(command, answers_at=entrance, env=environment) as server:
            before = server.cpu_seconds()
            seen, took = together(cookies, given.requests)
            cpu = (server.cpu_seconds() - before) * 1000 / len(seen.seconds)
    ranks = quantiles(seen.seconds, n=100)
    print(
        f"{len(seen.seconds)} pages to {given.users} users at once in {took:.1f} s: p50 "
        f"{ranks[49] * 1000:.0f} ms, p95 {ranks[94] * 1000:.0f} ms, {cpu:.1f} ms CPU a page"
    )
    if seen.failed:
        raise SystemExit(f"not answered as they must be: {', '.join(sorted(seen.failed))}")


if __name__ == "__main__":
    main()
