"""Settings of services that hold secrets."""

from dataclasses import fields

import pytest

from relying_services.service.settings import ServiceSettings
from tests.docs.test_service_settings_in_use import OF_SERVICES


@pytest.mark.parametrize("settings", OF_SERVICES.values())
def test_no_secret_is_written_where_settings_are(settings: type[ServiceSettings]) -> None:
    """Domain 7: a setting that a log or an error shows tells no secret."""
    shown = {field.name for field in fields(settings) if field.repr}
    assert {name for name in shown if "secret" in name or name == "database_url"} == set()
