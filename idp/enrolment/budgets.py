"""How many messages and tickets: limits that never lock a person out (decision 24).

A limit on messages suppresses the message alone. Tickets are limited by network, whoever they
are for, and a new one never waits for an old one.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from idp.audit.journal import origin
from idp.devices.errors import numeric_date
from idp.enrolment.errors import TooManyRequests
from idp.networks import factor_of, site_of
from idp.provider import Provider
from idp.store.throttle import count_event, window_ends

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def count_ticket(provider: Provider, db: Session) -> None:
    """Count a ticket against the network it comes from.

    Raises:
        TooManyRequests: the network used up its tickets of this hour.
    """
    address, settings = origin.get().address, provider.settings
    key, now = f"tickets:{site_of(address)}", provider.clock.now()
    limit = settings.tickets_per_address * factor_of(settings.address_limits, address)
    if count_event(db, key, window=_HOUR, now=now) > limit:
        raise TooManyRequests(retry_at=numeric_date(window_ends(db, key, now=now)))


def count_mail(provider: Provider, db: Session, national_id: str) -> bool:
    """Count a mail to whom an identifier names; False when it is to be withheld.

    A stranger who uses up the daily mails of a person leaves those that other networks have of
    their own. Both are counted every time, known identifier or not (decision 41).
    """
    settings, now = provider.settings, provider.clock.now()
    person = f"enrol-mail:{national_id}"
    of_all = count_event(db, person, window=_DAY, now=now)
    of_origin = count_event(db, f"{person}:{site_of(origin.get().address)}", window=_DAY, now=now)
    return of_all <= settings.mails_per_day or of_origin <= settings.mails_per_origin


def count_sms(provider: Provider, db: Session, mobile: str) -> bool:
    """Count an SMS to a number; False when it is to be withheld."""
    key, now = _number_key(provider, mobile), provider.clock.now()
    return count_event(db, key, window=_DAY, now=now) <= provider.settings.sms_per_day


def sms_again_at(provider: Provider, db: Session, mobile: str) -> datetime:
    """When a number that used up its SMS gets the next one."""
    return window_ends(db, _number_key(provider, mobile), now=provider.clock.now())


def _number_key(provider: Provider, mobile: str) -> str:
    return "sms:" + provider.sealer.keyed_hash(mobile.encode(), purpose="sms-budget").hex()
