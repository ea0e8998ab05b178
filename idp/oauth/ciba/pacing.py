"""How often a client may ask for its tokens (OpenID Connect CIBA Core 1.0, 7.3 and 11).

Decision 29: the reference proxy of Pro Santé Connect asks each second, and never more slowly
whatever it is told, so a `psc` client that asks too early is only told so; for any other the
interval grows.
"""

from datetime import timedelta

from authlib.oauth2.rfc8628.errors import SlowDownError
from sqlalchemy.orm import Session

from idp.oauth.clients.registered import RegisteredClient
from idp.provider import Provider
from idp.store.backchannel import AskedSignIn, lengthen_interval, note_poll

SLOW_DOWN = 5
"""Seconds that each `slow_down` adds to the interval (CIBA Core 11)."""


def keep_pace(provider: Provider, db: Session, asked: AskedSignIn) -> None:
    """Note that the client asks now; of simultaneous questions one is in time.

    Raises:
        SlowDownError: it asked again before its interval was over.
    """
    request, now = asked.request, provider.clock.now()
    profile = RegisteredClient(asked.client).profile
    tolerance = provider.settings.ciba_poll_tolerance if profile.quick_polling else timedelta(0)
    none_since = now - timedelta(seconds=request.interval) + tolerance
    if note_poll(db, request.auth_req_id_hash, now=now, none_since=none_since):
        return
    interval = request.interval
    if not profile.quick_polling:
        lengthen_interval(db, request.auth_req_id_hash, by=SLOW_DOWN)
        interval += SLOW_DOWN
    raise SlowDownError(f"Ask again after {interval} seconds.")
