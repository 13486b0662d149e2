"""Photos: uploaded, made ours, served, replaced and removed."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from tests.accounts.pictures import MINE, bombs, endless_headers, noise, opened, picture, put, with_metadata
from tests.accounts.world import World, code
from tidings.accounts.audit.models import AuditEntry
from tidings.accounts.models import User
from tidings.accounts.photos.errors import PhotoRefused
from tidings.accounts.photos.models import Photo
from tidings.accounts.photos.rendering import render_photo
from tidings.accounts.photos.types import MAX_BYTES
from tidings.accounts.types import Scope

LOGIN, PUBLIC = "/api/v1/server-settings/login-photo", "/api/v1/public/server-settings"


async def photos(world: World) -> int:
    async with world.database.read() as session:
        return await session.scalar(select(func.count()).select_from(Photo)) or 0


async def test_a_photo_is_put_shown_in_the_profile_and_served(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser, world.client() as anybody:
        assert code(await browser.get(MINE)) == (404, "photo_not_found")
        me = await put(browser, picture(size=(1_000, 500)))
        assert me.status_code == 200
        served = await anybody.get(me.json()["photo_url"])
        mine = await browser.get(MINE)
        listed = (await browser.get("/api/v1/users")).json()["records"][0]
    assert listed["photo_url"] == me.json()["photo_url"]
    assert served.headers["content-type"] == "image/webp"
    assert opened(served.content).size == (512, 256)
    assert mine.content == served.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16"])
async def test_every_kind_of_picture_becomes_the_same_kind(world: World, ada: User, kind: str, mode: str) -> None:
    allowed = {
        "JPEG": {"RGB", "L", "CMYK"},
        "WEBP": {"RGB", "RGBA"},
        "PNG": {"RGB", "L", "1", "P", "RGBA", "LA", "I;16"},
    }
    if mode not in allowed[kind]:
        mode = "RGB"
    async with await world.browser_of(ada) as browser:
        assert (await put(browser, picture(kind, mode=mode))).status_code == 200
        shown = opened((await browser.get(MINE)).content)
    assert (shown.format, shown.mode, shown.size) == ("WEBP", "RGB", (512, 384))


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_photo_stands_upright_however_the_camera_was_held(world: World, ada: User, orientation: int) -> None:
    async with await world.browser_of(ada) as browser:
        await put(browser, picture("JPEG", orientation=orientation))
        shown = opened((await browser.get(MINE)).content)
    lies = orientation >= 5
    assert shown.size == ((384, 512) if lies else (512, 384))
    red_is_first = orientation in {1, 4, 5, 6}
    first = shown.getpixel((shown.width // 2, 10) if lies else (10, shown.height // 2))
    assert isinstance(first, tuple)
    assert (first[0] > 200, first[2] > 200) == (red_is_first, not red_is_first)


async def test_what_cannot_be_made_small_is_made_coarse(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert (await put(browser, noise())).status_code == 200
        assert len((await browser.get(MINE)).content) <= MAX_BYTES


async def test_what_lets_light_through_stands_on_white(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await put(browser, picture(mode="RGBA", size=(8, 8)))
        assert opened((await browser.get(MINE)).content).mode == "RGB"


@pytest.mark.parametrize("what", bombs())
async def test_what_is_no_still_picture_is_refused_and_the_photo_stays(world: World, ada: User, what: str) -> None:
    async with await world.browser_of(ada) as browser:
        before = (await put(browser, picture())).json()["photo_url"]
        refused = await put(browser, bombs()[what])
        assert code(refused) == (422, "photo_refused"), refused.text
        assert (await browser.get("/api/v1/users/me")).json()["photo_url"] == before


@pytest.mark.parametrize("what", endless_headers())
async def test_the_server_goes_on_while_a_header_is_read_however_long(what: str) -> None:
    rounds = 0
    refused = asyncio.create_task(render_photo(endless_headers()[what]))
    while not refused.done():
        await asyncio.sleep(0)
        rounds += 1
    assert isinstance(refused.exception(), PhotoRefused)
    assert rounds > 10


async def test_a_file_of_more_than_ten_mebibytes_is_refused(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        assert code(await put(browser, bytes(10 << 20))) == (422, "photo_refused")
        assert code(await put(browser, bytes((10 << 20) + 1))) == (413, "body_too_large")


async def test_only_a_form_with_one_file_is_taken(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        as_json = await browser.put(MINE, json={"file": "x"})
        elsewhere = await browser.put(MINE, files={"photo": ("p.png", picture())})
        two = await browser.put(MINE, files=[("file", ("a", picture())), ("file", ("b", picture()))])
        with_a_field = await browser.put(MINE, files={"file": ("a", picture())}, data={"user_id": str(uuid4())})
        broken = await browser.put(MINE, content=b"x", headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert code(as_json) == (415, "unsupported_media_type")
    assert code(elsewhere) == (422, "invalid_request")
    assert {code(answer) for answer in (two, with_a_field, broken)} == {(400, "malformed_form")}
    assert (two.json()["detail"], broken.json()["title"]) == (
        "Too many files. Maximum number of files is 1.",
        "The form cannot be read, or has more parts than it may.",
    )


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\nno name\r\n--b--\r\n"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; filename="a"\r\n\r\nx\r\n--b--\r\n',
        ),
        ("multipart/form-data; boundary=b", b"--b\r\n: \r\n\r\n"),
        ("multipart/form-data; boundary=b; charset=nothing", b"--c\r\n"),
    ],
)
async def test_a_form_that_cannot_be_read_is_not_said_to_be_json(
    world: World, ada: User, media_type: str, body: bytes
) -> None:
    async with await world.browser_of(ada) as browser:
        answers = [
            await browser.put(MINE, content=body, headers={"Content-Type": media_type}),
            await browser.post("/api/v1/users/me/import", content=body, headers={"Content-Type": media_type}),
        ]
    assert {code(answer) for answer in answers} == {(400, "malformed_form")}


async def test_another_photo_takes_the_place_and_another_address(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        first = (await put(browser, picture())).json()["photo_url"]
        second = (await put(browser, picture("JPEG"))).json()["photo_url"]
        assert code(await browser.get(first)) == (404, "photo_not_found")
        assert (await browser.get(second)).status_code == 200
    assert await photos(world) == 1


async def test_a_removed_photo_is_gone_and_removing_it_again_changes_nothing(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        url = (await put(browser, picture())).json()["photo_url"]
        assert [(await browser.delete(MINE)).status_code for _ in range(2)] == [204, 204]
        assert code(await browser.get(url)) == (404, "photo_not_found")
        assert (await browser.get("/api/v1/users/me")).json()["photo_url"] is None
    assert await photos(world) == 0


async def test_a_photo_that_was_seen_is_not_sent_again(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        url = (await put(browser, picture())).json()["photo_url"]
        first = await browser.get(url)
        again = await browser.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (again.status_code, again.content) == (304, b"")


async def test_an_administrator_gives_and_takes_a_photo(world: World, ada: User, grace: User) -> None:
    hers = f"/api/v1/users/{ada.id}/photo"
    async with await world.browser_of(grace) as admin, await world.browser_of(ada) as browser:
        given = await put(admin, picture(), hers)
        assert given.json()["photo_url"].startswith("/api/v1/photos/")
        assert (await browser.get(MINE)).status_code == 200
        assert (await admin.delete(hers)).status_code == 204
        assert code(await browser.get(MINE)) == (404, "photo_not_found")
        assert code(await put(admin, picture(), f"/api/v1/users/{uuid4()}/photo")) == (404, "user_not_found")
        for refused in (await put(browser, picture(), hers), await browser.delete(hers)):
            assert code(refused) == (403, "forbidden")


async def test_a_key_puts_no_photo_of_its_maker(world: World, ada: User) -> None:
    async with world.client(bearer=await world.key(Scope.NOTIFICATIONS_READ, owner=ada)) as server:
        assert code(await put(server, picture())) == (403, "forbidden")


async def test_who_is_not_known_is_refused_before_the_file_is_read(world: World) -> None:
    async with world.client() as nobody:
        assert code(await put(nobody, bytes(10 << 20))) == (401, "not_authenticated")


async def test_the_sign_in_page_has_a_picture_that_everybody_sees(world: World, ada: User, grace: User) -> None:
    async with await world.browser_of(grace) as admin, world.client() as anybody, await world.browser_of(ada) as other:
        assert (await anybody.get(PUBLIC)).json()["login_photo_url"] is None
        url = (await put(admin, picture(), LOGIN)).json()["photo_url"]
        assert (await anybody.get(PUBLIC)).json()["login_photo_url"] == url
        assert (await anybody.get(url)).headers["content-type"] == "image/webp"
        assert code(await put(other, picture(), LOGIN)) == (403, "forbidden")
        newer = (await put(admin, picture(), LOGIN)).json()["photo_url"]
        assert code(await anybody.get(url)) == (404, "photo_not_found")
        assert [(await admin.delete(LOGIN)).status_code for _ in range(2)] == [204, 204]
        assert code(await anybody.get(newer)) == (404, "photo_not_found")
        assert (await anybody.get(PUBLIC)).json()["login_photo_url"] is None


async def test_the_picture_of_the_sign_in_page_may_fill_a_screen(world: World, grace: User) -> None:
    async with await world.browser_of(grace) as admin:
        url = (await put(admin, picture("JPEG", size=(3200, 1600)), LOGIN)).json()["photo_url"]
        shown = await admin.get(url)
    assert opened(shown.content).size == (1600, 800)
    assert len(shown.content) <= MAX_BYTES


async def test_a_change_of_the_photo_is_recorded_and_the_picture_is_not(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await put(browser, with_metadata("JPEG"))
    async with world.database.read() as session:
        entry = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))).one()
    assert (entry.actor_id, entry.target_id, entry.detail) == (ada.id, ada.id, {"changed": ["photo"]})
