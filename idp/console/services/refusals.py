"""Refused registrations in the operator's words, at the field that is to be mended.

The rules and their messages are those of the registration itself (`idp/oauth/clients/metadata`),
in English for developers; those that a form can provoke are told here in words of the page. What
has no words here is shown as the rule wrote it.
"""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from idp.console.forms import Form

_TOLD: tuple[tuple[str, str, Any], ...] = (
    ("client_id", r"client_id: String", lazy_gettext("L’identifiant a des caractères interdits.")),
    ("client_id", r"portail is", lazy_gettext("Cet identifiant est celui du portail.")),
    (
        "redirect_uris",
        r"authorization_code needs at least one",
        lazy_gettext("Donnez au moins une adresse de retour, pour les navigateurs."),
    ),
    ("jwks", r"private_key_jwt needs jwks", lazy_gettext("Cette méthode demande des clés.")),
    (
        "jwks",
        r"exclude each other",
        lazy_gettext("Donnez les clés, ou leur adresse, pas les deux."),
    ),
    ("jwks", r"jwks cannot be read", lazy_gettext("Ce jeu de clés ne se lit pas (RFC 7517).")),
    (
        "jwks",
        r"holds a private key",
        lazy_gettext("Ce jeu contient une clé privée : ne donnez que des clés publiques."),
    ),
    ("jwks", r"RSA key of less", lazy_gettext("Une clé RSA a au moins 2048 bits.")),
    (
        "token_endpoint_auth_method",
        r"authenticates by",
        lazy_gettext("Le profil choisi n’admet pas cette authentification."),
    ),
    (
        "token_endpoint_auth_method",
        r"needs a secret that",
        lazy_gettext("Cette authentification veut un secret : enregistrez le service de nouveau."),
    ),
    (
        "token_endpoint_auth_method",
        r"tls_client_auth needs",
        lazy_gettext("L’authentification par certificat s’enregistre par la commande client add."),
    ),
    (
        "dpop_bound_access_tokens",
        r"needs dpop_bound_access_tokens",
        lazy_gettext("Le profil choisi veut des jetons liés : cochez DPoP."),
    ),
    (
        "development",
        r"no development client",
        lazy_gettext("Une base réelle n’a pas de service de développement."),
    ),
    (
        "subject_type",
        r"sector_identifier_uri is needed",
        lazy_gettext("Les adresses de retour ont plusieurs hôtes : le sub par secteur en veut un."),
    ),
)
_ADDRESSES: tuple[tuple[str, Any], ...] = (
    (r"is not an absolute", lazy_gettext("doit être une adresse complète")),
    (r"has a fragment", lazy_gettext("ne doit pas avoir de fragment (#)")),
    (r"user part, a wildcard", lazy_gettext("contient un utilisateur, une étoile ou une espace")),
    (r"no host that", lazy_gettext("n’a pas de nom d’hôte")),
    (r"default port to be called", lazy_gettext("doit être en https, au port habituel")),
    (r"must be https", lazy_gettext("doit être en https, ou en http sur localhost")),
)
_WITH_ADDRESSES = (
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "jwks_uri",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
)
_QUOTED = re.compile(r"'([^']*)'")


def told(message: str) -> str:
    """A refusal in words."""
    address = _address_of(message)
    for pattern, text in _ADDRESSES:
        if address and re.search(pattern, message):
            return f"« {address} » {text}."
    for _field, pattern, text in _TOLD:
        if re.search(pattern, message):
            return str(text)
    return str(_("L’enregistrement est refusé : %(reason)s.", reason=message))


def note(form: Form, message: str) -> None:
    """Note a refusal at the field that it is about."""
    form.refuse(_field_of(form, message), told(message))


def _field_of(form: Form, message: str) -> str:
    address = _address_of(message)
    for name in _WITH_ADDRESSES:
        if address and address in form[name].split():
            return name
    for field, pattern, _text in _TOLD:
        if re.search(pattern, message):
            return field
    return "act"


def _address_of(message: str) -> str:
    found = _QUOTED.search(message)
    return found[1] if found else ""
