"""Whether the process runs, whether it can serve, and what every answer carries."""

import httpx

from tidings import Tidings


async def test_a_server_is_alive_and_ready(http: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert ((await http.head(path)).status_code, (await http.head(path)).content) == (200, b"")


async def test_a_server_that_drains_is_alive_and_not_ready(tidings: Tidings, http: httpx.AsyncClient) -> None:
    await tidings.drain()
    assert (await http.get("/livez")).status_code == 200
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "draining"})


async def test_every_answer_has_safe_headers(http: httpx.AsyncClient) -> None:
    for path in ("/livez", "/api/v1/notifications", "/nonsense"):
        headers = (await http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]
