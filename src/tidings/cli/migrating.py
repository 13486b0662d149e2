"""`tidings migrate`: bring the database to this release's schema."""

from typing import Annotated

import typer
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from tidings.cli.output import done, run
from tidings.main import Tidings
from tidings.migrations.upgrade import alembic_config, current_revision, migrate, newest_revision
from tidings.notifications.cursors import ensure_epoch


def migrate_database(
    revision: Annotated[str, typer.Option(help="Stop at this revision.")] = "head",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Apply every missing migration in one transaction."""
    try:
        run(_migrate(revision, dry_run=dry_run))
    except CommandError as error:
        raise typer.BadParameter(str(error), param_hint="--revision") from None


async def _migrate(revision: str, *, dry_run: bool) -> None:
    tidings = Tidings()
    try:
        if dry_run:
            before = await current_revision(tidings.database)
            target = ScriptDirectory.from_config(alembic_config()).get_revision(revision).revision
            done(f"at {before or 'an empty database'}; would go to {target}")
            return
        before, after = await migrate(tidings.database, revision)
        if after == newest_revision():
            async with tidings.database.write() as session:
                await ensure_epoch(session)
        done(f"already at {after}" if before == after else f"from {before or 'an empty database'} to {after}")
    finally:
        await tidings.database.engine.dispose()
