"""Relying services: registered by the rules of every registration, changed, removed."""

import secrets
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from pydantic import BaseModel, ConfigDict, create_model
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Conflict, NotFound
from werkzeug.routing import PathConverter

from idp.dev.operations import Message, Text, operation
from idp.oauth.clients.dynamic_registration import secret_for
from idp.oauth.clients.metadata import ClientMetadata, ClientMetadataRefused, read_metadata
from idp.oauth.clients.operator_changes import ClientUnknown, change_members, disable, enable
from idp.oauth.clients.operator_changes import remove as remove_known
from idp.oauth.clients.registration import register_at
from idp.oauth.clients.self_metadata import registered_members
from idp.portal.client import CLIENT_ID as PORTAL
from idp.provider import current_provider
from idp.store.clients import all_clients, find_client, known_client
from idp.store.models import Client

bp = Blueprint("dev_clients", __name__, url_prefix="/clients")


class ClientConverter(PathConverter):
    """A client's identifier, which may be an address; not what stands below a client."""

    regex = r"(?!.*/certificate$)[^/].*?"


_ACTOR = "development"
_NAME_BYTES = 6
_UNKNOWN = {404: "There is no such client."}
_PORTAL = {409: f"`{PORTAL}` is the provider's own portal, and not to be touched."}
_ONCE = {"client_id", "client_secret"}
_Members = dict[str, Any]


def _members(*left_out: str) -> _Members:
    """The members that may be registered, each of its own type, none of them needed here."""
    return {
        name: (_optional(field.annotation), None)
        for name, field in ClientMetadata.model_fields.items()
        if name not in left_out
    }


def _optional(kind: Any) -> Any:
    return (Text if kind in {str, str | None} else kind) | None


class _Registration(Message):
    # Its members are made below: there is no source to read what they mean from.
    model_config = ConfigDict(use_attribute_docstrings=False)


NewClient = create_model(
    "NewClient",
    __base__=_Registration,
    __doc__="Client metadata (RFC 7591, 2; docs/protocols.md). What is left out has its default: "
    "`client_id` and `client_secret` are made, `profile` is the provider's, `development` is true, "
    "so that http addresses of any host may be registered.",
    **_members(),
)
ClientChanges = create_model(
    "ClientChanges",
    __base__=_Registration,
    __doc__="Members to change; null goes back to the default. `disabled` shuts the client out.",
    disabled=(bool | None, None),
    **_members(*_ONCE),
)


class ToldClient(BaseModel):
    """A client and every member that is registered of it; never its secret."""

    model_config = ConfigDict(extra="allow")

    client_id: str
    created_at: datetime
    disabled: bool


class RegisteredClientTold(ToldClient):
    """A client that was just registered."""

    client_secret: str | None
    """In clear, this once; null for a client that authenticates without one."""


class ToldClients(Message):
    """Every client, in order of identifiers."""

    clients: list[ToldClient]


@bp.post("")
@operation(
    RegisteredClientTold,
    status=HTTPStatus.CREATED,
    body=NewClient,
    refusals={409: "There is a client of this identifier already."},
)
def register_service(body: BaseModel) -> RegisteredClientTold:
    """Register a relying service."""
    provider = current_provider()
    values = _asked(body, profile=provider.settings.profile)
    with provider.store.begin() as db:
        if find_client(db, values["client_id"]) is not None or values["client_id"] == PORTAL:
            raise Conflict(f"client {values['client_id']} exists already: PATCH changes it")
        try:
            register_at(provider, db, read_metadata(values))
        except ClientMetadataRefused as error:
            raise BadRequest(str(error)) from error
        client = known_client(db, values["client_id"])
    return RegisteredClientTold(**_told(client).model_dump(), client_secret=values["client_secret"])


@bp.get("")
@operation(ToldClients)
def list_clients() -> ToldClients:
    """Every client, the provider's own portal and disabled ones included."""
    with current_provider().store.read() as db:
        return ToldClients(clients=[_told(client) for client in all_clients(db)])


@bp.get("/<client:client_id>")
@operation(ToldClient, refusals=_UNKNOWN)
def show_client(client_id: str) -> ToldClient:
    """One client."""
    with current_provider().store.read() as db:
        return _told(_known(db, client_id))


@bp.patch("/<client:client_id>")
@operation(ToldClient, body=ClientChanges, refusals=_UNKNOWN | _PORTAL)
def change_client(client_id: str, body: BaseModel) -> ToldClient:
    """Change some members of a client, or shut it out; the others, and its secret, stay."""
    changes = body.model_dump(exclude_unset=True)
    shut_out = changes.pop("disabled", None)
    provider = current_provider()
    with provider.store.begin() as db:
        _check_may_change(_known(db, client_id))
        try:
            if changes:
                change_members(provider, db, client_id, changes, actor=_ACTOR)
        except ClientMetadataRefused as error:
            raise BadRequest(str(error)) from error
        if shut_out is not None:
            (disable if shut_out else enable)(provider, db, client_id, actor=_ACTOR)
        db.expire_all()
        return _told(_known(db, client_id))


@bp.delete("/<client:client_id>")
@operation(refusals=_UNKNOWN | _PORTAL)
def remove_client(client_id: str) -> None:
    """Forget a client: its tokens and codes are worth nothing from then on."""
    provider = current_provider()
    with provider.store.begin() as db:
        _check_may_change(_known(db, client_id))
        try:
            remove_known(provider, db, client_id, actor=_ACTOR)
        except ClientUnknown as error:
            raise NotFound(f"there is no client {client_id}") from error


def _asked(body: BaseModel, *, profile: str) -> _Members:
    given = body.model_dump(exclude_none=True)
    defaults = {
        "client_id": f"client-{secrets.token_hex(_NAME_BYTES)}",
        "profile": profile,
        "development": True,
    }
    values = defaults | given
    return {"client_secret": secret_for(values)} | values


def _known(db: Session, client_id: str) -> Client:
    client = find_client(db, client_id)
    if client is None:
        raise NotFound(f"there is no client {client_id}")
    return client


def _check_may_change(client: Client) -> None:
    if client.client_id == PORTAL:
        raise Conflict(_PORTAL[409])


def _told(client: Client) -> ToldClient:
    members = registered_members(client)
    return ToldClient(
        **members, created_at=client.created_at, disabled=client.disabled_at is not None
    )
