"""The service in PHP of the tutorial, signed in to by a simulated e-CPS."""

import shutil

import pytest

from tests.examples.conftest import EXAMPLES, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def php() -> str:
    found = shutil.which("php")
    if found is None:
        pytest.skip("PHP is not installed: `make test` installs it where it can")
    return found


def test_the_service_in_php_passes_its_own_tests(php: str, control: dict[str, str]) -> None:
    printed = run([php, str(EXAMPLES / "php" / "test.php")], control)
    assert printed.count("ok: ") == 3, printed
