"""The services of the catalogue and the policy of each, as data (EC-08, EC-09).

Means and ways of signing in are those that each service is registered with: there is one truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from relying_services.registrations import REGISTRATIONS, Registration
from relying_services.service.settings import MEANS

_BY_NAME = {each.client_id: each for each in REGISTRATIONS}


@dataclass(frozen=True)
class Entry:
    """One service."""

    registration: Registration
    what_for: LazyString
    is_sensitive: bool
    """A sensitive service takes no password (EC-09)."""
    own_access: LazyString | None = None
    """The service's own way in, beside the provider's means; a sensitive service has none."""

    @property
    def means(self) -> frozenset[str]:
        """By which people may sign in."""
        return frozenset(self.registration.means) or MEANS


@dataclass(frozen=True)
class Group:
    """Services of one kind."""

    title: LazyString
    entries: Sequence[Entry]
    """None where services of this kind exist, and none is simulated here."""


def _entry(
    client_id: str,
    what_for: LazyString,
    *,
    is_sensitive: bool = True,
    own_access: LazyString | None = None,
) -> Entry:
    return Entry(_BY_NAME[client_id], what_for, is_sensitive, own_access)


CATALOGUE = (
    Group(
        _l("Services de l’Assurance Maladie"),
        (
            _entry("espacepro", _l("Téléservices, et leur délégation sous sa propre identité.")),
            _entry(
                "mon_compte",
                _l("Informations, paiements, activité, imprimés et contact, en cinq onglets."),
                is_sensitive=False,
                own_access=_l("identifiant et mot de passe, là où le service les accepte"),
            ),
            _entry("billing", _l("Facturer au nom du médecin remplacé, sur son poste.")),
        ),
    ),
    Group(
        _l("Messageries médicales"),
        (_entry("messaging", _l("Écrire à un confrère : la carte seule identifie.")),),
    ),
    Group(_l("Mon espace santé"), ()),
    Group(
        _l("Coordination des soins"),
        (
            _entry(
                "regulation", _l("Service d’accès aux soins (SAS) : prendre et clore un appel.")
            ),
            _entry("oncology", _l("Dossiers discutés en réunion à distance (eRCP).")),
        ),
    ),
)
"""As the professions are told which services take their identity (EC-08)."""
