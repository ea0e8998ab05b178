"""Every address of the application, so that a rule holds for those to come as well."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from tests.conftest import DEV_SECRET

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
DEVELOPER = {"Ecps-Dev-Secret": DEV_SECRET}
"""Past the door of the development addresses, whose rules are the same."""
_VALUES = {"filename": "form-post.js", "card_number": "9870000001"}
_HANDLE = "h" * 43


@dataclass(frozen=True)
class Route:
    path: str
    methods: frozenset[str]
    endpoint: str

    @property
    def reads_a_body(self) -> bool:
        return "POST" in self.methods

    @property
    def is_of_the_phone(self) -> bool:
        return self.path.startswith("/wallet/")

    def __str__(self) -> str:
        return self.path


def routes(app: Flask) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        values = {name: _VALUES.get(name, _HANDLE) for name in rule.arguments}
        built = rule.build(values)
        assert built is not None, rule
        yield Route(built[1], frozenset(rule.methods or ()), rule.endpoint)
