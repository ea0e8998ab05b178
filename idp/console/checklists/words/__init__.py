"""The rules of the checklist in the words of the console; their English is the rule's own."""

from idp.console.checklists.words import browser, server
from idp.console.checklists.words.rule import RuleWords

RULE_WORDS: dict[str, RuleWords] = browser.WORDS | server.WORDS
"""By the rule's identifier."""
