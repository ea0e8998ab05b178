"""Structured logs: one JSON line a request, with its id and without secrets.

Lines carry the route (the pattern of the address), never the path's values or the query.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, got_request_exception, request

from idp.clock import monotonic
from idp.provider import current_provider

REDACTED = "[redacted]"
_SECRET_NAMES = re.compile(
    r"secret|password|passwd|authorization|cookie|assertion|master_key|(^|_)(pin|otp|code|token|jwt"
    r"|roll|completion|nonce|state|signature|verifier|proof|evaluation|share)s?$"
)
_SECRET_TEXT = re.compile(
    r"eyJ[\w-]{8,}(\.[\w-]*){1,4}"  # a JWS or JWE
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password of an address
    r"|(?i:(?<=bearer )|(?<=basic ))[\w.~+/=-]{8,}"
    r"|(?i:(?<=secret=)|(?<=code=)|(?<=token=)|(?<=pin=)|(?<=assertion=)|(?<=password=)"
    r"|(?<=completion=))[^&\s'\"]+"
)


def init_app(app: Flask) -> None:
    """Log every request of this application, and what goes wrong in it."""
    configure(app.extensions["ecps"].settings.log_level)
    # Flask's own line for an exception names the whole path: ours replaces it.
    app.logger.disabled = True
    app.before_request(_start)
    app.after_request(_log_request)
    got_request_exception.connect(_log_exception, app)


def configure(level: str) -> None:
    """Write JSON lines to standard error; once a process, again harmless."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # Asked for at each line: tests and supervisors may have replaced the stream.
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Last door before the log: hide values whose name or shape is a secret's."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name.lower()):
        return REDACTED
    if isinstance(value, str):
        return _SECRET_TEXT.sub(REDACTED, value)
    if isinstance(value, dict):
        return {str(inner): _redacted(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(name, item) for item in value]
    return value


def _start() -> None:
    g.started = monotonic()


def _log_request(response: Response) -> Response:
    structlog.get_logger().info(
        "request",
        request_id=g.get("request_id"),
        issuer=current_provider().settings.issuer,
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        ms=round((monotonic() - g.started) * 1000, 2) if "started" in g else None,
        address=request.remote_addr,
    )
    return response


def _log_exception(_app: Flask, exception: BaseException) -> None:
    frames = traceback.extract_tb(exception.__traceback__)
    structlog.get_logger().error(
        "exception",
        request_id=g.get("request_id"),
        route=request.url_rule.rule if request.url_rule else None,
        kind=type(exception).__qualname__,
        # SQLAlchemy puts a statement's parameters on its later lines.
        message=str(exception).partition("\n")[0][:500],
        trace=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )
