"""The secrets that people have for software that asks them (OpenID Connect CIBA Core 1.0, 7.1)."""

from datetime import datetime

from sqlalchemy import String, bindparam, case, delete, select
from sqlalchemy.orm import Session

from idp.store.models import UserCode
from idp.store.people import belongs_to, resolved
from idp.store.statements import run, upsert


def put_user_code(db: Session, national_id: str, code_sealed: bytes, *, now: datetime) -> None:
    """Give a person a code, in the place of the one they had."""
    changed = {"code_sealed": code_sealed, "set_at": now}
    db.execute(
        upsert(db, UserCode)
        .values(national_id=national_id, **changed)
        .on_conflict_do_update(index_elements=[UserCode.national_id], set_=changed)
    )


def delete_user_codes(db: Session, national_id: str) -> bool:
    """Leave a person without code, under every identifier of theirs; False where there was none."""
    return run(db, _DELETE, {"of": national_id}).rowcount > 0


def find_user_code(db: Session, national_id: str) -> UserCode | None:
    """The code of a person, also when set under a former identifier."""
    return db.scalars(_FIND, {"of": national_id}).one_or_none()


_OF = bindparam("of", type_=String)
_THEIRS = belongs_to(UserCode.national_id, _OF)
_DELETE = delete(UserCode).where(_THEIRS)
_FIND = (
    select(UserCode)
    .where(_THEIRS)
    .order_by(case((UserCode.national_id == resolved(_OF), 0), else_=1))
    .limit(1)
    .execution_options(populate_existing=True)
)
