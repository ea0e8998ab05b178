"""What each service asks of the provider: its registration, as plain data.

Whoever registers them needs no import: `python -m relying_services registrations` prints it.
"""

from dataclasses import dataclass
from typing import Any

_WITH_CIBA = [
    "authorization_code",
    "urn:openid:params:grant-type:ciba",
    "refresh_token",
]


@dataclass(frozen=True)
class Registration:
    """One service, as the provider must know it.

    Attributes:
        client_id: and name of its package.
        name: that people are shown.
        offset: of its port from the base (decision 4).
        means: by which it lets people in; all where it names none (EP-16).
        ciba: whether it signs people in without a browser.
    """

    client_id: str
    name: str
    offset: int
    means: tuple[str, ...] = ()
    ciba: bool = False

    def at(self, port_base: int) -> dict[str, Any]:
        """The metadata of the client (OpenID Connect Dynamic Client Registration 1.0, 2)."""
        url = f"http://localhost:{port_base + self.offset}"
        return {
            "client_id": self.client_id,
            "client_name": self.name,
            "redirect_uris": [f"{url}/callback"],
            "post_logout_redirect_uris": [f"{url}/signed-out"],
            "backchannel_logout_uri": f"{url}/backchannel-logout",
            **({"means": list(self.means)} if self.means else {}),
            **({"grant_types": _WITH_CIBA} if self.ciba else {}),
        }


REGISTRATIONS = (
    Registration("catalogue", "Catalogue des services", 8),
    Registration("espacepro", "EspacePro", 9),
    Registration("mon_compte", "Mon compte", 10),
    Registration("billing", "Poste de facturation", 11, means=("CARD",)),
    Registration("messaging", "Messagerie sécurisée de santé", 12, means=("CARD",)),
    Registration("regulation", "Plateforme de régulation", 13),
    Registration("oncology", "Réseau d’oncologie", 14, ciba=True),
)
