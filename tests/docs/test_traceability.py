from tests.docs.traceability import PAGE, render


def test_the_table_of_requirements_is_the_one_the_tests_tell() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `make docs`"
