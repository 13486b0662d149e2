"""Whatever a body names beyond its documented fields is refused, and most of all what would give rights."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.whole.routes import json_writes, objects_within
from tests.world import Person, World

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
    for route, known in json_writes(world.tidings.app):
        extra = {
            name: each for name, each in ({**dict.fromkeys(PRIVILEGED, value), **more}).items() if name not in known
        }
        answer = await grace.client.request(route.method, route.at(), json=extra)
        assert answer.status_code == 422, (route, answer.text)
        refused = {fault["pointer"].rpartition("/")[2] for fault in answer.json()["errors"]}
        assert set(extra) <= refused, route


NESTED = {("POST /notifications", "to"), ("POST /notifications/preview", "to")}
"""Where a body holds objects that have fields of their own."""


@pytest.mark.parametrize("inner", [{"id": "somebody"}, {"access_type": "regular"}])
async def test_row_34_nor_does_an_object_within_a_body_take_more(world: World, inner: dict[str, str]) -> None:
    assert set(objects_within(world.tidings.app)) == NESTED
    for route, field in NESTED:
        method, _, path = route.partition(" ")
        for name in PRIVILEGED - set(inner) - {"id"}:
            body = {"type": "system", "title": "News", field: [inner | {name: "admin"}]}
            answer = await world.app.client.request(method, path, json=body)
            assert answer.status_code == 422, (route, name, answer.text)


async def test_row_34_the_test_above_knows_every_write(world: World) -> None:
    known = {str(route) for route, _ in json_writes(world.tidings.app)}
    assert {"PATCH /users/me", "PATCH /users/{user_id}", "POST /auth/sign-up", "PUT /server-settings"} <= known
    assert len(known) > 30


@pytest.mark.parametrize("path", ["/users/me/photo", "/server-settings/login-photo"])
async def test_row_34_a_form_with_more_than_its_file_is_refused(grace: Person, path: str) -> None:
    answer = await grace.client.put(path, files={"file": ("a", b"")}, data={"user_id": "1"})
    assert answer.status_code in {400, 422}
