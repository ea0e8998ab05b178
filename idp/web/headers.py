"""Strict response headers on everything, with the exceptions that pages may ask for."""

from collections.abc import Iterable
from http import HTTPStatus

from flask import Flask, Response, g, request

from idp.provider import current_provider
from idp.web import assets
from idp.web.site import current_site


def init_app(app: Flask) -> None:
    """Attach the headers to every response."""
    app.after_request(_protect)


def allow_form_target(redirect_origin: str) -> None:
    """Let a posted form lead to this origin: Chromium applies form-action to redirects."""
    g.form_targets = f"{g.get('form_targets', '')} {redirect_origin}"


def allow_frames(origins: Iterable[str]) -> None:
    """Let a page hold frames of these origins and of no other."""
    g.frame_sources = " ".join(sorted(set(origins)))


def _protect(response: Response) -> Response:
    targets = g.get("form_targets", "")
    frames = f"frame-src {g.frame_sources}; " if g.get("frame_sources") else ""
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; {frames}form-action 'self'{targets}; "
        "frame-ancestors 'none'; base-uri 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    # The public address decides: a proxy may end TLS. Never in development, where it would hold
    # for every port of localhost.
    if current_site().has_secure_cookies and not current_provider().settings.dev:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    is_found = response.status_code < HTTPStatus.BAD_REQUEST
    if request.endpoint in assets.ENDPOINTS and is_found:
        response.headers["Cache-Control"] = assets.cache_control()
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
