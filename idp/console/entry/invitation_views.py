"""An invitation: whoever holds its address makes a key or a password their way in, once."""

import base64
from http import HTTPStatus

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.keys import console_party
from idp.console.entry.passwords import (
    hash_password,
    matching_step,
    totp_address,
    totp_secret,
)
from idp.console.entry.proof import LONGEST_PASSWORD, count_attempt
from idp.console.entry.views import let_in
from idp.keys.sealing import sha256
from idp.outbox.qr_image import draw_qr
from idp.provider import Provider, current_provider
from idp.security_keys.errors import KeyRefused
from idp.security_keys.options import registration_options
from idp.security_keys.parties import OPERATOR, Holder, bound_to
from idp.security_keys.registration import register_key
from idp.store.models import Operator
from idp.store.operators import (
    TOTP_SEAL,
    end_sessions_of,
    find_invitation,
    set_password,
    take_invitation,
)
from idp.web.cookies import browser_secret
from idp.web.errors import Told

bp = Blueprint("invitation", __name__, url_prefix="/invitation")
_PURPOSE = "operator-invitation"
_KEY_NAME = lazy_gettext("Première clé")
_GROUP = 4


class InvitationGone(Told):
    """It opens nothing: used, replaced, too old, or never made."""

    def __init__(self) -> None:
        text = _(
            "Cette invitation n’est plus valable : elle a servi, elle est trop ancienne, ou une "
            "autre la remplace. Demandez-en une nouvelle à un administrateur de la console."
        )
        super().__init__(HTTPStatus.GONE, text)


@bp.get("/<secret>")
def invitation(secret: str) -> ResponseReturnValue:
    """Ask how they will come in from now on."""
    return _page(secret, _invited(secret))


@bp.get("/<secret>/cle/options")
def key_options(secret: str) -> ResponseReturnValue:
    """What the browser asks the key to make."""
    operator, provider = _invited(secret), current_provider()
    with provider.store.begin() as db:
        options = registration_options(
            provider,
            db,
            console_party(provider.settings),
            Holder(OPERATOR, operator.name),
            called=operator.name,
            binding=_binding(secret),
        )
    return Response(options, mimetype="application/json")


@bp.post("/<secret>/cle")
def join_by_key(secret: str) -> ResponseReturnValue:
    """Keep the key, and come in."""
    operator, provider = _invited(secret), current_provider()
    refused: KeyRefused | None = None
    with provider.store.begin() as db:
        try:
            register_key(
                provider,
                db,
                console_party(provider.settings),
                Holder(OPERATOR, operator.name),
                answer=request.form.get("answer", ""),
                binding=_binding(secret),
                name=str(_KEY_NAME),
                vouched_by={"means": "invitation"},
            )
            _join(provider, db, secret, "key")
        except KeyRefused as error:  # caught inside: the journal keeps it
            refused = error
    if refused is not None:
        return _page(secret, operator, error=refused.text, field="key"), HTTPStatus.FORBIDDEN
    return let_in(operator.name, "key")


@bp.post("/<secret>/mot-de-passe")
def join_by_password(secret: str) -> ResponseReturnValue:
    """Keep the password and the authenticator, and come in."""
    operator, provider = _invited(secret), current_provider()
    password = request.form.get("password", "")
    error, field = _fault_of(provider, operator, password, request.form.get("again", ""))
    now, totp = provider.clock.now(), _totp(provider, secret)
    step = matching_step(totp, request.form.get("code", ""), now)
    if not error and step is None:
        error, field = _("Ce code ne correspond pas : saisissez celui affiché maintenant."), "code"
    if error or step is None:
        return _page(secret, operator, error=error, field=field), HTTPStatus.BAD_REQUEST
    hashed = hash_password(password, provider.settings.operator_password_cost)
    sealed = provider.sealer.seal(totp.encode(), purpose=TOTP_SEAL)
    with provider.store.begin() as db:
        _join(provider, db, secret, "password")
        set_password(db, operator.name, password_hash=hashed, totp_sealed=sealed, totp_step=step)
    return let_in(operator.name, "password")


def _invited(secret: str) -> Operator:
    """Whom the invitation was made for.

    Raises:
        InvitationGone: nobody, or not any more.
        TooManyEntries: this address tried too many.
    """
    provider = current_provider()
    with provider.store.read() as db:
        operator = find_invitation(db, sha256(secret), now=provider.clock.now())
    if operator is None:
        count_attempt(provider, "invitation")
        raise InvitationGone
    return operator


def _join(provider: Provider, db: Session, secret: str, means: str) -> None:
    """Spend the invitation: of two who hold it, one comes in, and nobody who was there before."""
    now = provider.clock.now()
    operator = take_invitation(db, sha256(secret), now=now)
    if operator is None:
        raise InvitationGone
    end_sessions_of(db, operator.name, now=now)
    who = f"operator:{operator.name}"
    record(db, Event.OPERATOR_JOINED, now=now, actor=who, operator=operator.name, means=means)


def _fault_of(provider: Provider, operator: Operator, password: str, again: str) -> tuple[str, str]:
    """What is wrong with a password, and in which field; nothing where it will do."""
    least = provider.settings.operator_password_length
    if len(password) < least:
        text = _("Choisissez au moins %(least)s caractères, par exemple une phrase.", least=least)
        return text, "password"
    if len(password) > LONGEST_PASSWORD:
        return _("Ce mot de passe est trop long."), "password"
    if operator.name in password.lower():
        return _("Le mot de passe ne doit pas contenir votre nom."), "password"
    if password != again:
        return _("Les deux saisies diffèrent."), "again"
    return "", ""


def _totp(provider: Provider, secret: str) -> str:
    """The authenticator's secret of an invitation: the same however often its page is loaded.

    In another browser it is another one: who saw the address on its way knows nothing of it.
    """
    material = f"{secret}\n{browser_secret()}".encode()
    return totp_secret(provider.sealer.keyed_hash(material, purpose=_PURPOSE))


def _binding(secret: str) -> bytes:
    return bound_to(browser_secret(), f"invitation {sha256(secret).hex()}")


def _page(secret: str, operator: Operator, *, error: object = "", field: str = "") -> str:
    provider = current_provider()
    totp = _totp(provider, secret)
    issuer = f"{provider.settings.service_name} – console"
    picture = draw_qr(totp_address(totp, name=operator.name, issuer=issuer))
    return render_template(
        "console/entry/invitation.html",
        secret=secret,
        name=operator.name,
        picture=base64.b64encode(picture).decode(),
        typed=" ".join(totp[i : i + _GROUP] for i in range(0, len(totp), _GROUP)),
        least=provider.settings.operator_password_length,
        error=error,
        field=field,
    )
