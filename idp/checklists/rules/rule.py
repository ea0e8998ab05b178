"""What a rule is, where it comes from, and what it says when it is broken."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from idp.checklists.exchange import Exchange
from idp.checklists.seen import Seen

Severity = Literal["refused", "violation", "advice"]
SEVERITIES: tuple[Severity, ...] = ("refused", "violation", "advice")
"""What the real Pro Santé Connect or ANS refuses; what breaks a specification; what is better
done otherwise. Worst first."""


@dataclass(frozen=True)
class Source:
    """Where a rule stands written."""

    text: str
    url: str


@dataclass(frozen=True)
class Sighting:
    """One time that a rule was broken."""

    text: str
    exchanges: Sequence[Exchange] = ()


Check = Callable[[Seen], Iterable[Sighting]]


@dataclass(frozen=True)
class Rule:
    """One line of the checklist."""

    id: str
    title: str
    """What is wrong, where it is broken."""
    severity: Severity
    why: str
    fix: str
    source: Source
    applies: Callable[[Seen], bool]
    """Whether what was seen lets the rule be tried at all."""
    check: Check


def where(*steps: str) -> Callable[[Seen], bool]:
    """The rule is tried where one of these steps was seen."""
    return lambda seen: bool(seen.of(*steps))


def anywhere(seen: Seen) -> bool:
    """The rule is tried on whatever was seen."""
    return bool(seen.exchanges)


def asked(seen: Seen) -> bool:
    """The rule is tried where an authorization request can be read."""
    return bool(seen.legible)


def redeemed(*grants: str) -> Callable[[Seen], bool]:
    """The rule is tried where tokens were asked for by one of these grants."""
    return lambda seen: bool(seen.tokens(*grants))


def signed_in(seen: Seen) -> bool:
    """The rule is tried where a login came to tokens."""
    return bool(seen.redeemed)


def rfc(number: int, section: str) -> Source:
    """A section of an RFC."""
    address = f"https://www.rfc-editor.org/rfc/rfc{number}.html#section-{section}"
    return Source(f"RFC {number}, {section}", address)


def core(section: str) -> Source:
    """A section of OpenID Connect Core 1.0."""
    return Source(
        f"OpenID Connect Core 1.0, {section}",
        "https://openid.net/specs/openid-connect-core-1_0.html",
    )


def ciba(section: str) -> Source:
    """A section of CIBA Core 1.0."""
    return Source(
        f"OpenID Connect CIBA Core 1.0, {section}",
        "https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html",
    )


LOGOUT = Source(
    "OpenID Connect RP-Initiated Logout 1.0, 2",
    "https://openid.net/specs/openid-connect-rpinitiated-1_0.html",
)
_DECREE = "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000045551195"
REFERENTIAL = Source("Référentiel Pro Santé Connect, annex of the decree of 4 April 2022", _DECREE)
CLIENT_CERTIFICATE = Source(
    "Référentiel Pro Santé Connect, EXI PSC 24 (annex of the decree of 4 April 2022)", _DECREE
)
_PSC = "https://industriels.esante.gouv.fr/produits-et-services/pro-sante-connect"
PSC_DOCUMENTATION = Source(
    "Pro Santé Connect, documentation technique", f"{_PSC}/documentation-technique"
)
PSC_CIBA = Source("Pro Santé Connect, OpenID CIBA (ANS)", _PSC)
PSC_CONNECTOR = Source(
    "ANS's own connector, issue 39",
    "https://github.com/ansforge/keycloak-prosanteconnect/issues/39",
)
PSC_METHODS = Source(
    "OpenIddict, Pro Santé Connect provider: what PSC advertises and refuses",
    "https://github.com/openiddict/openiddict-core/issues/2172",
)
