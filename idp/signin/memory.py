"""What a browser remembers of the person who signs in in it, and how it forgets them.

The identifier only where the person asked; the means last used, and the mark of a known browser,
by a sign-in of a workstation that is theirs. Whoever uses the same browser can read none of it but
the identifier: so that alone is asked for, and one button forgets all three.
"""

from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from idp.provider import current_provider
from idp.signin.blueprint import bp
from idp.signin.interactions import own_interaction
from idp.signin.throttle import KNOWN_COOKIE
from idp.signin.wording import identifier_or_nothing
from idp.web.cookies import cookie_name, drop_cookie, set_cookie
from idp.web.csrf import require_own_form

IDENTIFIER_COOKIE = "ecps_identifier"
MEANS_COOKIE = "ecps_means"


@bp.post("/signin/<handle>/forget")
def forget(handle: str) -> ResponseReturnValue:
    """Forget the identifier that this browser remembers, and whose browser it is."""
    require_own_form()
    provider = current_provider()
    with provider.store.read() as db:
        own_interaction(provider, db, handle)
    address = url_for("signin.show", handle=handle, oubli="1")
    response = redirect(address, HTTPStatus.SEE_OTHER)
    forget_person(response)
    return response


def remembered_identifier() -> str:
    """The identifier that the person asked this browser to keep; empty where there is none."""
    return identifier_or_nothing(request.cookies.get(cookie_name(IDENTIFIER_COOKIE), ""))


def remember_identifier(response: Response, national_id: str) -> None:
    """Fill the field in at the next sign-in, as the person asked."""
    age = current_provider().settings.browser_memory
    set_cookie(response, IDENTIFIER_COOKIE, national_id, max_age=age)


def remembered_means() -> str:
    """The means of the last sign-in in this browser; empty where it is not known."""
    return request.cookies.get(cookie_name(MEANS_COOKIE), "")


def remember_means(response: Response, means: str) -> None:
    """Offer the same means first at the next sign-in."""
    age = current_provider().settings.browser_memory
    set_cookie(response, MEANS_COOKIE, means, max_age=age)


def forget_identifier(response: Response) -> None:
    """The person no longer asks that the identifier be kept."""
    drop_cookie(response, IDENTIFIER_COOKIE)


def forget_person(response: Response) -> None:
    """Let nothing in this browser tell who signed in in it."""
    for name in (IDENTIFIER_COOKIE, MEANS_COOKIE, KNOWN_COOKIE):
        drop_cookie(response, name)
