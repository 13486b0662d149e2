"""`tidings rotate-keys`: after it an old secret key opens nothing here but the links in mail that was sent before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.cli.output import AsJson, complain, done, note, opened, progress_bar, run
from tidings.kernel.crypto import Keyring
from tidings.kernel.rotation import Rotation, count_outdated, seal_again
from tidings.main.sealed import SEALED_COLUMNS
from tidings.notifications.unsubscribing import WORKS_AFTER_MAIL


@dataclass(frozen=True, slots=True)
class _Rotated:
    """What came of it; `needed_until` is when the keys behind the first can go, None where there are none."""

    rotation: Rotation
    needed_until: datetime | None
    is_over: bool


def rotate_keys(as_json: AsJson = False) -> None:
    """Encrypt every stored secret with the first key of TIDINGS_SECRET_KEYS; running it again takes up where it was."""
    rotated = run(_rotate())
    rotation = rotated.rotation
    if as_json:
        told = {"sealed_again": rotation.sealed_again, "unreadable": rotation.unreadable}
        typer.echo(msgspec.json.encode(told | {"older_keys_needed_until": rotated.needed_until}).decode())
    if rotation.unreadable:
        complain(
            f"{rotation.unreadable} secrets cannot be read with any key of TIDINGS_SECRET_KEYS",
            "Put the key that sealed them back behind the first, and run this again.",
        )
        raise typer.Exit(1)
    if not as_json:
        done(f"{rotation.sealed_again} secrets encrypted again; {_what_of_older_keys(rotated)}")
        if rotated.needed_until is not None and not rotated.is_over:
            note("Only links to unsubscribe in mail sent before need them; a key that others know can go at once.")


def needed_until(rotations: Sequence[tuple[datetime, Mapping[str, Any]]], key: str) -> datetime:  # Any: JSON
    """How long keys behind this one are needed, by all rotations (when, and what the log says), the newest one to it.

    Nothing was sealed with them after the newest that found something of theirs, or after the first to this key when
    none did: doing it again puts nothing off.
    """
    since, _ = rotations[-1]
    for at, detail in reversed(rotations):
        if detail["key"] != key:
            break
        since = at
        if detail["sealed_again"]:
            break
    return since + WORKS_AFTER_MAIL


def _what_of_older_keys(rotated: _Rotated) -> str:
    if rotated.needed_until is None:
        return "there are no keys behind the first"
    if rotated.is_over:
        return "keys behind the first can be removed"
    return f"keys behind the first can be removed after {rotated.needed_until:%Y-%m-%d}"


async def _rotate() -> _Rotated:
    async with opened() as tidings:
        keyring, now = tidings.keyring, tidings.clock.now()
        async with tidings.database.read() as session:
            total = await count_outdated(session, SEALED_COLUMNS, keyring=keyring)
        with progress_bar("secrets", total) as advance:
            rotation = await seal_again(tidings.database, SEALED_COLUMNS, keyring=keyring, on_progress=advance)
        async with tidings.database.write() as session:
            detail = {"key": keyring.primary, "sealed_again": rotation.sealed_again, "unreadable": rotation.unreadable}
            await record(session, AuditAction.SECRETS_ROTATED, by=SERVER, now=now, detail=detail)
            until = await _needed_until(session, keyring)
    return _Rotated(rotation, until, until is not None and until <= now)


async def _needed_until(session: AsyncSession, keyring: Keyring) -> datetime | None:
    if len(keyring.keys) == 1:
        return None
    rotated = AuditEntry.action == AuditAction.SECRETS_ROTATED
    found = await session.execute(select(AuditEntry.at, AuditEntry.detail).where(rotated).order_by(AuditEntry.id))
    return needed_until([tuple(row) for row in found], keyring.primary)
