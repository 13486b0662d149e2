"""Whatever a body names beyond its documented fields is refused, and most of all what would give rights."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.whole.routes import Route, every_route
from tests.world import API, Person, World
from tidings.web.description import openapi_document

PRIVILEGED = {
    *("id", "user_id", "owner_user_id", "state", "access_type", "scopes", "active", "is_admin", "admin"),
    *("password_hash", "digest", "sealed", "mfa_enabled", "mfa_secret", "email_verified", "pending_admin_approval"),
    *(
        "external_auth_count",
        "photo_url",
        "photo_path",
        "photo_id",
        "created_at",
        "updated_at",
        "revision",
        "__class__",
    ),
}
VALUES: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just({}) | st.just([])
)
FIELDS = st.dictionaries(
    st.text(st.characters(codec="utf-8", exclude_characters="\0/~"), min_size=1), VALUES, max_size=3
)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, more=FIELDS)
async def test_row_34_every_write_refuses_what_it_does_not_name(
    world: World, grace: Person, value: Any, more: dict[str, Any]
) -> None:
    for route, known in writes(world):
        extra = {
            name: each for name, each in ({**dict.fromkeys(PRIVILEGED, value), **more}).items() if name not in known
        }
        answer = await grace.client.request(route.method, route.at(), json=extra)
        assert answer.status_code == 422, (route, answer.text)
        refused = {fault["pointer"].rpartition("/")[2] for fault in answer.json()["errors"]}
        assert set(extra) <= refused, route


def writes(world: World) -> list[tuple[Route, set[str]]]:
    """Every route that takes a JSON body, with the fields it names."""
    document = openapi_document(world.tidings.app)
    found = []
    for route in every_route(world.tidings.app):
        body = document["paths"][API + route.path][route.method.lower()].get("requestBody", {})
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            found.append((route, fields(document, schema)))
    return found


def fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """What a body of this schema may name, in any of its shapes."""
    if "$ref" in schema:
        return fields(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    shapes = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    return set(schema.get("properties", {})).union(*(fields(document, shape) for shape in shapes))


async def test_row_34_the_test_above_knows_every_write(world: World) -> None:
    known = {str(route) for route, _ in writes(world)}
    assert {"PATCH /users/me", "PATCH /users/{user_id}", "POST /auth/sign-up", "PUT /server-settings"} <= known
    assert len(known) > 30


@pytest.mark.parametrize("path", ["/users/me/photo", "/server-settings/login-photo"])
async def test_row_34_a_form_with_more_than_its_file_is_refused(grace: Person, path: str) -> None:
    answer = await grace.client.put(path, files={"file": ("a", b"")}, data={"user_id": "1"})
    assert answer.status_code in {400, 422}
