"""`python -m idp.checklists.page`: the table of the rules, for `docs/testing/recorder.md`."""

from idp.checklists.rules import RULES
from idp.checklists.rules.rule import Rule


def table() -> str:
    """Every rule with its severity and its source, as Markdown."""
    head = ["| rule | severity | what is wrong, and what to do | source |", "|---|---|---|---|"]
    return "\n".join([*head, *(_row(rule) for rule in RULES)])


def _row(rule: Rule) -> str:
    source = f"[{rule.source.text}]({rule.source.url})"
    return f"| `{rule.id}` | {rule.severity} | {rule.title}. {rule.fix} | {source} |"


if __name__ == "__main__":
    print(table())  # noqa: T201 - a command
