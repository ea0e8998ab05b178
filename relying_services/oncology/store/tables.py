"""The tables of the service, and where their migrations lie."""

from pathlib import Path

from relying_services.oncology.store.models import Base
from relying_services.service.store.database import Tables

TABLES = Tables("oncology", Base.metadata, Path(__file__).with_name("migrations"))
