"""What the portal says of a security key's state."""

from typing import Any

from flask_babel import lazy_gettext as _

from idp.security_keys.lifecycle import CARD_OPPOSED, COPIED, PHONE_LOST, PHONE_SUSPENDED
from idp.web.words import Words

KEY_STATES = {
    "active": Words("success", _("en service")),
    "suspended": Words("error", _("suspendue")),
}

_ADVICE: dict[str | None, Any] = {
    COPIED: _(
        "Une copie de cette clé semble avoir été utilisée. Supprimez-la et prévenez l’assistance."
    ),
    CARD_OPPOSED: _(
        "La carte avec laquelle vous étiez connecté n’était plus entre vos mains. Si cette clé est "
        "la vôtre, supprimez-la puis ajoutez-la de nouveau."
    ),
    PHONE_LOST: _(
        "Le téléphone avec lequel vous étiez connecté a été perdu. Si cette clé est la vôtre, "
        "supprimez-la puis ajoutez-la de nouveau."
    ),
    PHONE_SUSPENDED: _(
        "Le téléphone avec lequel vous étiez connecté a été suspendu. Si cette clé est la vôtre, "
        "supprimez-la puis ajoutez-la de nouveau."
    ),
}
_OTHERWISE = _("Supprimez-la puis ajoutez-la de nouveau.")


def advice_on(reason: str | None) -> Any:
    """Why a key is suspended, and what its holder does about it."""
    return _ADVICE.get(reason, _OTHERWISE)
