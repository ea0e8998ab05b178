"""Every table of the account, and where its migrations lie."""

from pathlib import Path

from relying_services.mon_compte.store import credential_models, models
from relying_services.service.store.database import Tables

_MODULES = (models, credential_models)

TABLES = Tables("mon_compte", _MODULES[0].Base.metadata, Path(__file__).with_name("migrations"))
