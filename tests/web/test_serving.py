"""The pages as an HTTP client sees them: who asks, where the app is mounted, and what the pages then name."""

import re

import httpx
import pytest

from tests.server import Live
from tests.web.places import client_of, mounted
from tidings import Tidings
from tidings.web.serving import PAGES

# Files, not rows.
pytestmark = pytest.mark.parametrize("pooled", ["sqlite"], indirect=True)


def paths_in(page: str) -> list[str]:
    """Every address that the page names, its root first."""
    return re.findall(r'(?:content|href|src)="(/[^"]*)"', page)


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_can_be_asked_for_its_head_alone(live: Live, page: str) -> None:
    async with httpx.AsyncClient(base_url=live.origin, trust_env=False, timeout=60) as client:
        whole, head = await client.get(page), await client.head(page)
    assert (head.status_code, head.content) == (200, b"")
    assert whole.content
    for name in ("content-length", "content-type", "cache-control", "content-security-policy"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize(
    ("mount", "root"),
    [
        ("", "/"),
        ("/tidings", "/tidings/"),
        ("/our/own tidings", "/our/own%20tidings/"),
        ("/a&b's@<i>", "/a&amp;b&#x27;s@%3Ci%3E/"),
    ],
)
async def test_a_page_names_everything_under_the_path_it_is_mounted_at(tidings: Tidings, mount: str, root: str) -> None:
    async with client_of(mounted(tidings, mount)) as client:
        named = paths_in((await client.get(f"{mount}/inbox")).text)
        assert named[0] == root
        assert len(named) >= 4
        for path in named[1:]:
            assert path.startswith(f"{root}static/")


async def test_what_a_mounted_page_names_is_there(tidings: Tidings) -> None:
    async with client_of(mounted(tidings, "/tidings")) as client:
        for path in paths_in((await client.get("/tidings/")).text)[1:]:
            assert (await client.get(path)).status_code == 200


async def test_a_path_of_the_visitors_own_making_leads_to_no_other_site(tidings: Tidings) -> None:
    async with client_of(mounted(tidings, "/{anything:path}/at")) as client:
        page = await client.get("http://testserver//evil.example/at/inbox")
    assert paths_in(page.text)[0] == "/evil.example/at/"
