"""Changing the master key: whatever is sealed at rest is sealed anew, in one transaction."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from idp.cards.authority import SEAL as CARD_AUTHORITY
from idp.cards.codes import SEAL as CARD_SHARE
from idp.devices.answers import open_body, seal_body
from idp.devices.pin_key import PURPOSE as PIN_KEY
from idp.enrolment.codes import SEAL as SMS_SECRET
from idp.exchange.sessions import SEAL as SUBJECT_TOKEN
from idp.keys.keyring import SEAL as SIGNING_KEY
from idp.keys.sealing import Sealer
from idp.oauth.ciba.start import CALLBACK_SEAL as CALLBACK
from idp.oauth.ciba.user_codes import SEAL as USER_CODE
from idp.oauth.clients.secrets import SEAL as CLIENT_SECRET
from idp.outbox.delivery import SEAL as MESSAGE
from idp.store.operators import TOTP_SEAL
from idp.store.pending_acts import SEAL as ACT
from idp.store.sealed import (
    ACT_ARGUMENTS,
    ACT_RESULTS,
    ANSWERS,
    CALLBACKS,
    CARD_AUTHORITIES,
    CARD_SHARES,
    CLIENT_SECRETS,
    MESSAGES,
    OPERATOR_SECRETS,
    PIN_KEYS,
    SIGNING_KEYS,
    SMS_SECRETS,
    SUBJECT_TOKENS,
    USER_CODES,
    rewrite,
)


def rewrap(db: Session, old: Sealer, new: Sealer) -> int:
    """Seal everything under another master key; gives the number of signing keys.

    Refresh tokens and the marks of known browsers follow from the master key: they end.

    Raises:
        SealBroken: something was not sealed under ``old``; nothing is changed.
    """
    for column in PIN_KEYS:
        rewrite(db, column, _resealing(old, new, PIN_KEY))
    rewrite(db, MESSAGES, _resealing(old, new, MESSAGE))
    rewrite(db, SMS_SECRETS, _resealing(old, new, SMS_SECRET))
    rewrite(db, CARD_AUTHORITIES, _resealing(old, new, CARD_AUTHORITY))
    rewrite(db, CARD_SHARES, _resealing(old, new, CARD_SHARE))
    rewrite(db, CLIENT_SECRETS, _resealing(old, new, CLIENT_SECRET))
    rewrite(db, CALLBACKS, _resealing(old, new, CALLBACK))
    rewrite(db, SUBJECT_TOKENS, _resealing(old, new, SUBJECT_TOKEN))
    rewrite(db, USER_CODES, _resealing(old, new, USER_CODE))
    rewrite(db, OPERATOR_SECRETS, _resealing(old, new, TOTP_SEAL))
    rewrite(db, ACT_ARGUMENTS, _resealing(old, new, ACT))
    rewrite(db, ACT_RESULTS, _resealing(old, new, ACT))
    rewrite(db, ANSWERS, lambda outcome: seal_body(new, open_body(old, outcome)))
    return rewrite(db, SIGNING_KEYS, _resealing(old, new, SIGNING_KEY))


def _resealing(old: Sealer, new: Sealer, purpose: str) -> Callable[[Any], bytes]:
    return lambda sealed: new.seal(old.open(sealed, purpose=purpose), purpose=purpose)
