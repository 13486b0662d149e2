"""Row 43: a spreadsheet that takes text for formulas gets none from here, because no CSV leaves this release."""

import ast
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from tests.clock import StoppedClock
from tests.docs.pages import ROOT
from tests.waiting import until
from tests.world import World, empty
from tidings import Tidings
from tidings.settings import Settings
from tidings.web.description import openapi_document

OF_SPREADSHEETS = ("csv", "tab-separated", "spreadsheet", "ms-excel", "xlsx", ".ods")


def names_a_spreadsheet(text: str) -> bool:
    return any(kind in text.lower() for kind in OF_SPREADSHEETS)


async def test_row_43_no_route_answers_with_a_spreadsheet(engine: AsyncEngine, settings: Settings) -> None:
    app = Tidings(engine, settings=settings).app
    answered = {
        media_type
        for operations in openapi_document(app)["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
        for media_type in response.get("content", {})
    }
    assert {"application/json", "application/zip"} <= answered
    assert not [media_type for media_type in answered if names_a_spreadsheet(media_type)]


def test_row_43_nothing_in_the_source_writes_one() -> None:
    written = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "src").rglob("*.py"))
        for text in _texts_and_imports(path)
        if names_a_spreadsheet(text)
    ]
    assert written == []


def test_row_43_no_page_makes_one_in_the_browser() -> None:
    pages = list((ROOT / "frontend" / "src").rglob("*.ts"))
    assert len(pages) > 20
    assert [str(path) for path in pages if "text/csv" in path.read_text(encoding="utf-8")] == []


def _texts_and_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


async def test_row_43_an_export_holds_json_and_pictures_alone(engine: AsyncEngine, settings: Settings) -> None:
    tidings = Tidings(engine, settings=settings, clock=StoppedClock())
    await empty(tidings.database)
    world = World(tidings, tidings.clock)  # type: ignore[arg-type]  # the one it was made with
    await world.open()
    ada = await world.make_person("ada")

    async def is_ready() -> bool:
        return bool((await ada.client.get("/users/me/export")).json()["state"] == "ready")

    async with tidings.lifespan():
        await ada.client.post("/users/me/export")
        await until(is_ready, patience_s=60)
    archive = await ada.client.get("/users/me/export/download")
    await world.close()
    with zipfile.ZipFile(BytesIO(archive.content)) as files:
        assert {Path(name).suffix for name in files.namelist()} <= {".json", ".webp"}
