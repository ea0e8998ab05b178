"""What the console changes of services, on the one path of every registration."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.attempt import nothing_more
from idp.console.entry.roles import ADMINISTRATOR
from idp.console.services.refusals import told
from idp.oauth.clients.dynamic_registration import secret_for
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.operator_changes import (
    ClientUnknown,
    change_members,
    disable,
    enable,
    remove,
    renew_secret,
)
from idp.oauth.clients.registration import register_at
from idp.portal.client import refuse_portal
from idp.provider import Provider
from idp.store.clients import find_client

CREDENTIALS = frozenset(
    {
        "jwks",
        "jwks_uri",
        "redirect_uris",
        "post_logout_redirect_uris",
        "token_endpoint_auth_method",
        "profile",
        "grant_types",
        "development",
        "scope",
        "means",
        "card_families",
        "backchannel_logout_uri",
        "dpop_bound_access_tokens",
        "require_signed_request_object",
        "require_pushed_authorization_requests",
    }
)
"""Members whose change could hand people's sign-ins to somebody else, tell a service more of them,
or take away what protects them: two operators agree."""


@contextmanager
def _refusals(client_id: str) -> Iterator[None]:
    try:
        refuse_portal(client_id)
        yield
    except ClientMetadataRefused as error:
        raise ActImpossible(told(str(error))) from error
    except ClientUnknown as error:
        raise ActImpossible(_("Ce service n’est plus enregistré.")) from error


def _add(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    values = dict(arguments["members"])
    secret = secret_for(values)
    with _refusals(subject):
        if find_client(db, subject) is not None:
            raise ActImpossible(_("Un service porte déjà cet identifiant."))
        asked = values | {"client_id": subject, "client_secret": secret}
        register_at(provider, db, read_metadata(asked))
    return {"client_id": subject, "client_secret": secret} if secret else None


def _change(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with _refusals(subject):
        change_members(provider, db, subject, dict(arguments["members"]))
    return None


def _show_members(arguments: Arguments) -> list[str]:
    members: Mapping[str, Any] = arguments["members"]
    return [f"{name} : {_shown(value)}" for name, value in members.items()]


def _shown(value: Any) -> str:
    if value in (None, [], ""):
        return str(_("aucun"))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _renew(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _refusals(subject):
        secret = renew_secret(provider, db, subject)
    return {"client_id": subject, "client_secret": secret}


def _show_renew(_arguments: Arguments) -> list[str]:
    return [_("Le secret d’avant cesse de valoir aussitôt.")]


def _disable(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _refusals(subject):
        if not disable(provider, db, subject):
            raise ActImpossible(_("Ce service est déjà désactivé."))
    return None


def _enable(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _refusals(subject):
        if not enable(provider, db, subject):
            raise ActImpossible(_("Ce service est déjà en service."))
    return None


def _remove(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _refusals(subject):
        remove(provider, db, subject)
    return None


def _show_remove(_arguments: Arguments) -> list[str]:
    return [_("Ses codes et ses jetons ne valent plus rien. Rien ne se rétablit.")]


ADD = Act(
    "services.add",
    lazy_gettext("Enregistrer un service"),
    ADMINISTRATOR,
    second=True,
    show=_show_members,
    carry_out=_add,
)
CHANGE = Act(
    "services.change",
    lazy_gettext("Modifier un service"),
    ADMINISTRATOR,
    second=False,
    show=_show_members,
    carry_out=_change,
)
CHANGE_CREDENTIALS = Act(
    "services.credentials",
    lazy_gettext("Modifier les adresses, les clés ou le profil d’un service"),
    ADMINISTRATOR,
    second=True,
    show=_show_members,
    carry_out=_change,
)
RENEW_SECRET = Act(
    "services.secret",
    lazy_gettext("Donner un nouveau secret à un service"),
    ADMINISTRATOR,
    second=True,
    show=_show_renew,
    carry_out=_renew,
)
DISABLE = Act(
    "services.disable",
    lazy_gettext("Désactiver un service"),
    ADMINISTRATOR,
    second=False,
    show=nothing_more,
    carry_out=_disable,
)
ENABLE = Act(
    "services.enable",
    lazy_gettext("Remettre un service en service"),
    ADMINISTRATOR,
    second=False,
    show=nothing_more,
    carry_out=_enable,
)
REMOVE = Act(
    "services.remove",
    lazy_gettext("Supprimer un service"),
    ADMINISTRATOR,
    second=True,
    show=_show_remove,
    carry_out=_remove,
)
ACTS = (ADD, CHANGE, CHANGE_CREDENTIALS, RENEW_SECRET, DISABLE, ENABLE, REMOVE)
BY_NAME = {act.name: act for act in ACTS}


def act_of(changes: Mapping[str, Any]) -> Act:
    """The act that such a change is."""
    return CHANGE_CREDENTIALS if CREDENTIALS & changes.keys() else CHANGE
