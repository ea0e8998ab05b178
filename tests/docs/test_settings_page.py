from idp.settings import PROFILES, Settings
from idp.settings_page import render
from tests.architecture.imports import ROOT


def test_the_settings_page_is_the_one_the_code_generates() -> None:
    """Run `make docs` when this fails."""
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == render()


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_profile_changes_settings_that_exist() -> None:
    for changes in PROFILES.values():
        assert changes.keys() <= Settings.model_fields.keys()
