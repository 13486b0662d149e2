"""A photo is found by whoever was given its address, and is nothing but a picture wherever it is opened."""

from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.accounts.pictures import MINE, picture, put
from tests.accounts.world import World
from tidings.accounts.models import User


async def test_row_48_an_address_is_random_and_says_nothing_of_its_person(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        ids = {UUID((await put(browser, picture())).json()["photo_url"].rpartition("/")[2]) for _ in range(8)}
    assert len(ids) == 8
    assert {each.version for each in ids} == {4}
    assert len({each.int >> 96 for each in ids}) == 8  # not even in order
    assert ada.id not in ids


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.uuids() | st.just("ada") | st.integers())
async def test_row_48_guessing_finds_nothing(world: World, ada: User, guess: UUID | str | int) -> None:
    async with await world.browser_of(ada) as browser, world.client() as anybody:
        if (await browser.get(MINE)).status_code == 404:
            await put(browser, picture())
        for each in (guess, ada.id, uuid4()):
            assert (await anybody.get(f"/api/v1/photos/{each}")).status_code in {404, 422}


async def test_row_48_a_picture_is_served_as_nothing_else(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        url = (await put(browser, picture(), name="x.html")).json()["photo_url"]
        for served in (await browser.get(url), await browser.get(MINE)):
            assert served.headers["content-type"] == "image/webp"
            assert served.headers["x-content-type-options"] == "nosniff"
            assert served.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert served.headers["content-disposition"] == 'inline; filename="photo.webp"'
