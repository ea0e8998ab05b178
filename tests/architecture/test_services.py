"""The import rules of the services that trust the provider, for every module, present or not yet.

A service is a folder that another team could take away: with the kit, and with no other service.
"""

import ast

from tests.architecture.imports import ROOT, Module, modules
from tests.architecture.test_imports import OUTSIDE_STORE, reads_time

PACKAGE = "relying_services"
KIT = "service"
SERVICES = {
    path.parent.name for path in (ROOT / PACKAGE).glob("*/__init__.py") if path.parent.name != KIT
}
CLOCK = "relying_services.clock"
OF_ALL = {"relying_services.together", "relying_services.sample"}
"""What stands above the services: all of them in one process, and what a demonstration needs."""


def of(module: Module) -> str:
    """The service, the kit, or the module beside them to which a module belongs."""
    return module.name.partition(".")[2].partition(".")[0]


def test_no_service_knows_another_and_the_kit_knows_none() -> None:
    """They reach each other by HTTP alone, as services of different organisations do."""
    offences = [
        f"{module.name}: {name}"
        for module in modules(PACKAGE)
        for other in SERVICES - {of(module)}
        for name in module.imports_from(f"{PACKAGE}.{other}")
        if module.name not in OF_ALL
    ]
    assert offences == []


def test_all_services_are_found() -> None:
    """A test of nothing would hold."""
    assert {"billing", "catalogue", "demo", "espacepro", "mon_compte"} <= SERVICES


def test_only_the_store_of_a_service_writes_sql() -> None:
    offences = [
        f"{module.name}: {name}"
        for module in modules(PACKAGE)
        if "store" not in module.name.split(".")
        for name in module.imports_from("sqlalchemy", "alembic")
        if not name.startswith(OUTSIDE_STORE)
    ]
    assert offences == []


def test_a_store_knows_neither_the_web_nor_a_page() -> None:
    offences = [
        f"{module.name}: {name}"
        for module in modules(PACKAGE)
        if "store" in module.name.split(".")
        for name in module.imports_from("flask", "werkzeug", "requests")
    ]
    assert offences == []


def test_only_the_clock_of_the_services_reads_the_time() -> None:
    """Decision 5: everything else follows the movable clock."""
    offences = [
        f"{module.name}:{node.lineno}"
        for module in modules(PACKAGE)
        if module.name != CLOCK
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and reads_time(node)
    ]
    offences += [module.name for module in modules(PACKAGE) if module.imports_from("time")]
    assert offences == []
