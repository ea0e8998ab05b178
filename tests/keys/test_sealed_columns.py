"""Whatever is sealed at rest is sealed anew under another master key (decision 23)."""

from sqlalchemy import inspect
from sqlalchemy.orm import InstrumentedAttribute

from idp.store import sealed
from idp.store.models.base import Base


def test_every_sealed_column_is_rewritten() -> None:
    """A column that were forgotten could be opened by nobody after the change."""
    named = [each for each in vars(sealed).values() if isinstance(each, InstrumentedAttribute)]
    rewritten = {(each.class_, each.key) for each in (*named, *sealed.PIN_KEYS)}
    kept = {
        (mapper.class_, column.key)
        for mapper in Base.registry.mappers
        for column in inspect(mapper.class_).columns
        if column.key.endswith("_sealed")
    }
    assert kept
    assert kept <= rewritten
