"""Server CPU per operation, ours beside node-oidc-provider, in one run.

    python -m bench.bench_signin [--times N] [--database-url URL]

Prints progress to standard error and a JSON report with ratios to standard output.
"""

import argparse
import sys

from bench import node_provider, our_provider
from bench.measure import Report, cold_start, print_report, running

PAIRS = {
    "complete phone sign-in": "node: complete form login",
    "sign-in on a live session": "node: sign-in on a live session",
    "userinfo": "node: userinfo",
    "introspection": "node: introspection",
    "discovery": "node: discovery",
    "refresh": "node: refresh",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="operations a round, for a sign-in")
    parser.add_argument("--database-url", help="PostgreSQL instead of an SQLite file")
    options = parser.parse_args()
    report = Report()
    with our_provider.prepared(options.database_url) as setting:
        start = cold_start(setting.command, answers_at=our_provider.ANSWERS_AT, env=setting.env)
        with running(
            setting.command, answers_at=our_provider.ANSWERS_AT, env=setting.env
        ) as server:
            print("ours", file=sys.stderr)
            our_provider.measure(server, report, setting.phone, times=options.times)
            ours_mb = round(server.memory() / 1e6)
    with node_provider.start() as server:
        print("node-oidc-provider", file=sys.stderr)
        node_provider.measure(server, report, times=options.times)
        node_mb = round(server.memory() / 1e6)
    ratios = {
        ours: round(report.figures[ours] / report.figures[theirs], 2)
        for ours, theirs in PAIRS.items()
    }
    print_report(
        {
            "cpu_ms": report.figures,
            "ratio_to_node": ratios,
            "memory_mb": {"ours": ours_mb, "node": node_mb},
            "cold_start_s": start,
        }
    )


if __name__ == "__main__":
    main()
