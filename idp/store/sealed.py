"""Values sealed at rest, rewritten when the master key changes (decision 23)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from idp.store.models import (
    Answer,
    ApiSession,
    BackchannelRequest,
    Card,
    CardAuthority,
    Client,
    Device,
    Operator,
    OutboxMessage,
    PendingAct,
    SigningKey,
    Ticket,
    UserCode,
)

SIGNING_KEYS = SigningKey.private_sealed
PIN_KEYS = (Device.pin_key_sealed, Device.next_pin_key_sealed)
MESSAGES = OutboxMessage.payload_sealed
SMS_SECRETS = Ticket.sms_secret_sealed
ANSWERS = Answer.outcome
CARD_AUTHORITIES = CardAuthority.private_sealed
CARD_SHARES = Card.share_sealed
CLIENT_SECRETS = Client.secret_sealed
SUBJECT_TOKENS = ApiSession.subject_token_sealed
CALLBACKS = BackchannelRequest.callback_sealed
USER_CODES = UserCode.code_sealed
OPERATOR_SECRETS = Operator.totp_sealed
ACT_ARGUMENTS = PendingAct.arguments_sealed
ACT_RESULTS = PendingAct.result_sealed


def rewrite(db: Session, column: InstrumentedAttribute[Any], change: Callable[[Any], Any]) -> int:
    """Put ``change`` of each value in its place; gives how many there are."""
    keys = inspect(column.class_).primary_key
    rows = db.execute(select(*keys, column)).all()
    sealed = [row for row in rows if row[-1]]  # a message that is done may be wiped
    for row in sealed:
        same = [key == value for key, value in zip(keys, row[:-1], strict=True)]
        db.execute(
            update(column.class_)
            .where(*same)
            .values({column.key: change(row[-1])})
            .execution_options(synchronize_session=False)
        )
    return len(sealed)
