"""The part of the story where traces are read, and joined with the provider's journal."""

from typing import Any

import httpx

from idp.cli.demo_stage import StepFailed
from idp.cli.story_stage import Story

_SERVICES = ("espacepro", "billing")


def read_trace(story: Story) -> None:
    """She reads who did what in her name, and when (EP-06)."""
    doctor = story.doctor
    story.sign_in(doctor, story.address("espacepro", "/mon-compte/traces"))
    text = doctor.walk.browser.read_text(story.address("espacepro", "/mon-compte/traces.csv"))
    lines = [line for line in text.splitlines() if story.substitute.national_id in line]
    if not any("act:sent" in line for line in lines):
        raise StepFailed(f"the trace does not tell of the act: {text[:500]}")
    if not any("service_outside" in line for line in lines):
        raise StepFailed(f"the trace does not tell of the refusal: {text[:500]}")
    story.tell(
        f"She reads the trace, and exports it: {len(lines)} lines name {story.substitute.name}."
    )


def join_journal(story: Story) -> None:
    """One `sid` stands in all: the sign-in at the provider, and what was done after it."""
    entries = story.all_of("espacepro", story.substitute.national_id)
    sid = next((each["sid"] for each in entries if each["action"] == "act:sent"), None)
    if sid is None:
        raise StepFailed("no act of the substitute stands in the trace")
    journal = [each for each in _events(story) if each["sid"] == sid]
    if not journal:
        raise StepFailed(f"the provider's journal has no event of session {sid}")
    story.tell(f"Session {sid} of {story.substitute.name}, on all sides:")
    traced = [_of_trace(name, each) for name in _SERVICES for each in story.trace(name, sid)]
    for at, line in sorted([*map(_of_journal, journal), *traced]):
        story.tell(f"    {at[11:19]}  {line}")


def _of_journal(event: dict[str, Any]) -> tuple[str, str]:
    where = event["client_id"] or ""
    return event["at"], f"provider   {event['event']} {event['outcome']} {where}".rstrip()


def _of_trace(service: str, entry: dict[str, Any]) -> tuple[str, str]:
    told = f"{entry['action']} {entry['outcome']} {entry['reason'] or entry['object']}".rstrip()
    owner = f" for {entry['on_behalf_of']}" if entry["on_behalf_of"] else ""
    return entry["at"], f"{service:10} {told}{owner}"


def _events(story: Story) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{story.walk.provider}/dev/v1/events",
        params={"national_id": story.substitute.national_id, "limit": 500},
        headers={"Ecps-Dev-Secret": story.walk.dev_secret},
        trust_env=False,
        timeout=20,
    )
    found: list[dict[str, Any]] = answer.raise_for_status().json()["events"]
    return found
