"""The rules of the checklist, a module a part of the protocol; pure, without Flask or SQL."""

from idp.checklists.rules import (
    authorization,
    back_channel,
    codes,
    decoupled,
    logout,
    proofs,
    secrets_shown,
    tokens,
)
from idp.checklists.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *authorization.RULES,
    *proofs.RULES,
    *codes.RULES,
    *tokens.RULES,
    *secrets_shown.RULES,
    *back_channel.RULES,
    *decoupled.RULES,
    *logout.RULES,
)
"""In the order of a sign-in."""
