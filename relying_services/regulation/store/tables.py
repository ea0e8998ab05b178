"""The tables of the service, and where their migrations lie."""

from pathlib import Path

from relying_services.regulation.store.models import Base
from relying_services.service.store.database import Tables

TABLES = Tables("regulation", Base.metadata, Path(__file__).with_name("migrations"))
