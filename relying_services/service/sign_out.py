"""Signing out of a service: by who is signed in, or by the provider whose session ended."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from relying_services.service import csrf, provider, trace
from relying_services.service.logout_token import LogoutTokenRefused
from relying_services.service.service import this_service, who
from relying_services.service.sign_in import bp
from relying_services.service.store.sessions import end_of_provider, end_session


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget the person here, then end the session at the provider (RP-Initiated Logout 1.0).

    Who is not signed in here any more may be so there: without a token, the provider asks first.
    """
    row, service = who(), this_service()
    if row is None:
        # Pressed twice, or after a cut: nobody waited for the provider, or it was told nothing.
        return _leave_provider(client_id=service.settings.client_id)
    with service.store.begin() as db:
        end_session(db, row)
        service.note(db, trace.Actor.of(row), "session:closed")
    csrf.forget_all_else()
    if row.id_token is None:
        return render_template("service/signed_out.html")
    return _leave_provider(id_token_hint=row.id_token)


@bp.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Where the provider sends the browser after a logout."""
    provider.psc().validate_logout_response()
    return render_template("service/signed_out.html")


@bp.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """The provider says that a session of it ended (OpenID Connect Back-Channel Logout 1.0).

    It has no browser, and so no cookie and no form of ours: the signed token is the whole proof.
    """
    service = this_service()
    try:
        claims = service.logout_tokens.accept(
            request.form.get("logout_token", ""),
            issuer=service.settings.issuer,
            keys=lambda anew: provider.psc().fetch_jwk_set(force=anew),
        )
    except LogoutTokenRefused as error:
        return {"error": "invalid_request", "error_description": str(error)}, 400
    with service.store.begin() as db:
        for row in end_of_provider(db, sid=claims.get("sid"), sub=claims.get("sub")):
            service.note(db, trace.Actor.of(row), "session:ended")
    return ""


def _leave_provider(**told: str) -> ResponseReturnValue:
    response: ResponseReturnValue = provider.psc().logout_redirect(
        post_logout_redirect_uri=provider.here("sign_in.signed_out"), **told
    )
    return response
