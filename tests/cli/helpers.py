from pathlib import Path

from click.testing import CliRunner, Result

from idp.cli import main


def run(database: Path, *arguments: str, typed: str = "", **environment: str) -> Result:
    """Run `ecps-idp` on a database file, as a shell would."""
    url = f"sqlite:///{database}"
    return CliRunner().invoke(main, [*arguments, "--database-url", url], typed, env=environment)
