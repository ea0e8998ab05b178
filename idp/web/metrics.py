"""Figures for Prometheus, served on a port of their own (decision 4)."""

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from idp.clock import monotonic

REQUESTS = Counter("ecps_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "ecps_http_request_seconds",
    "Time to answer.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def init_app(app: Flask) -> None:
    """Count every request by its route: the pattern, so that labels stay few."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule else "(none)"
    method = request.method if request.method in _METHODS else "(other)"
    REQUESTS.labels(method, route, response.status_code).inc()
    if "started" in g:
        SECONDS.labels(route).observe(monotonic() - g.started)
    return response
