from tests.docs.traceability import PAGE, plans, render


def test_the_table_of_requirements_is_the_one_the_tests_tell() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `make docs`"


def test_every_module_of_the_certification_plans_has_a_test() -> None:
    unshown = [m["id"] for plan in plans() for m in plan["modules"] if not m["shown_by"]]
    assert unshown == []
