"""What is sealed opens in the very row and column it was sealed for, and nowhere else."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import select, update

import tidings
from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import SigningSecret
from tidings.accounts.signing_secrets import create_signing_secret
from tidings.kernel.crypto import UnreadableSecret, new_key_text, parse_keys
from tidings.kernel.rotation import SealedColumn
from tidings.main.sealed import SEALED_COLUMNS

KEYRING = parse_keys(new_key_text())


@given(
    plain=st.binary(max_size=200),
    column=st.sampled_from(SEALED_COLUMNS),
    other=st.sampled_from(SEALED_COLUMNS),
    row=st.uuids(),
    other_row=st.uuids(),
)
def test_row_63_a_secret_moved_to_another_row_or_column_stays_shut(
    plain: bytes, column: SealedColumn, other: SealedColumn, row: UUID, other_row: UUID
) -> None:
    here, there = f"{column.name}:{row}", f"{other.name}:{other_row}"
    assume(here != there)
    sealed = KEYRING.seal(plain, place=here)
    assert KEYRING.unseal(sealed, place=here) == plain
    with pytest.raises(UnreadableSecret):
        KEYRING.unseal(sealed, place=there)


async def test_row_63_a_signing_secret_copied_onto_another_row_signs_nothing(world: World) -> None:
    async with world.database.write() as session:
        now = world.clock.now()
        mine, _ = await create_signing_secret(session, name="mine", keyring=world.keyring, by=SERVER, now=now)
        theirs, _ = await create_signing_secret(session, name="theirs", keyring=world.keyring, by=SERVER, now=now)
        await session.execute(update(SigningSecret).where(SigningSecret.id == theirs.id).values(sealed=mine.sealed))
    async with world.database.read() as session:
        moved = await session.scalar(select(SigningSecret.sealed).where(SigningSecret.id == theirs.id))
    assert moved == mine.sealed
    with pytest.raises(UnreadableSecret):
        world.keyring.unseal(mine.sealed, place=theirs.place)


def test_row_63_every_column_that_code_seals_is_known_to_the_rotation() -> None:
    """Every place that the sources name stands in `tidings.main.sealed`, and the other way round."""
    source = Path(tidings.__file__).parent
    named = {
        name
        for file in source.rglob("*.py")
        for name in re.findall(r"\"(tidings_\w+\.\w+):\{", file.read_text(encoding="utf-8"))
    }
    assert named == {column.name for column in SEALED_COLUMNS}
