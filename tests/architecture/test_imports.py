"""The import rules of the design: each holds for every module, present and future."""

import ast

from tests.architecture.imports import PACKAGES, ROOT, modules

# Key and protocol logic: readable and testable without a web server or a database.
PURE = (
    "idp.checklists.exchange",
    "idp.checklists.report",
    "idp.checklists.rules",
    "idp.checklists.seen",
    "idp.devices.proofs",
    "idp.devices.documents",
    "idp.exchange.rules",
    "idp.oauth.rules",
    "idp.psc.claims",
    "idp.psc.comparison",
    "idp.psc.nomenclature",
    "idp.directory.identifiers",
    "idp.directory.exercices",
    "wallet_sim.approval",
    "wallet_sim.card.card",
    "wallet_sim.card.content",
    "wallet_sim.card.file_keys",
    "wallet_sim.card.keys",
    "wallet_sim.card.lock",
    "wallet_sim.card.pkcs11_keys",
    "wallet_sim.card.signed_file",
    "wallet_sim.card.tls",
    "wallet_sim.card.wire",
    "wallet_sim.documents",
    "wallet_sim.encoding",
    "wallet_sim.enrolment",
    "wallet_sim.keys",
    "wallet_sim.pairing",
    "wallet_sim.phone",
    "wallet_sim.pin_change",
    "wallet_sim.pin_policy",
    "wallet_sim.push",
    "wallet_sim.qr",
    "wallet_sim.recovery",
)
MAY_READ_TIME = {"idp.clock", "wallet_sim.clock"}
# Outside the store a transaction is opened and errors are caught; no statement is written.
OUTSIDE_STORE = ("sqlalchemy.orm.Session", "sqlalchemy.event", "sqlalchemy.exc")
LONGEST = 400


def test_the_simulators_know_the_provider_by_http_only_and_it_does_not_know_them() -> None:
    """Decision 43; design, section 2."""
    offences = [
        f"{module.name}: {name}"
        for package in PACKAGES
        for module in modules(package)
        for name in module.imports_from(*(other for other in PACKAGES if other != package))
    ]
    assert offences == []


def test_nothing_imports_the_commands_or_the_console() -> None:
    """But the one module that serves the console, when it does."""
    offences = [
        f"{module.name}: {name}"
        for module in modules("idp")
        if not module.name.startswith(("idp.cli", "idp.console"))
        for name in module.imports_from("idp.cli", "idp.console")
    ]
    assert offences == ["idp.serving.wsgi: idp.console.app.create_console"]


def test_key_and_protocol_logic_knows_neither_the_web_nor_sql() -> None:
    offences = [
        f"{module.name}: {name}"
        for package in PURE
        if (ROOT / package.replace(".", "/")).exists()
        or (ROOT / package.replace(".", "/")).with_suffix(".py").exists()
        for module in modules(package)
        for name in module.imports_from("flask", "sqlalchemy", "idp.store", "werkzeug")
        if name != "sqlalchemy.orm.Session"
    ]
    assert offences == []


def test_the_simulators_do_not_know_who_uses_them_in_tests() -> None:
    """Each layer of the harness knows those below it alone."""
    layers = ("behaviours", "harness", "fleet", "control_server")
    below = {"behaviours": set[str](), "harness": {"behaviours"}, "fleet": {"behaviours"}}
    below["control_server"] = {"behaviours", "harness"}
    users = {"cli", "pytest_plugin"}
    offences = [
        f"{module.name}: {name}"
        for module in modules("wallet_sim")
        if (part := f"{module.name}..".split(".")[1]) not in users
        for layer in layers
        if layer != part and layer not in below.get(part, ())
        for name in module.imports_from(f"wallet_sim.{layer}")
    ]
    assert offences == []


def test_behaviours_and_the_harness_serve_nothing_and_belong_to_no_test_runner() -> None:
    """They are driven by pytest, by the control server, or by hand."""
    offences = [
        f"{module.name}: {name}"
        for module in modules("wallet_sim.behaviours", "wallet_sim.harness")
        for name in module.imports_from("flask", "pytest", "sqlalchemy", "werkzeug.serving")
    ]
    assert offences == []


def test_only_the_store_writes_sql() -> None:
    offences = [
        f"{module.name}: {name}"
        for module in modules("idp")
        if not module.name.startswith("idp.store")
        for name in module.imports_from("sqlalchemy", "alembic")
        if not name.startswith(OUTSIDE_STORE)
    ]
    assert offences == []


def test_only_the_clock_reads_the_time() -> None:
    """Decision 5: everything else follows the movable clock."""
    offences = [
        f"{module.name}:{call.lineno}"
        for module in modules("idp", "wallet_sim")
        if module.name not in MAY_READ_TIME
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and reads_time(call.func)
    ]
    assert offences == []


def test_the_views_of_development_are_routed_by_the_application_alone() -> None:
    """Decision 2: outside `--dev` none of it is reachable."""
    offences = [
        module.name
        for module in modules("idp")
        if not module.name.startswith("idp.dev")
        and module.name != "idp"
        and module.imports_from("idp.dev")
    ]
    assert offences == []


def test_modules_stay_short_enough_to_read() -> None:
    long = {
        module.name: length
        for module in modules(*PACKAGES)
        if (length := module.path.read_text("utf-8").count("\n")) > LONGEST
    }
    assert long == {}


def test_no_file_names_a_registry_or_a_machine() -> None:
    """Lock files hold names and hashes; where to fetch them is the machine's own setting."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "--hash=sha256:" in text


def reads_time(function: ast.expr) -> bool:
    """Whether a name is that of a function which tells the machine's time."""
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
    return (name, function.attr) in {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("time", "time"),
        ("time", "time_ns"),
        ("time", "monotonic"),
        ("time", "perf_counter"),
    }
