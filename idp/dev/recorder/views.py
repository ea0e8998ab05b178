"""What the recorder kept, and the checklist made of it."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from pydantic import Field
from werkzeug.exceptions import NotFound

from idp.checklists.exchange import Exchange
from idp.checklists.reading import as_exchange, checklist_of, checklists_of
from idp.checklists.report import Checklist, Finding, told_step
from idp.checklists.rules.rule import Rule
from idp.checklists.seen import Login
from idp.dev.operations import LARGEST, Message, Query, Text, operation
from idp.provider import current_provider
from idp.store.clients import find_client
from idp.store.exchanges import clients_recorded, exchanges_after, forget_exchanges

bp = Blueprint("dev_recorder", __name__)


class RecordedExchange(Message):
    """A request of a relying service or of its browser, and what was answered."""

    id: int
    at: datetime
    client_id: str | None
    """None of a public document, which anybody may fetch."""
    step: str
    """`authorize`, `callback`, `par`, `token`, `userinfo`, `introspection`, `revocation`, `ciba`,
    `device`, `logout`, `jwks` or `discovery`."""
    method: str
    status: int
    parameters: dict[str, str]
    """Query and form. What is secret is its fingerprint, `sha256:…`, or `(hidden)`."""
    in_query: list[str]
    """Names of the parameters that stood in the address."""
    repeated: list[str]
    """Names of the parameters that came more than once."""
    request_object: dict[str, str] | None
    """What a signed request object said."""
    headers: dict[str, str]
    authentication: str
    """How the client proved itself; empty where none is asked."""
    certificate: bool
    """Whether a client certificate was shown."""
    presented: dict[str, str]
    """What the token that was presented says of itself."""
    answer: dict[str, Any]
    """What was answered, as far as a check needs it; tokens and codes as fingerprints."""
    sid: str | None


class RecordedExchanges(Message):
    """Exchanges, oldest first."""

    exchanges: list[RecordedExchange]
    cursor: int


class ExchangesAsked(Query):
    """Which exchanges."""

    client_id: Text | None = None
    after: int = Field(default=0, ge=0, le=LARGEST)
    """Those above this cursor."""
    limit: int | None = Field(default=None, ge=1)
    """At most so many, and never more than the setting `dev_page`."""


class JudgedRule(Message):
    """A rule of the checklist."""

    rule: str
    severity: str
    """`refused` by Pro Santé Connect or ANS, `violation` of a specification, or `advice`."""
    title: str
    source: str
    source_url: str


class JudgedFinding(JudgedRule):
    """A rule that was broken."""

    seen: str
    why: str
    fix: str
    exchange_ids: list[int]


class JudgedStep(Message):
    """One exchange of a login."""

    exchange_id: int
    at: datetime
    step: str
    told: str
    findings: list[str]
    """Identifiers of the rules that it breaks."""


class JudgedLogin(Message):
    """One login, from its request to its logout."""

    began_at: datetime
    steps: list[JudgedStep]


class IntegrationChecklist(Message):
    """What a service did, judged."""

    client_id: str
    verdict: str
    """The worst severity found; `passed`; or `nothing_seen`."""
    steps: list[JudgedLogin]
    """Login by login; last those exchanges that belong to none."""
    findings: list[JudgedFinding]
    passed: list[JudgedRule]
    untried: list[JudgedRule]
    """Of what the service did not do, nothing is known."""


class RecordedClient(Message):
    """A service of which something was recorded."""

    client_id: str
    exchanges: int
    last_at: datetime
    verdict: str


class RecordedClients(Message):
    """Every service of which something was recorded."""

    checklists: list[RecordedClient]


@bp.get("/exchanges")
@operation(RecordedExchanges, query=ExchangesAsked)
def list_exchanges(query: ExchangesAsked) -> RecordedExchanges:
    """What relying services sent and were answered, oldest first, above a cursor."""
    provider = current_provider()
    limit = min(query.limit or provider.settings.dev_page, provider.settings.dev_page)
    with provider.store.read() as db:
        rows = exchanges_after(db, client_id=query.client_id, after=query.after, limit=limit)
    told = [_exchange(as_exchange(row)) for row in rows]
    return RecordedExchanges(exchanges=told, cursor=told[-1].id if told else query.after)


@bp.delete("/exchanges")
@operation()
def forget_recorded() -> None:
    """Forget every exchange that was recorded: checklists begin anew."""
    with current_provider().store.begin() as db:
        forget_exchanges(db)


@bp.get("/checklists")
@operation(RecordedClients)
def list_checklists() -> RecordedClients:
    """Every service of which something was recorded, with its verdict."""
    provider = current_provider()
    with provider.store.read() as db:
        clients = clients_recorded(db, limit=provider.settings.dev_page)
        judged = checklists_of(provider, db, [client_id for client_id, _, _ in clients])
        told = [
            RecordedClient(
                client_id=client_id,
                exchanges=count,
                last_at=last_at,
                verdict=checklist.verdict,
            )
            for (client_id, count, last_at), checklist in zip(clients, judged, strict=True)
        ]
    return RecordedClients(checklists=told)


@bp.get("/checklists/<path:client_id>")
@operation(IntegrationChecklist, refusals={404: "No such client, and nothing was recorded of it."})
def show_checklist(client_id: str) -> IntegrationChecklist:
    """The integration checklist of a service, of all that was recorded of it."""
    provider = current_provider()
    with provider.store.read() as db:
        checklist = checklist_of(provider, db, client_id)
        is_known = find_client(db, client_id) is not None
    if checklist.verdict == "nothing_seen" and not is_known:
        raise NotFound(f"no client {client_id!r}, and nothing was recorded of it")
    return _checklist(checklist)


def _exchange(exchange: Exchange) -> RecordedExchange:
    return RecordedExchange(
        id=exchange.id,
        at=exchange.at,
        client_id=exchange.client_id,
        step=exchange.step,
        method=exchange.method,
        status=exchange.status,
        parameters=exchange.parameters,
        in_query=list(exchange.in_query),
        repeated=list(exchange.repeated),
        request_object=exchange.request_object,
        headers=exchange.headers,
        authentication=exchange.authentication,
        certificate=exchange.certificate,
        presented=exchange.presented,
        answer=exchange.answer,
        sid=exchange.sid,
    )


def _checklist(checklist: Checklist) -> IntegrationChecklist:
    logins = [*checklist.logins, Login(further=list(checklist.stray))]
    return IntegrationChecklist(
        client_id=checklist.client_id,
        verdict=checklist.verdict,
        steps=[_login(checklist, login) for login in logins if login.exchanges],
        findings=[_finding(finding) for finding in checklist.findings],
        passed=[_rule(rule) for rule in checklist.passed],
        untried=[_rule(rule) for rule in checklist.untried],
    )


def _login(checklist: Checklist, login: Login) -> JudgedLogin:
    steps = [
        JudgedStep(
            exchange_id=exchange.id,
            at=exchange.at,
            step=exchange.step,
            told=told_step(exchange),
            findings=[finding.rule.id for finding in checklist.findings_of(exchange)],
        )
        for exchange in login.exchanges
    ]
    return JudgedLogin(began_at=steps[0].at, steps=steps)


def _finding(finding: Finding) -> JudgedFinding:
    rule = finding.rule
    return JudgedFinding(
        **_rule(rule).model_dump(),
        seen=finding.seen,
        why=rule.why,
        fix=rule.fix,
        exchange_ids=finding.exchange_ids,
    )


def _rule(rule: Rule) -> JudgedRule:
    return JudgedRule(
        rule=rule.id,
        severity=rule.severity,
        title=rule.title,
        source=rule.source.text,
        source_url=rule.source.url,
    )
