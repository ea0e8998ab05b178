"""Who imports whom, read from the source without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("idp", "wallet_sim", "relying_services")


@dataclass(frozen=True)
class Module:
    name: str
    path: Path
    tree: ast.Module

    @property
    def imports(self) -> set[str]:
        """Dotted names imported: `a.b` for `import a.b`, `a.b.c` for `from a.b import c`."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom) and node.module:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return found

    def imports_from(self, *packages: str) -> set[str]:
        return {
            name
            for name in self.imports
            if any(name == package or name.startswith(f"{package}.") for package in packages)
        }


def modules(*packages: str) -> Iterator[Module]:
    for package in packages:
        top = ROOT / package.replace(".", "/")
        files = [top.with_suffix(".py")] if top.with_suffix(".py").exists() else top.rglob("*.py")
        for path in sorted(files):
            if "migrations" in path.parts:
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts).removesuffix(".__init__")
            yield Module(name, path, ast.parse(path.read_text("utf-8")))
