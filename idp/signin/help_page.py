"""Help for who cannot sign in, whatever the reason: it says the same to everybody."""

from flask import render_template
from flask.typing import ResponseReturnValue

from idp.provider import current_provider
from idp.signin.blueprint import bp


@bp.get("/aide")
def help_page() -> ResponseReturnValue:
    """No e-CPS, a lost phone, a forgotten code, a blocked card, a number not shown."""
    portal = f"{current_provider().settings.wallet_base_url}/portail"
    return render_template("signin/help.html", portal=portal)
