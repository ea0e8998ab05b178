"""The service in Java of the tutorial, signed in to by a simulated e-CPS."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.examples.conftest import EXAMPLES, run

pytestmark = pytest.mark.slow

FOLDER = EXAMPLES / "java"
PACKAGES = FOLDER / ".m2"


@pytest.fixture(scope="module")
def maven() -> str:
    found = shutil.which("mvn")
    if found is None or not PACKAGES.exists():
        pytest.skip("Maven or its packages are missing: `make test` fetches them where it can")
    return found


def test_the_service_in_java_passes_its_own_tests(
    maven: str, control: dict[str, str], tmp_path: Path
) -> None:
    """Offline: `make interop-packages` fetched what it needs."""
    shutil.copytree(FOLDER, tmp_path / "java", ignore=shutil.ignore_patterns(".m2", "target"))
    quick = "-XX:TieredStopAtLevel=1 -Xshare:auto"
    run(
        [maven, "-o", "-q", "-B", f"-Dmaven.repo.local={PACKAGES}", "test"],
        control | {"MAVEN_OPTS": quick},
        tmp_path / "java",
    )
    (report,) = (tmp_path / "java" / "target" / "surefire-reports").glob("TEST-*.xml")
    suite = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "0", "0")
