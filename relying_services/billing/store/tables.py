"""Every table of the workstation, and where its migrations lie."""

from pathlib import Path

from relying_services.billing.store.models import Base
from relying_services.service.store.database import Tables

TABLES = Tables("billing", Base.metadata, Path(__file__).with_name("migrations"))
