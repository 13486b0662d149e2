"""Fill a database with the demo world, once, and remember how to sign in to it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tidings.accounts.audit.types import SERVER
from tidings.accounts.keys import create_key
from tidings.accounts.models import User
from tidings.accounts.passwords import hash_password
from tidings.accounts.types import AccountState, Scope
from tidings.accounts.users import create_user
from tidings.demo.day import DAY, Tiding
from tidings.demo.people import ADA, PEOPLE
from tidings.main import Tidings
from tidings.notifications import inbox
from tidings.notifications.content import NewEvent
from tidings.notifications.notifying import send_event
from tidings.notifications.writing import write_pending
from tidings.settings import SettingsError

SOURCE = "demo"


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """How to get in: everybody has the same password, made by chance for this database alone."""

    password: str
    api_key: str

    def greeting(self, base_url: str) -> str:
        """What to try first, as text for a terminal."""
        body = json.dumps({"to": [ADA.username], "type": "message", "title": "Hello, Ada", "message": "It works."})
        return (
            f"Sign in as [bold]{ADA.username}[/] (or [bold]grace[/], who administers) with password "
            f"[bold]{self.password}[/]\n"
            f"API key: [bold]{self.api_key}[/]\n\n"
            "Send Ada something and watch it arrive:\n\n"
            f"  curl {base_url}/api/v1/notifications -H 'Authorization: Bearer {self.api_key}' \\\n"
            f"    -H 'Content-Type: application/json' -d '{body}'\n"
        )


async def open_demo(tidings: Tidings) -> DemoWorld:
    """The demo world of this database; the first call makes it, later ones find it as it is by then."""
    kept = tidings.settings.data_dir / "demo.json"
    async with tidings.database.read() as session:
        exists = await session.scalar(select(User.id).where(User.external_id == ADA.username)) is not None
    if exists and not kept.exists():
        raise SettingsError(f"The demo world is there, but {kept}, which says how to sign in, is gone.")
    if exists:
        return DemoWorld(**json.loads(kept.read_text()))
    world = await _make(tidings)
    _keep(kept, world)
    return world


async def send_day(tidings: Tidings, *, key: str) -> int:
    """Send the day's tidings; the same key never sends them twice. Returns how many were sent."""
    sent = 0
    for number, tiding in enumerate(DAY):
        sent += await _tell(tidings, tiding, dedupe_key=f"{key}-{number}")
    return sent


async def _make(tidings: Tidings) -> DemoWorld:
    password = "-".join(secrets.choice(_WORDS) for _ in range(5))
    password_hash = await hash_password(password)
    now = tidings.clock.now()
    async with tidings.database.write() as session:
        for person in PEOPLE:
            await create_user(
                session,
                username=person.username,
                email=person.email,
                name=person.name,
                password_hash=password_hash,
                access_type=person.access_type,
                state=AccountState.ACTIVE,
                external_id=person.username,
                preferred_language=person.language,
                by=SERVER,
                now=now,
            )
        _, api_key = await create_key(
            session,
            owner_id=None,
            name="demo",
            scopes=[Scope.ADMIN],
            expires_at=now + timedelta(days=90),
            by=SERVER,
            now=now,
        )
    await send_day(tidings, key="first")
    return DemoWorld(password, api_key)


async def _tell(tidings: Tidings, tiding: Tiding, *, dedupe_key: str) -> int:
    now = tidings.clock.now() - tiding.ago
    event = NewEvent(
        type=tidings.types.named(tiding.type),
        to=tuple(person.username for person in tiding.to),
        title=tiding.title,
        message=tiding.message,
        data=tiding.data,
        actor=tiding.actor.username if tiding.actor else None,
        priority=tiding.priority,
        action_url=tiding.action_url,
        action_text=tiding.action_text,
        group_key=tiding.group_key,
        source=SOURCE,
        dedupe_key=dedupe_key,
    )
    async with tidings.database.write() as session:
        sent = await send_event(session, event, now=now)
        await write_pending(session)
        if tiding.is_read and not sent.deduplicated:
            for entry in sent.entries:
                await inbox.mark_read(session, entry.user_id, entry.id)
    return 0 if sent.deduplicated else 1


def _keep(path: Path, world: DemoWorld) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(world), file)


_WORDS = (
    *("amber", "basin", "cedar", "delta", "ember", "fable", "glade", "harbor", "island", "juniper", "kernel", "lagoon"),
    *("meadow", "nectar", "orchard", "pebble", "quartz", "raven", "saddle", "timber", "umbra", "valley", "willow"),
    *("yonder", "zephyr", "anchor", "bramble", "copper", "dapple", "falcon", "ginger", "hazel", "ivory", "lantern"),
    *("marble", "nimbus", "olive", "prairie", "quiver", "ripple", "sierra", "thistle", "velvet", "walnut"),
)
