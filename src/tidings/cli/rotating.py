"""`tidings rotate-keys`: after it an old secret key can be removed."""

import msgspec
import typer

from tidings.accounts.audit.recording import record
from tidings.accounts.audit.types import SERVER, AuditAction
from tidings.cli.output import AsJson, complain, done, opened, progress_bar, run
from tidings.kernel.rotation import Rotation, count_outdated, seal_again
from tidings.main.sealed import SEALED_COLUMNS


def rotate_keys(as_json: AsJson = False) -> None:
    """Encrypt every stored secret with the first key of TIDINGS_SECRET_KEYS; running it again takes up where it was."""
    rotation = run(_rotate())
    if as_json:
        told = {"sealed_again": rotation.sealed_again, "unreadable": rotation.unreadable}
        typer.echo(msgspec.json.encode(told).decode())
    if rotation.unreadable:
        complain(
            f"{rotation.unreadable} secrets cannot be read with any key of TIDINGS_SECRET_KEYS",
            "Put the key that sealed them back behind the first, and run this again.",
        )
        raise typer.Exit(1)
    if not as_json:
        done(f"{rotation.sealed_again} secrets encrypted again; keys behind the first can be removed")


async def _rotate() -> Rotation:
    async with opened() as tidings:
        keyring = tidings.keyring
        async with tidings.database.read() as session:
            total = await count_outdated(session, SEALED_COLUMNS, keyring=keyring)
        with progress_bar("secrets", total) as advance:
            rotation = await seal_again(tidings.database, SEALED_COLUMNS, keyring=keyring, on_progress=advance)
        async with tidings.database.write() as session:
            detail = {"key": keyring.primary, "sealed_again": rotation.sealed_again, "unreadable": rotation.unreadable}
            await record(session, AuditAction.SECRETS_ROTATED, by=SERVER, now=tidings.clock.now(), detail=detail)
    return rotation
