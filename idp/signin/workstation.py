"""A shared workstation: the sign-in goes through, and the browser keeps nothing of it.

The person says so before they prove who they are, by whatever means, and it is kept with the
interaction: no later form, of this tab or another, takes it back. The session then exists for the
service alone, whose tokens live as long as any; the browser is given no cookie of it, so that
nobody after them enters a second service.
"""

from flask import request
from sqlalchemy.orm import Session

from idp.oauth.clients.registered import AUTHORIZATION_CODE, DEVICE_CODE, RegisteredClient
from idp.signin.interactions import OpenInteraction
from idp.store.interactions import mark_public_workstation
from idp.store.models import Client

FIELD = "public_workstation"


def may_be_public(client: Client) -> bool:
    """Whether a service can do without a session in the browser.

    One that takes no tokens, as the portal, has nothing else to know the person by.
    """
    registered = RegisteredClient(client)
    return any(registered.check_grant_type(one) for one in (AUTHORIZATION_CODE, DEVICE_CODE))


def note_workstation(db: Session, opened: OpenInteraction) -> None:
    """Keep what the form that was posted says of the workstation."""
    if not opened.public_workstation and asks_for_it(opened):
        mark_public_workstation(db, opened.digest)


def is_public(opened: OpenInteraction) -> bool:
    """Whether the browser keeps nothing of this sign-in."""
    return opened.public_workstation or asks_for_it(opened)


def asks_for_it(opened: OpenInteraction) -> bool:
    """Whether the form that was posted says that the workstation is shared."""
    return FIELD in request.form and may_be_public(opened.client)
