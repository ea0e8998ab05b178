"""The code flow of the documentation, by curl alone."""

import shutil

import pytest

from tests.examples.conftest import EXAMPLES, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shell() -> str:
    missing = [name for name in ("sh", "curl", "openssl") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; `make test` installs it where it can")
    return "sh"


def test_a_login_by_curl_is_approved_then_refused(shell: str, control: dict[str, str]) -> None:
    printed = run([shell, "-eu", str(EXAMPLES / "shell" / "login.sh")], control).splitlines()
    assert [line.partition(":")[0] for line in printed] == ["signed in", "refused"]
