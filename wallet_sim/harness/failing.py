"""How a failed login is told: what was wrong, and what everybody did."""

from wallet_sim.harness.errors import LoginFailed
from wallet_sim.harness.story import Step, shown, told


def failure(
    why: str, *, said: str, url: str, page: str, did: str, recorded: str, steps: list[Step]
) -> LoginFailed:
    """The failure of a login.

    Args:
        why: what was wrong.
        said: what the page tells the person.
        url: where the browser stands.
        page: the provider's name for that page; empty elsewhere.
        did: what phone or card did.
        recorded: what the provider recorded of the service.
        steps: every answer on the way.
    """
    last = f"{steps[-1].status} " if steps else ""
    where = f"{page}, {last}{shown(url)}" if page else f"{last}{shown(url)}"
    lines = [
        f"{why}.",
        f"The page says: {said or 'nothing'} ({where})",
        f"The phone did: {did}",
        f"The recorder says: {recorded}",
        f"The browser went:\n{told(steps)}",
    ]
    return LoginFailed("\n".join(lines), url=url, steps=list(steps), page=page, said=said)
