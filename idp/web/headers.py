"""Strict response headers on everything, with the one exception pages may ask for."""

from flask import Flask, Response, g, request

from idp.provider import current_provider

_STATIC_AGE = 3600


def init_app(app: Flask) -> None:
    """Attach the headers to every response."""
    app.after_request(_protect)


def allow_form_target(redirect_origin: str) -> None:
    """Let a posted form lead to this origin: Chromium applies form-action to redirects."""
    g.form_targets = f" {redirect_origin}"


def _protect(response: Response) -> Response:
    targets = g.get("form_targets", "")
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action 'self'{targets}; frame-ancestors 'none'; base-uri 'none'",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Request-Id"] = g.get("request_id", "")
    # The public address decides: a proxy may end TLS. Never in development, where it would hold
    # for every port of localhost.
    settings = current_provider().settings
    if settings.secure_cookies and not settings.dev:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = f"public, max-age={_STATIC_AGE}"
    else:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
