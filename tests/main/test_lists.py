"""Every list is an object with its plural noun, says where its next part begins, and has 1 to 100 rows a part."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.security.whole.routes import every_route
from tests.world import API, Person, World
from tidings.web.description import openapi_document

SHORT = {
    "/users/me/sessions": "sessions",
    "/users/me/passkeys": "passkeys",
    "/users/me/identities": "identities",
    "/users/{user_id}/sessions": "sessions",
    "/users/{user_id}/identities": "identities",
    "/api-keys": "api_keys",
    "/signing-secrets": "signing_secrets",
    "/identity-providers": "identity_providers",
    "/notification-types": "notification_types",
}
LONG = {"/users", "/notifications", "/deliveries", "/audit-log"}
NO_LISTS = {
    "/auth/providers": "what the sign-in page shows",
    "/notifications/changes": "goes by cursors of its own",
    "/notifications/{notification_id}/explain": "what was decided about one",
    "/events/{event_id}": "how far one has come",
    "/events/{event_id}/explain": "what was decided about one",
    "/system": "how the server is",
    "/development/mails": "the newest, while developing",
    "/development/mails/{delivery_id}": "one of them",
    "/development/templates": "what can be looked at, while developing",
    "/users/me/mfa": "which kinds of factors one has",
}
"""Answers with an array that are about one thing."""


def with_arrays(world: World) -> Iterator[str]:
    """Every GET whose answer holds an array of objects, by its description."""
    document = openapi_document(world.tidings.app)
    for route in every_route(world.tidings.app):
        answer = document["paths"][API + route.path][route.method.lower()]["responses"].get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        items = [each.get("items", {}) for each in properties(document, schema)]
        if route.method == "GET" and any({"$ref", "anyOf"} & {*each} for each in items):
            yield route.path


def properties(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [schema, *schema.get("properties", {}).values()]


async def test_every_list_is_known_here(world: World) -> None:
    assert set(with_arrays(world)) == {*SHORT, *LONG, *NO_LISTS}


@pytest.mark.parametrize(("path", "noun"), SHORT.items())
async def test_a_short_list_comes_whole_or_in_parts(ada: Person, grace: Person, path: str, noun: str) -> None:
    at = path.format(user_id=ada.id)
    for name in ("one", "two", "three"):
        await grace.client.post("/signing-secrets", json={"name": name})
        await grace.client.post("/api-keys", json={"name": name, "scopes": ["admin"]})
    whole = (await grace.client.get(at)).json()
    assert whole["next_cursor"] is None
    found, url = [], f"{at}?page_size=1"
    while url:
        answer = await grace.client.get(url)
        found += answer.json()[noun]
        assert ("next" in answer.links) == (answer.json()["next_cursor"] is not None)
        url = answer.links.get("next", {}).get("url", "").removeprefix(API)
    assert found == whole[noun]


@pytest.mark.parametrize("path", SHORT)
@pytest.mark.parametrize("query", ["page_size=0", "page_size=101", "cursor=made-up"])
async def test_a_part_out_of_bounds_is_refused(ada: Person, grace: Person, path: str, query: str) -> None:
    assert (await grace.client.get(f"{path.format(user_id=ada.id)}?{query}")).status_code == 422


async def test_a_list_goes_on_where_it_was_though_the_last_row_seen_is_gone(grace: Person) -> None:
    made = [(await grace.client.post("/signing-secrets", json={"name": name})).json()["id"] for name in "abc"]
    first = await grace.client.get("/signing-secrets?page_size=2")
    await grace.client.delete(f"/signing-secrets/{made[0]}")
    second = await grace.client.get(f"/signing-secrets?page_size=2&cursor={first.json()['next_cursor']}")
    assert [each["id"] for each in second.json()["signing_secrets"]] == made[2:]
