"""Whose keys: made once on SQLite; on PostgreSQL, where other nodes must have the same, given."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.world import BASE_URL
from tidings import Tidings
from tidings.settings import Settings, SettingsError


async def test_keys_are_made_only_where_no_other_node_needs_the_same(engine: AsyncEngine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url=BASE_URL)
    if engine.dialect.name == "postgresql":
        with pytest.raises(SettingsError, match="TIDINGS_SECRET_KEYS"):
            Tidings(engine, settings=settings)
        assert not (tmp_path / "secret_keys").exists()
    else:
        Tidings(engine, settings=settings)
        assert (tmp_path / "secret_keys").stat().st_mode & 0o777 == 0o600
