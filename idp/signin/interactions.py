"""An authorization request that waits for a person, and the browser it is tied to.

The address of its pages holds a random handle, kept as a digest; its first browser alone may see
and finish it (decision 25, attack 31).
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.keys.sealing import sha256
from idp.oauth.authorization.authorize import AuthorizationRequest
from idp.oauth.rules.redirect_uris import is_registered
from idp.provider import Provider
from idp.store import interactions as store
from idp.store.models import Challenge, Client, Interaction
from idp.web.cookies import browser_hash
from idp.web.errors import Told
from idp.web.headers import allow_form_target
from idp.web.i18n import prefer_languages

_HANDLE_BYTES = 32


class InteractionGone(Told):
    """The page lapsed, was finished, or never existed."""

    def __init__(self) -> None:
        text = _("Retournez au service et recommencez la connexion : rien n’a été transmis.")
        super().__init__(HTTPStatus.GONE, text)


class InteractionForeign(Told):
    """Another browser began this sign-in (attack 31)."""

    def __init__(self) -> None:
        text = _(
            "Cette connexion a été commencée dans un autre navigateur : elle ne peut être "
            "terminée que là. Si quelqu’un vous a envoyé ce lien, ne l’utilisez pas."
        )
        super().__init__(HTTPStatus.FORBIDDEN, text)


@dataclass(frozen=True)
class OpenInteraction:
    """An interaction in use, with all that one statement found beside it."""

    handle: str
    digest: bytes
    request: AuthorizationRequest
    client: Client
    challenge: Challenge | None
    failures: int
    """Wrong PINs since the last sign-in, still to be told (decision 19)."""
    began: datetime
    is_bound: bool
    public_workstation: bool
    """The browser keeps nothing of this sign-in (idp/signin/workstation.py)."""
    sid: str | None
    """Its session, where the browser was given no cookie of it."""


def begin_interaction(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    *,
    browser: bytes | None,
    public_workstation: bool = False,
) -> str:
    """Keep a request; gives the handle of its pages.

    ``browser`` is None when the request came by another site's form, which carries no cookie:
    the first browser to see the page is tied to it then.
    """
    handle = secrets.token_urlsafe(_HANDLE_BYTES)
    now = provider.clock.now()
    store.add_interaction(
        db,
        Interaction(
            interaction_hash=sha256(handle),
            browser_hash=browser,
            client_id=request.client_id,
            request={"request": request.to_json(), "failures": 0},
            public_workstation=public_workstation,
            created_at=now,
            expires_at=now + provider.settings.interaction_lifetime,
        ),
    )
    return handle


def open_interaction(provider: Provider, db: Session, handle: str) -> OpenInteraction:
    """The interaction of a handle, seen by the browser it is tied to or not yet tied.

    Also settles the language of the pages and where their forms may lead (decision 14).

    Raises:
        InteractionGone: it lapsed, was finished, or its client or address is no longer served.
        InteractionForeign: it is another browser's.
    """
    row, client, challenge = _find(provider, db, handle)
    if row.browser_hash not in {None, browser_hash()}:
        raise InteractionForeign
    return _opened(handle, row, client, challenge)


def interaction_of_card(provider: Provider, db: Session, handle: str) -> OpenInteraction:
    """The interaction of a handle, for the card shown at an address that no cookie reaches.

    It may be read there by whoever has the handle, and finished only where it began.

    Raises:
        InteractionGone: as for :func:`open_interaction`.
    """
    return _opened(handle, *_find(provider, db, handle))


def _find(
    provider: Provider, db: Session, handle: str
) -> tuple[Interaction, Client, Challenge | None]:
    found = store.find_interaction(db, sha256(handle), now=provider.clock.now())
    if found is None or found[1].disabled_at is not None:
        raise InteractionGone
    return found


def _opened(
    handle: str, row: Interaction, client: Client, challenge: Challenge | None
) -> OpenInteraction:
    request = AuthorizationRequest.from_json(row.request["request"])
    prefer_languages(request.ui_locales)
    if not request.device:
        _allow_return(request, client)
    return OpenInteraction(
        handle=handle,
        digest=row.interaction_hash,
        request=request,
        client=client,
        challenge=challenge,
        failures=row.request["failures"],
        began=row.created_at,
        is_bound=row.browser_hash is not None,
        public_workstation=row.public_workstation,
        sid=row.sid,
    )


def _allow_return(request: AuthorizationRequest, client: Client) -> None:
    if not is_registered(request.redirect_uri, client.redirect_uris):
        raise InteractionGone
    allow_form_target(request.redirect_origin)


def own_interaction(provider: Provider, db: Session, handle: str) -> OpenInteraction:
    """The interaction of a handle, already tied to this very browser.

    Raises:
        InteractionGone: it lapsed or was finished.
        InteractionForeign: it is not this browser's.
    """
    opened = open_interaction(provider, db, handle)
    if not opened.is_bound:
        raise InteractionForeign
    return opened


def bind_interaction(db: Session, opened: OpenInteraction) -> None:
    """Tie an interaction to this browser, the first that saw it.

    Raises:
        InteractionForeign: another browser was faster.
    """
    if not store.bind_browser(db, opened.digest, browser_hash()):
        raise InteractionForeign


def spend_interaction(db: Session, opened: OpenInteraction) -> None:
    """End the interaction; of simultaneous steps one alone may answer the client.

    Raises:
        InteractionGone: another step ended it.
    """
    if not store.end_interaction(db, opened.digest):
        raise InteractionGone


def note_failures(db: Session, opened: OpenInteraction, failures: int) -> None:
    """Remember wrong PINs to be told, or that they were told."""
    kept = {"request": opened.request.to_json(), "failures": failures}
    store.set_request(db, opened.digest, kept)


def keep_request(db: Session, opened: OpenInteraction, request: AuthorizationRequest) -> None:
    """Remember what is still asked, once a part of it was answered."""
    kept = {"request": request.to_json(), "failures": opened.failures}
    store.set_request(db, opened.digest, kept)
