"""A copy of one's data: made in the background, downloaded by its owner alone, taken in again elsewhere."""

import json
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from tests.accounts.pictures import opened, picture, put
from tests.main.post import kept
from tests.waiting import until
from tests.world import Person, World
from tidings.accounts.exports.making import make_step
from tidings.accounts.exports.models import Export, ExportPart
from tidings.accounts.exports.reading import read_archive
from tidings.accounts.exports.sending import ExportSender
from tidings.accounts.exports.types import Step
from tidings.kernel.db import Database
from tidings.outbox.models import Delivery

EXPORT = "/users/me/export"
SECTIONS = {
    *("profile", "privacy", "sessions", "identities", "passkeys", "api_keys", "audit_log"),
    *("preferences", "notifications"),
}


async def exported(person: Person) -> dict[str, Any]:
    """Ask for an export, let a worker make it, and look into the archive."""
    async with person.world.tidings.lifespan():
        assert (await person.client.post(EXPORT)).status_code == 202
        await until(lambda: is_ready(person), patience_s=30)
    ready = (await person.client.get(EXPORT)).json()
    return unpacked(await person.client.get(ready["download_url"].removeprefix("/api/v1")))


async def is_ready(person: Person) -> bool:
    return bool((await person.client.get(EXPORT)).json()["state"] == "ready")


def unpacked(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(body) if name.endswith(".json") else body for name, body in files.items()}


async def test_an_export_holds_everything_that_is_kept_and_a_photo(ada: Person) -> None:
    await put(ada.client, picture(), "/users/me/photo")
    await ada.client.put("/users/me/privacy", json={**await privacy(ada), "hide_activity_map": True})
    await ada.receives("achievement", title="Well done")
    archive = await exported(ada)
    assert set(archive) == {"manifest.json", "photo.webp", *(f"{name}.json" for name in SECTIONS)}
    assert archive["profile.json"][0]["username"] == "ada"
    assert archive["privacy.json"][0]["hide_activity_map"] is True
    assert [each["title"] for each in archive["notifications.json"]] == ["Well done"]
    assert [each["kind"] for each in archive["sessions.json"]] == ["browser"]
    assert "export.requested" in {each["action"] for each in archive["audit_log.json"]}
    assert opened(archive["photo.webp"]).size == (512, 384)
    assert archive["manifest.json"]["user_id"] == str(ada.id)


async def privacy(person: Person) -> dict[str, Any]:
    settings: dict[str, Any] = (await person.client.get("/users/me/privacy")).json()
    return settings


async def test_an_export_holds_nothing_of_others_and_no_secret(ada: Person, grace: Person) -> None:
    await grace.receives("achievement", title="For Grace alone")
    await ada.client.post("/api-keys", json={"name": "mine", "scopes": ["notifications:read"]})
    text = json.dumps({name: str(body) for name, body in (await exported(ada)).items()})
    assert "Grace" not in text
    for secret in ("tdk_", "digest", "password_hash", "sealed"):
        assert secret not in text


async def test_its_owner_is_told_once_by_mail_and_once_in_the_inbox(ada: Person, tmp_path: Path) -> None:
    async with ada.world.tidings.lifespan():
        await ada.client.post(EXPORT)
        await until(lambda: is_ready(ada), patience_s=30)

        async def has_left() -> bool:
            return kept(tmp_path) == 1

        await until(has_left)
    assert await ada.titles(notification_type="account.export_ready") == ["Your export is ready"]
    assert kept(tmp_path) == 1


async def test_an_export_of_many_entries_is_read_in_slices(ada: Person) -> None:
    for batch in range(6):
        to = [str(ada.id)]
        for number in range(100):
            sent = await ada.world.app.client.post(
                "/notifications", json={"to": to, "type": "system", "title": f"{batch}-{number}"}
            )
            assert sent.status_code == 201
    archive = await exported(ada)
    titles = [each["title"] for each in archive["notifications.json"]]
    assert (len(titles), len(set(titles))) == (600, 600)


async def test_progress_grows_and_the_parts_are_gone_at_the_end(ada: Person) -> None:
    database = ada.world.tidings.database
    assert (await ada.client.post(EXPORT)).json()["progress"] == 0
    seen = []
    async for step in steps(ada):
        await step
        seen.append((await ada.client.get(EXPORT)).json()["progress"])
    assert seen == sorted(seen)
    assert (seen[0] > 0, seen[-1]) == (True, 100)
    assert await count(database, ExportPart) == 0


async def steps(person: Person) -> AsyncIterator[Any]:
    """Each step that waits, made as a worker makes it, until none does."""
    tidings = person.world.tidings
    sender = ExportSender(tidings.database, tidings.keyring, tidings.clock)
    made = -1
    while True:
        export = await export_of(person)
        if export.position == made or export.state != "running":
            return
        made = export.position
        yield sender.send(Step(person.id, export.id, export.position), handing_over=no_point_of_no_return)


async def no_point_of_no_return() -> None:
    raise AssertionError("an export never hands over")


async def export_of(person: Person) -> Export:
    async with person.world.tidings.database.read() as session:
        return await session.get_one(Export, person.id)


async def count(database: Database, table: type[Any]) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_step_that_is_made_twice_is_made_once(ada: Person) -> None:
    await ada.client.post(EXPORT)
    export, tidings = await export_of(ada), ada.world.tidings
    for _ in range(2):
        async with tidings.database.write() as session:
            await make_step(session, Step(ada.id, export.id, 0), now=tidings.clock.now())
    assert (await export_of(ada)).position == 1
    assert await count(tidings.database, ExportPart) == 1


async def test_asking_again_while_one_is_made_changes_nothing_and_later_makes_another(ada: Person) -> None:
    first = (await ada.client.post(EXPORT)).json()
    assert (await ada.client.post(EXPORT)).json() == first
    ada.world.clock.advance(hours=2)  # whoever made it is gone for good
    assert (await ada.client.post(EXPORT)).json()["id"] != first["id"]
    async for step in steps(ada):
        await step
    ready = (await ada.client.get(EXPORT)).json()
    assert (ready["state"], ready["progress"]) == ("ready", 100)
    assert (await ada.client.post(EXPORT)).json()["id"] != ready["id"]


async def test_an_export_is_its_owner_s_alone_and_kept_for_a_week(world: World, ada: Person, grace: Person) -> None:
    await exported(ada)
    for path in (EXPORT, f"{EXPORT}/download"):
        assert (await grace.client.get(path)).json()["code"] == "export_not_found"
        assert (await world.app.client.get(path)).status_code == 403
        assert (await world.client().get(path)).status_code == 401
    world.clock.advance(days=7)
    assert (await ada.client.get(f"{EXPORT}/download")).json()["code"] == "export_not_found"
    await world.runs("purge_exports")
    assert await count(world.tidings.database, Export) == 0


async def test_an_export_that_is_not_ready_cannot_be_downloaded(ada: Person) -> None:
    assert (await ada.client.get(EXPORT)).json()["code"] == "export_not_found"
    await ada.client.post(EXPORT)
    assert (await ada.client.get(f"{EXPORT}/download")).json()["code"] == "export_not_found"


async def test_an_export_goes_with_its_person(world: World, ada: Person, grace: Person) -> None:
    await ada.client.post(EXPORT)
    assert (await grace.client.delete(f"/users/{ada.id}")).status_code == 204
    assert [await count(world.tidings.database, table) for table in (Export, ExportPart, Delivery)] == [0, 0, 0]


def packed(files: dict[str, Any]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body if isinstance(body, bytes) else json.dumps(body))
    return file.getvalue()


async def imports(person: Person, content: bytes) -> httpx.Response:
    return await person.client.post("/users/me/import", files={"file": ("export.zip", content, "application/zip")})


async def test_what_one_decided_moves_to_another_account(ada: Person, grace: Person) -> None:
    await put(ada.client, picture(), "/users/me/photo")
    await ada.client.patch("/users/me", json={"city": "London", "height": 170})
    await ada.client.put("/users/me/privacy", json={**await privacy(ada), "default_activity_visibility": "private"})
    await ada.client.patch("/notifications/preferences/me", json={"email_enabled": False})
    archive = await exported(ada)
    answer = await imports(grace, packed(archive))
    taken = {"profile": 1, "privacy": 1, "preferences": 1, "notifications": 0}
    assert answer.json()["imported"] == {**taken, "photo": 1}
    assert answer.json()["left_out"] == sorted(SECTIONS - set(taken))
    me = (await grace.client.get("/users/me")).json()
    assert (me["id"], me["username"], me["email"]) == (str(grace.id), "grace", "grace@example.org")
    assert (me["access_type"], me["name"], me["city"], me["height"]) == ("admin", "Ada", "London", 170)
    assert me["default_activity_visibility"] == "private"
    assert (await grace.client.get("/notifications/preferences/me")).json()["email_enabled"] is False
    assert opened((await grace.client.get("/users/me/photo")).content).size == (512, 384)


MANIFEST = {"format": "tidings-export", "version": 1}
PROFILE = {"city": "London"}


@pytest.mark.parametrize(
    ("files", "pointer"),
    [
        ({}, "/file/manifest.json"),
        ({"manifest.json": {**MANIFEST, "version": 2}}, "/file/manifest.json"),
        ({"manifest.json": MANIFEST, "profile.json": PROFILE}, "/file/profile.json"),
        ({"manifest.json": MANIFEST, "profile.json": [{"height": 999}]}, "/file/profile.json/height"),
        ({"manifest.json": MANIFEST, "profile.json": [{"birthdate": "2999-01-01"}]}, "/file/profile.json/birthdate"),
        ({"manifest.json": MANIFEST, "profile.json": b"{"}, "/file/profile.json"),
        ({"manifest.json": MANIFEST, "profile.json": b"[" * 100_000}, "/file/profile.json"),
        ({"manifest.json": MANIFEST, "profile.json": [PROFILE], "privacy.json": [{}]}, None),
        ({"manifest.json": MANIFEST, "profile.json": b" " * (5 << 20)}, "/file/profile.json"),
        ({"manifest.json": MANIFEST, "profile.json": [PROFILE, PROFILE]}, "/file/profile.json"),
        ({"manifest.json": MANIFEST, "privacy.json": [{}] * 20_000}, "/file/privacy.json"),
        ({"manifest.json": MANIFEST, "preferences.json": [{}] * 2}, "/file/preferences.json"),
        ({"manifest.json": MANIFEST, "notifications.json": [{}] * 25_001}, "/file/notifications.json"),
        ({"manifest.json": MANIFEST, "../profile.json": [PROFILE]}, "/file"),
        ({"manifest.json": MANIFEST, "..\\profile.json": [PROFILE]}, "/file"),
        ({"manifest.json": MANIFEST, "run.sh": b"rm -rf /"}, "/file"),
        ({"manifest.json": MANIFEST, **{f"{number}.json": [] for number in range(64)}}, "/file"),
    ],
)
async def test_what_is_no_export_changes_nothing(ada: Person, files: dict[str, Any], pointer: str | None) -> None:
    before = (await ada.client.get("/users/me")).json()
    refused = await imports(ada, packed(files))
    assert (refused.status_code, refused.json()["code"]) == (422, "import_refused")
    assert pointer is None or refused.json()["errors"][0]["pointer"] == pointer
    assert (await ada.client.get("/users/me")).json() == before


async def test_a_file_that_is_no_archive_is_refused(ada: Person) -> None:
    whole = packed({"manifest.json": MANIFEST, "profile.json": [PROFILE]})
    for content in (b"", b"PK\x03\x04", picture(), whole[:-30], whole[:40] + b"\xff" * 20 + whole[60:]):
        assert (await imports(ada, content)).json()["code"] == "import_refused"


async def test_a_bomb_is_never_unpacked(ada: Person) -> None:
    bomb = packed({"manifest.json": MANIFEST, "notifications.json": bytes(200 << 20)})
    assert len(bomb) < 1 << 20
    assert (await read_archive(bomb)).files["notifications.json"] is None
    answer = await imports(ada, bomb)
    assert answer.json() == {"imported": {}, "left_out": ["notifications"]}


async def test_a_photo_of_an_archive_is_checked_like_any_other(ada: Person) -> None:
    bomb = packed({"manifest.json": MANIFEST, "profile.json": [PROFILE], "photo.webp": b"<svg/>"})
    assert (await imports(ada, bomb)).json()["code"] == "photo_refused"
    assert (await ada.client.get("/users/me")).json()["city"] is None


async def test_rights_and_states_in_an_archive_are_nobody_s(ada: Person) -> None:
    claims = {"access_type": "admin", "state": "suspended", "email": "eve@example.org", "id": "0", "mfa_enabled": True}
    await imports(ada, packed({"manifest.json": MANIFEST, "profile.json": [{**PROFILE, **claims}]}))
    me = (await ada.client.get("/users/me")).json()
    assert (me["city"], me["access_type"], me["state"], me["email"]) == (
        "London",
        "regular",
        "active",
        "ada@example.org",
    )
