"""Forms that other sites forge are refused: each form carries a text that only our pages know."""

import hmac
import secrets

from flask import Flask, current_app, request, session
from markupsafe import Markup

from relying_services.service.errors import FormForged

_NAME = "csrf"
_EXEMPT = "csrf_exempt"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def init_app(app: Flask, *, exempt: frozenset[str]) -> None:
    """Check every posted form but those of the endpoints named, which take no cookie."""
    app.extensions[_EXEMPT] = exempt
    app.before_request(check)
    app.add_template_global(field, "csrf_field")


def exempt(app: Flask, endpoint: str) -> None:
    """An endpoint that programs call, and that looks at no cookie."""
    app.extensions[_EXEMPT] = app.extensions[_EXEMPT] | {endpoint}


def field() -> Markup:
    """The hidden field of a form."""
    token = session.setdefault(_NAME, secrets.token_urlsafe(24))
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def forget_all_else() -> None:
    """Forget what this browser's cookie holds but the text of forms, so that a second press counts.

    A sign-in forgets it as well: the next person's forms have another.
    """
    token = session.get(_NAME)
    session.clear()
    if token is not None:
        session[_NAME] = token


def check() -> None:
    """Hold a request that changes something to the token of the browser's own pages.

    Raises:
        FormForged: it has none, or another.
    """
    if request.method in _SAFE or request.endpoint in current_app.extensions[_EXEMPT]:
        return
    expected, given = str(session.get(_NAME, "")), request.form.get(_NAME, "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormForged
