"""The members of a registration as fields of a form, both ways."""

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from idp.console.forms import Form, lines
from idp.oauth.clients.metadata import ALL_SCOPES, ClientMetadata
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.clients.registered import GRANT_TYPES
from idp.oauth.clients.self_metadata import registered_members
from idp.oauth.rules.client_profiles import CLIENT_PROFILES
from idp.provider import Provider
from idp.psc.means import CARD, MOBILE, WEBAUTHN
from idp.store.models import Client

TEXTS = (
    "client_name",
    "backchannel_logout_uri",
    "jwks_uri",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
)
LISTS = ("redirect_uris", "post_logout_redirect_uris", "contacts")
FLAGS: dict[str, Any] = {
    "selected_activity": lazy_gettext("Fait choisir l’activité, et la dit au service"),
    "require_pushed_authorization_requests": lazy_gettext(
        "N’accepte que les demandes poussées (PAR)"
    ),
    "require_signed_request_object": lazy_gettext("N’accepte que les demandes signées"),
    "dpop_bound_access_tokens": lazy_gettext("Lie les jetons à la clé du service (DPoP)"),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "means": (MOBILE, CARD, WEBAUTHN),
    "card_families": ("CPS", "CPF", "CPE", "CPA"),
    "grant_types": GRANT_TYPES,
    "scope": tuple(ALL_SCOPES.split()),
}
ONES: dict[str, tuple[str, ...]] = {
    "profile": tuple(CLIENT_PROFILES),
    "token_endpoint_auth_method": tuple(AUTH_METHODS),
}
WORDS: dict[str, Any] = {
    "MOBILE": lazy_gettext("e-CPS sur téléphone"),
    "CARD": lazy_gettext("carte"),
    "WEBAUTHN": lazy_gettext("clé de sécurité"),
    "authorization_code": lazy_gettext("connexion par navigateur"),
    "refresh_token": lazy_gettext("renouvellement des jetons"),
    "urn:openid:params:grant-type:ciba": lazy_gettext("connexion sans navigateur (CIBA)"),
    "urn:ietf:params:oauth:grant-type:device_code": lazy_gettext("appareil sans clavier"),
    "psc": lazy_gettext("comme Pro Santé Connect"),
    "strict": lazy_gettext("strict : PKCE, sans tolérance"),
    "fapi": lazy_gettext("FAPI 2.0 : jetons liés, demandes poussées"),
    "none": lazy_gettext("aucune : service public, avec PKCE"),
    "client_secret_basic": lazy_gettext("secret, en-tête Basic"),
    "client_secret_post": lazy_gettext("secret, dans le formulaire"),
    "client_secret_jwt": lazy_gettext("secret qui signe"),
    "private_key_jwt": lazy_gettext("clé privée qui signe"),
    "tls_client_auth": lazy_gettext("certificat d’une autorité"),
    "self_signed_tls_client_auth": lazy_gettext("certificat autosigné"),
}
_KEYS = "jwks"


def begun() -> dict[str, str]:
    """What the form of a new service proposes."""
    chosen = {
        "means": CHOICES["means"],
        "scope": CHOICES["scope"],
        "grant_types": CHOICES["grant_types"][:2],
    }
    return {
        "profile": "psc",
        "token_endpoint_auth_method": "client_secret_basic",
        **{box(name, value): "1" for name, values in chosen.items() for value in values},
    }


def box(name: str, value: str) -> str:
    """The name of a check box."""
    return f"{name}={value}"


def fields_of(client: Client) -> dict[str, str]:
    """A registration as the form shows it."""
    known = _current(client)
    chosen = {
        box(name, value): "1"
        for name in CHOICES
        for value in (known[name].split() if name == "scope" else known[name] or ())
    }
    keys = known[_KEYS]
    return {
        **{name: known[name] or "" for name in TEXTS},
        **{name: "\n".join(known[name]) for name in LISTS},
        **{name: "1" for name in FLAGS if known[name]},
        **{name: known[name] for name in ONES},
        **chosen,
        _KEYS: json.dumps(keys, indent=2) if keys else "",
        "development": "1" if known["development"] else "",
    }


def members_of(provider: Provider, form: Form) -> dict[str, Any]:
    """What the form registers, each member that it has a field for; errors are noted on it."""
    members: dict[str, Any] = {name: form[name] or None for name in TEXTS}
    members |= {name: lines(form[name]) for name in LISTS}
    members |= {name: bool(form[name]) for name in FLAGS}
    members |= {
        name: [value for value in values if form[box(name, value)]]
        for name, values in CHOICES.items()
    }
    members |= {
        name: form.choice(name, values, _("Choisissez une valeur de la liste."))
        for name, values in ONES.items()
    }
    if not members["means"]:
        form.refuse("means", _("Choisissez au moins un moyen de connexion."))
    if not members["scope"]:
        form.refuse("scope", _("Choisissez au moins une portée."))
    return members | {
        "client_name": form["client_name"],
        "scope": " ".join(members["scope"]),
        "card_families": members["card_families"] or None,
        "development": provider.is_simulation and bool(form["development"]),
        _KEYS: _keys(form),
    }


def changes_of(client: Client, members: dict[str, Any]) -> dict[str, Any]:
    """The members that would change; values that the form does not offer stay."""
    known = _current(client)
    whole = members | {name: _with_unoffered(name, known[name], members[name]) for name in CHOICES}
    return {name: value for name, value in whole.items() if _is_other(name, value, known[name])}


def _with_unoffered(name: str, known: Any, chosen: Any) -> Any:
    if known is None or chosen is None:
        return chosen
    if name == "scope":
        return " ".join(_with_unoffered("", known.split(), chosen.split()))
    offered = {value for values in CHOICES.values() for value in values}
    return [*chosen, *(value for value in known if value not in offered)]


def _is_other(name: str, value: Any, known: Any) -> bool:
    """Whether a value differs; what is chosen has no order."""
    if name not in CHOICES or value is None or known is None:
        return bool(value != known)
    split = str.split if name == "scope" else sorted
    return sorted(split(value)) != sorted(split(known))


def _current(client: Client) -> dict[str, Any]:
    """Every member, its default where it was left there."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in ClientMetadata.model_fields.items()
    }
    return defaults | registered_members(client)


def _keys(form: Form) -> Any:
    typed = form[_KEYS]
    if not typed:
        return None
    try:
        keys = json.loads(typed)
    except (ValueError, RecursionError):
        keys = None
    if not isinstance(keys, dict):
        form.refuse(_KEYS, _('Collez un jeu de clés JSON, qui commence par {"keys": [.'))
        return None
    return keys
