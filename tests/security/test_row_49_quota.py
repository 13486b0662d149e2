"""One small photo a person, and none without its person."""

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from tests.accounts.pictures import noise, picture, put
from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.photos.models import Photo
from tidings.accounts.photos.types import MAX_BYTES
from tidings.accounts.users import delete_user


async def kept(world: World) -> list[int]:
    """How many bytes each photo has."""
    async with world.database.read() as session:
        return list(await session.scalars(select(func.length(Photo.content))))


async def test_row_49_however_often_somebody_uploads_one_small_photo_is_kept(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        for content in (picture(), noise(), picture("JPEG"), noise()):
            assert (await put(browser, content)).status_code == 200
            (size,) = await kept(world)
            assert size <= MAX_BYTES


async def test_row_49_the_database_itself_keeps_no_large_photo(world: World, ada: User) -> None:
    now = world.clock.now()
    row = {"user_id": ada.id, "id": ada.id, "width": 1, "height": 1, "created_at": now, "content": bytes(MAX_BYTES + 1)}
    with pytest.raises(IntegrityError):
        async with world.database.write() as session:
            await session.execute(insert(Photo).values(row))


async def test_row_49_a_photo_goes_in_the_transaction_that_removes_its_person(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        url = (await put(browser, picture())).json()["photo_url"]
    async with world.database.write() as session:
        await delete_user(session, ada.id, by=SERVER, now=world.clock.now())
        await session.rollback()
    assert len(await kept(world)) == 1
    async with world.database.write() as session:
        await delete_user(session, ada.id, by=SERVER, now=world.clock.now())
    assert await kept(world) == []
    async with world.client() as anybody:
        assert (await anybody.get(url)).status_code == 404
