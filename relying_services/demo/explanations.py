"""What a token says, in words."""

from datetime import UTC, datetime
from typing import Any

from authlib.common.encoding import json_loads, urlsafe_b64decode
from flask_babel import lazy_gettext as _l

WORDS = {
    "acr": _l("Niveau de garantie de l’authentification"),
    "aud": _l("Destinataire du jeton"),
    "auth_time": _l("Heure à laquelle la personne s’est authentifiée"),
    "authMode": _l("Moyen utilisé : carte, téléphone ou clé de sécurité"),
    "azp": _l("Service auquel le jeton a été remis"),
    "exp": _l("Fin de validité"),
    "iat": _l("Heure d’émission"),
    "iss": _l("Fournisseur d’identité qui a signé"),
    "jti": _l("Identifiant unique du jeton"),
    "nonce": _l("Valeur qui lie le jeton à la demande de ce navigateur"),
    "preferred_username": _l("Identifiant national"),
    "scope": _l("Ce que le service a le droit de lire"),
    "session_state": _l("Session ouverte chez le fournisseur d’identité"),
    "sid": _l("Session ouverte chez le fournisseur d’identité"),
    "sub": _l("Identifiant de la personne chez le fournisseur d’identité"),
    "typ": _l("Nature du jeton"),
}
_TIMES = frozenset({"auth_time", "exp", "iat", "nbf"})


def in_words(token: str | None) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each member of a JWT; nothing for an opaque token.

    The signature is not looked at: the ID token was verified at sign-in, and an access token is
    for the services it is sent to.
    """
    parts = (token or "").split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
        return []
    payload: dict[str, Any] = json_loads(urlsafe_b64decode(parts[1].encode()).decode())
    return [
        (name, _value(name, value), str(WORDS.get(name, ""))) for name, value in payload.items()
    ]


def _value(name: str, value: Any) -> str:
    if name in _TIMES and isinstance(value, int):
        return f"{value} ({datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    return str(value)
