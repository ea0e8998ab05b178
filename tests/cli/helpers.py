from pathlib import Path

from click.testing import CliRunner, Result

from idp.cli import main

REAL = {
    "ECPS_PROFILE": "strict",
    "ECPS_BASE_URL": "https://auth.exemple.test",
    "ECPS_MASTER_KEY": "A" * 43,
    "ECPS_SMTP_URL": "smtp://mail.exemple.test",
    "ECPS_SMS_URL": "https://sms.exemple.test/send",
}
"""What a real database demands that its operator says (decision 1)."""


def run(database: Path, *arguments: str, typed: str = "", **environment: str) -> Result:
    """Run `ecps-idp` on a database file, as a shell would."""
    url = f"sqlite:///{database}"
    return CliRunner().invoke(main, [*arguments, "--database-url", url], typed, env=environment)
