"""What a service is told of a person: userinfo, as it would get it now (decision 11)."""

from sqlalchemy.orm import Session

from idp.console.wording import as_json
from idp.directory.people import Person
from idp.provider import Provider
from idp.psc.claims import userinfo, without_identifiers
from idp.psc.subject import is_pairwise, releases_national_id, subject_of
from idp.store.clients import find_client
from idp.store.models import Account, Client

_NOT_YET = "…"
"""Stands for what is drawn at the first sign-in."""


def told_claims(
    provider: Provider,
    db: Session,
    person: Person,
    account: Account | None,
    *,
    client_id: str,
    means: str,
) -> str:
    """PSC's userinfo as JSON, for a service, or for one that is like all.

    Nothing is opened by looking: the account of somebody who never signed in is not there yet,
    and a `sub` made of it is told by dots.
    """
    client = find_client(db, client_id) if client_id else None
    asked = client or Client(client_id="", redirect_uris=[], options={})
    claims = userinfo(
        person,
        sub=subject(provider, asked, person, account),
        auth_mode=means,
        vintage=provider.settings.claims_vintage,
    )
    if not releases_national_id(provider, asked):
        claims = without_identifiers(claims, person)
    return as_json(claims)


def subject(provider: Provider, client: Client, person: Person, account: Account | None) -> str:
    """`sub` for a client (decision 11)."""
    is_federated = provider.settings.sub_format == "federated" and not is_pairwise(provider, client)
    if account is None and not is_federated:
        return _NOT_YET
    return subject_of(
        provider,
        client,
        account_id=account.account_id if account else "",
        national_id=person.national_id,
    )
