"""`tidings migrate`: bring the database to this release's schema."""

from typing import Annotated

import typer

from tidings.cli.output import done, run
from tidings.main import Tidings
from tidings.migrations.upgrade import current_revision, migrate, newest_revision
from tidings.notifications.cursors import ensure_epoch


def migrate_database(
    revision: Annotated[str, typer.Option(help="Stop at this revision.")] = "head",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Apply every missing migration in one transaction."""
    from tidings.migrations.applying import UnknownRevision  # noqa: PLC0415 - see there

    try:
        run(_migrate(revision, dry_run=dry_run))
    except UnknownRevision as error:
        raise typer.BadParameter(str(error), param_hint="--revision") from None


async def _migrate(revision: str, *, dry_run: bool) -> None:
    from tidings.migrations.applying import find_revision  # noqa: PLC0415 - see there

    tidings = Tidings()
    try:
        if dry_run:
            before = await current_revision(tidings.database)
            done(f"at {before or 'an empty database'}; would go to {find_revision(revision)}")
            return
        before, after = await migrate(tidings.database, revision)
        if after == newest_revision():
            async with tidings.database.write() as session:
                await ensure_epoch(session)
        done(f"already at {after}" if before == after else f"from {before or 'an empty database'} to {after}")
    finally:
        await tidings.database.engine.dispose()
