"""Build hook: what a wheel carries that a checkout has elsewhere, or only as text."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PACKAGES = ("idp", "relying_services", "wallet_sim")


class PagesHook(BuildHookInterface):
    """Compiles the catalogues, for wheels and editable installs; gives each package the design.

    A folder can be included at one place only: the others get copies of it.
    """

    _copies = ""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it collects files."""
        for source in Path(self.root).glob("*/translations/*/LC_MESSAGES/*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
        if self.target_name != "wheel" or version != "standard":
            return
        self._copies = mkdtemp()
        for package in _PACKAGES:
            copy = Path(self._copies, package)
            shutil.copytree(Path(self.root, "templates", "design"), copy)
            build_data["force_include"][str(copy)] = f"{package}/templates/design"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling when the archive is written."""
        del version, build_data, artifact_path
        if self._copies:
            shutil.rmtree(self._copies)
