"""A setting of a service that nothing reads would promise a choice that does not exist."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from relying_services.billing import BillingSettings
from relying_services.catalogue import CatalogueSettings
from relying_services.espacepro import EspaceProSettings
from relying_services.messaging import MessagingSettings
from relying_services.mon_compte import MonCompteSettings
from relying_services.oncology import OncologySettings
from relying_services.regulation import RegulationSettings
from relying_services.service.settings import ServiceSettings
from tests.architecture.imports import ROOT, modules

OF_SERVICES: dict[str, type[ServiceSettings]] = {
    "billing": BillingSettings,
    "catalogue": CatalogueSettings,
    "espacepro": EspaceProSettings,
    "messaging": MessagingSettings,
    "mon_compte": MonCompteSettings,
    "oncology": OncologySettings,
    "regulation": RegulationSettings,
}
KIT = "relying_services.service"
_CHECKED = "__post_init__"
_IN_PAGE = re.compile(r"\bsettings\.(\w+)")


@pytest.mark.parametrize("name", sorted(OF_SERVICES))
def test_every_setting_of_a_service_is_read_by_it(name: str) -> None:
    """That it is held to its bounds is no use of it."""
    own = {field.name for field in fields(OF_SERVICES[name])} - of_every_service()
    assert own - read_in(f"relying_services.{name}") == set()


def test_every_setting_of_all_services_is_read_by_the_kit() -> None:
    assert of_every_service() - read_in(KIT) == set()


def of_every_service() -> set[str]:
    return {field.name for field in fields(ServiceSettings)}


def read_in(package: str) -> set[str]:
    """Settings that are read in modules and pages of a service, or by a method of the settings."""
    read = {
        node.attr
        for module in modules(package)
        for scope in _scopes(module.tree)
        for node in ast.walk(scope)
        if isinstance(node, ast.Attribute) and _is_settings(node.value)
    }
    pages = (ROOT / "templates" / package.replace(".", "/")).rglob("*.html")
    return read.union(*(_IN_PAGE.findall(page.read_text("utf-8")) for page in pages))


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    """The functions of a module, without what only holds a setting to its bounds."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name != _CHECKED:
            yield node


def _is_settings(owner: ast.expr) -> bool:
    """Whether an expression is settings: `settings`, `service.settings`, `_settings()`, …"""
    named = owner.func if isinstance(owner, ast.Call) else owner
    if isinstance(named, ast.Name):
        return named.id.endswith("settings") or named.id == "self"
    return isinstance(named, ast.Attribute) and named.attr == "settings"
