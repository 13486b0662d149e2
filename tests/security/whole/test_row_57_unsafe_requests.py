"""Row 57: no foreign page makes a browser act with its cookie, at any route and by any kind of request."""

import httpx

from tests.security.whole.routes import Route, ask, every_route
from tests.world import BASE_URL, Person, World
from tidings.kernel.http.routing import SAFE_METHODS

FOREIGN: dict[str, dict[str, str]] = {
    "says nothing": {},
    "another origin": {"Origin": "https://evil.example"},
    "another port": {"Origin": f"{BASE_URL}:8443"},
    "another scheme": {"Origin": BASE_URL.replace("http:", "https:")},
    "a longer name": {"Origin": f"{BASE_URL}.evil.example"},
    "null": {"Origin": "null"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "a referrer alone": {"Referer": f"{BASE_URL}/inbox"},
    "both, foreign": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
}
"""What a browser says of a page that is not ours, or of no page."""
FORMS = {
    "text": {"Content-Type": "text/plain"},
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "nothing": {},
    "json in disguise": {"Content-Type": "text/plain; a=application/json"},
    "nearly json": {"Content-Type": "application/jsonx"},
}
"""What an HTML form, or a script that asks nobody's leave first, may say of a body."""

ENDING = {"/users/me", "/auth/logout", "/users/me/sessions"}
"""Where a session ends, and with it what the walk shows."""


def guarded(world: World) -> list[Route]:
    """Every route that acts with the cookie, or takes its place."""
    return [
        route
        for route in every_route(world.tidings.app)
        if route.method not in SAFE_METHODS and route.policy != "public"
    ]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_row_57_the_walk_knows_every_route_that_acts(world: World) -> None:
    known = {str(route) for route in guarded(world)}
    assert {"POST /auth/login", "DELETE /users/me", "POST /notifications/read-all", "PUT /server-settings"} <= known
    assert len(known) > 60


async def test_row_57_no_route_acts_for_a_page_that_is_not_ours(world: World, grace: Person) -> None:
    del grace.client.headers["Origin"]
    for route in guarded(world):
        for said, headers in FOREIGN.items():
            assert code_of(await ask(grace.client, route, headers)) == (403, "cross_site"), (route, said)
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_57_no_route_takes_a_body_that_a_form_could_send(world: World, grace: Person) -> None:
    """Even from our own page, so that no clever redirect of a form is a way in."""
    for route in guarded(world):
        for kind, headers in FORMS.items():
            answer = await grace.client.request(route.method, route.at(), content=b"{}", headers=headers)
            assert code_of(answer) == (415, "unsupported_media_type"), (route, kind)
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_57_our_own_page_may(world: World, grace: Person) -> None:
    """What the tests above refuse is not refused to everybody."""
    del grace.client.headers["Origin"]
    for route in guarded(world):
        if route.path not in ENDING:
            for headers in ({"Origin": BASE_URL}, {"Sec-Fetch-Site": "same-origin"}):
                answer = await ask(grace.client, route, headers)
                assert answer.is_success or code_of(answer) != (403, "cross_site"), route
    assert (await grace.client.get("/users/me")).status_code == 200


async def test_row_57_what_anybody_may_call_reads_and_sets_no_session(world: World, ada: Person) -> None:
    """The routes that need no such guard: the cookie makes no difference, and nobody gets another by them."""
    del ada.client.headers["Origin"]
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    asked = 0
    for route in every_route(world.tidings.app):
        if route.method not in SAFE_METHODS and route.policy == "public":
            stranger = await world.client().request(route.method, route.at(token="x"), json={}, headers=foreign)
            answer = await ada.client.request(route.method, route.at(token="x"), json={}, headers=foreign)
            assert answer.status_code == stranger.status_code, route
            assert "Set-Cookie" not in answer.headers, route
            asked += 1
    assert asked > 5
    assert (await ada.client.get("/users/me")).status_code == 200
