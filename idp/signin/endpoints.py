"""The authorization endpoint, as the browser reaches it, and the front door."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.oauth.authorization.authorize import (
    AuthorizationPageError,
    AuthorizationRedirectError,
    fail,
    validate,
)
from idp.provider import current_provider
from idp.signin.blueprint import bp
from idp.signin.interactions import begin_interaction
from idp.signin.resolve import answer_at_once, find_rule
from idp.store.clients import find_client
from idp.web.cookies import browser_hash
from idp.web.errors import error_page


@bp.get("/")
def home() -> ResponseReturnValue:
    """What this is, for somebody who came by the front door."""
    settings = current_provider().settings
    discovery = f"{settings.issuer}/.well-known/openid-configuration"
    return render_template(
        "home.html",
        issuer=settings.issuer,
        discovery=discovery,
        portal=f"{settings.wallet_base_url}/portail",
    )


@bp.get("/accessibilite")
def accessibility() -> ResponseReturnValue:
    """The accessibility statement that every page links to."""
    return render_template("accessibility.html")


@bp.route("/auth", methods=["GET", "POST"])
@bp.route("/auth/", methods=["GET", "POST"])
def authorize() -> ResponseReturnValue:
    """Answer a request at once where the session allows, else open its pages (Core 3.1.2).

    A posted request comes from another site, so without our cookies: it is only kept, and the
    page it leads to decides.
    """
    provider = current_provider()
    is_posted = request.method == "POST"
    try:
        with provider.store.begin() as db:
            parameters = request.form if is_posted else request.args
            # Held here, the row is read once: the check of the request finds it in the session.
            client = find_client(db, parameters.get("client_id", ""))
            asked = validate(provider, db, parameters)
            if client is not None and not is_posted:
                rule, session = find_rule(provider, db, asked, client, provider.clock.now())
                answer = answer_at_once(provider, db, asked, client, rule=rule, session=session)
                if answer is not None:
                    return answer
            browser = None if is_posted else browser_hash()
            handle = begin_interaction(provider, db, asked, browser=browser)
    except AuthorizationPageError as error:
        return error_page(HTTPStatus.BAD_REQUEST, text=error.message)
    except AuthorizationRedirectError as error:
        return fail(provider, error, error.error, error.description)
    return redirect(url_for("signin.show", handle=handle), HTTPStatus.SEE_OTHER)


def alias() -> ResponseReturnValue:
    """`{issuer}/protocol/openid-connect/auth` (decision 4); cookies belong to the pages' host."""
    settings = current_provider().settings
    if settings.wallet_base_url == settings.base_url:
        return authorize()
    query = request.query_string.decode()
    return redirect(f"{settings.wallet_base_url}/auth?{query}", HTTPStatus.TEMPORARY_REDIRECT)
