"""The requests that give somebody rights."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.world import Person
from tidings.accounts.types import AccessType

_NEW = "linus@example.org"
GRANTS: Mapping[str, dict[str, Any]] = {
    "POST /users": {"username": "linus", "name": "Linus", "email": _NEW},
    "PATCH /users/{user_id}": {"city": "Turin"},
    "POST /users/invite": {"email": _NEW},
}
"""Each route that gives rights, by a list written by hand, and what its body says besides."""


async def granted(
    client: httpx.AsyncClient, route: str, to: Person, access_type: AccessType | None
) -> tuple[httpx.Response, str]:
    """Ask one of these routes for these rights (None: not a word of them); the answer, and who would have them."""
    method, _, path = route.partition(" ")
    rights = {} if access_type is None else {"access_type": access_type}
    answer = await client.request(method, path.format(user_id=to.id), json=GRANTS[route] | rights)
    return answer, f"{to.name}@example.org" if "{user_id}" in path else _NEW
