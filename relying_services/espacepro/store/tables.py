"""Every table of EspacePro, and where its migrations lie."""

from pathlib import Path

from relying_services.espacepro.store import act_models, models
from relying_services.espacepro.store.base import Base
from relying_services.service.store.database import Tables

WITH_TABLES = (models, act_models)
"""Modules that add tables to the base when they are imported."""

TABLES = Tables("espacepro", Base.metadata, Path(__file__).with_name("migrations"))
