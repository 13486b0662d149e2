"""Our migrations by alembic: loading it takes a tenth of a start, so only `upgrade` imports this, when it has work."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection


class UnknownRevision(ValueError):
    """There is no such revision."""


def alembic_config() -> Config:
    """Alembic's configuration, with scripts found beside this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return config


def apply_migrations(connection: Connection, revision: str) -> None:
    """Apply what is missing up to a revision, in the connection's transaction. Raises UnknownRevision."""
    config = alembic_config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise UnknownRevision(str(error)) from error


def find_revision(name: str) -> str:
    """The revision that a name such as `head` means. Raises UnknownRevision."""
    try:
        return str(ScriptDirectory.from_config(alembic_config()).get_revision(name).revision)
    except CommandError as error:
        raise UnknownRevision(str(error)) from error
