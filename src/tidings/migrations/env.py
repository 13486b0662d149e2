"""How alembic runs our migrations: on a connection that `upgrade.py` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from tidings.kernel.db import Base, UtcDateTime
from tidings.migrations.upgrade import VERSION_TABLE


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:  # Any: alembic renders anything
    """Write our own column types by their names in new migrations."""
    if kind != "type" or not isinstance(item, UtcDateTime | JSON):
        return False
    name = "UtcDateTime" if isinstance(item, UtcDateTime) else "Json"
    autogen.imports.add(f"from tidings.kernel.db import {name}")
    return "UtcDateTime()" if name == "UtcDateTime" else name


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=lambda name, kind, _parents: kind != "table" or (name or "").startswith("tidings_"),
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
