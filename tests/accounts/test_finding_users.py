"""Finding users: by text, whatever it looks like, and by pages, however far."""

import pytest
from sqlalchemy import event

from tests.accounts.test_users import USERS, listed
from tests.accounts.world import World
from tidings.accounts.models import User
from tidings.accounts.types import AccountState
from tidings.accounts.users import locked_user


async def test_a_page_beyond_the_end_is_empty_and_nothing_is_passed_over_for_it(world: World, grace: User) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(world.database.engine.sync_engine, "before_cursor_execute", note)
    async with await world.browser_of(grace) as browser:
        far = (await browser.get(f"{USERS}?page_number=1000000&num_records=100")).json()
        next_to_it = (await browser.get(f"{USERS}?page_number=2&num_records=1")).json()
    event.remove(world.database.engine.sync_engine, "before_cursor_execute", note)
    assert (far["total"], far["page_number"], far["records"], far["next_cursor"]) == (1, 1_000_000, [], None)
    assert next_to_it["records"] == []
    assert any("count(*)" in each for each in statements)
    assert not any("NULLS LAST" in each for each in statements)  # the order in which they would be


@pytest.mark.parametrize("search", ["hopper", "HOPPER", "r/M", "GRACE@", "Grac"])
async def test_a_name_is_found_however_it_is_written(world: World, grace: User, search: str) -> None:
    async with world.database.write() as session:
        (await locked_user(session, grace.id)).name = "Grace HOPPER/Murray"
    await world.add("x", external_id="Host-7", state=AccountState.RECIPIENT)
    async with await world.browser_of(grace) as browser:
        assert await listed(browser, search=search) == ["grace"]
        assert await listed(browser, search="hOST") == ["Host-7"]
