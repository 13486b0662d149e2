"""What the originals did wrong (PARITY §6), each shown not to happen here; docs/parity.md lists them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyotp
import pytest
from sqlalchemy import event

from tests.accounts.mailbox import letters, newest
from tests.accounts.pictures import picture, put
from tests.parity.signing_up import LINUS, act, found, open_sign_up, sign_in, sign_up, verify
from tests.world import Person, World


async def test_trap_2_with_approval_on_and_verification_off_an_account_can_be_approved(
    world: World, grace: Person
) -> None:
    await open_sign_up(grace, approval=True, verification=False)
    await sign_up(world)
    assert (await act(grace, "approve", (await found(grace))["id"])).json()["state"] == "active"
    assert (await sign_in(world))[1] == 200


async def test_trap_3_an_unused_verification_link_brings_no_suspended_account_back(world: World, grace: Person) -> None:
    await open_sign_up(grace, verification=False)
    await sign_up(world)
    token = (await newest(world.tidings, "verify_email")).token
    await act(grace, "suspend", (await found(grace))["id"])
    assert (await verify(world, token)).json()["code"] == "token_invalid"
    assert (await found(grace))["state"] == "suspended"
    assert (await sign_in(world))[1] == 401


async def test_trap_4_nobody_reads_the_secret_of_a_second_factor(world: World, ada: Person, grace: Person) -> None:
    secret = (await ada.client.post("/users/me/mfa/totp")).json()["secret"]
    code = pyotp.TOTP(secret).at(world.clock.now())
    assert (await ada.client.post("/users/me/mfa/totp/confirm", json={"code": code})).status_code == 200
    for reader, path in ((ada, "/users/me"), (ada, "/users/me/mfa"), (grace, f"/users/{ada.id}"), (grace, "/users")):
        answer = await reader.client.get(path)
        assert answer.status_code == 200
        assert secret not in answer.text


@pytest.mark.parametrize(
    "field",
    [
        {"access_type": "admin"},
        {"state": "suspended"},
        {"active": False},
        {"mfa_enabled": True},
        {"mfa_secret": "JBSWY3DPEHPK3PXP"},
        {"email_verified": True},
        {"pending_admin_approval": False},
    ],
    ids=lambda field: next(iter(field)),
)
async def test_trap_4_a_profile_writes_no_role_no_state_and_no_second_factor(
    ada: Person, grace: Person, field: dict[str, Any]
) -> None:
    before = (await ada.client.get("/users/me")).json()
    answer = await ada.client.patch("/users/me", json={"city": "London", **field})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "extra_forbidden")
    assert (await ada.client.get("/users/me")).json() == before


@pytest.mark.parametrize("name", ["photo_url", "photo_path"])
async def test_trap_5_a_profile_that_is_sent_back_keeps_its_photo(ada: Person, name: str) -> None:
    url = (await put(ada.client, picture(), "/users/me/photo")).json()["photo_url"]
    await ada.client.patch("/users/me", json={"city": "London", name: url})
    await ada.client.patch("/users/me", json={"city": "London"})
    assert (await ada.client.get("/users/me")).json()["photo_url"] == url
    assert (await ada.client.get(f"http://testserver{url}")).status_code == 200


async def test_trap_6_an_address_is_lower_cased_wherever_it_is_written(
    world: World, ada: Person, grace: Person
) -> None:
    await ada.client.put("/users/me/email", json={"email": "Countess@Example.ORG"})
    await verify(world, (await newest(world.tidings, "confirm_email")).token)
    assert (await ada.client.get("/users/me")).json()["email"] == "countess@example.org"
    made = await grace.client.post("/users", json=LINUS | {"email": "Linus@Example.ORG"})
    assert made.json()["email"] == "linus@example.org"
    again = await grace.client.post("/users", json=LINUS | {"username": "other", "email": "LINUS@example.org"})
    assert again.json()["code"] == "email_taken"


async def test_trap_7_a_search_is_decoded_once(ada: Person, grace: Person) -> None:
    await ada.client.patch("/users/me", json={"name": "50%41 Ada"})
    for search, expected in (("%41", ["ada"]), ("50A", []), ("%61da", []), ("ada", ["ada"])):
        page = (await grace.client.get("/users", params={"search": search})).json()
        assert [user["username"] for user in page["records"]] == expected, search


async def test_trap_8_removing_somebody_loads_none_of_what_is_theirs(world: World, grace: Person) -> None:
    """However much they have, the same few statements: the database lets go of the rest."""
    statements = {}
    for name, entries in (("first", 0), ("ada", 1), ("eve", 12)):
        person = await world.make_person(name)
        for _ in range(entries):
            await person.receives()
        with statements_of(world) as asked:
            assert (await grace.client.delete(f"/users/{person.id}")).status_code == 204
        assert not [each for each in asked if "FROM tidings_notifications" in each and each.startswith("SELECT")]
        statements[name] = asked
    assert statements["ada"] == statements["eve"]


@contextmanager
def statements_of(world: World) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = world.tidings.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_trap_15_a_sign_up_with_a_known_address_is_answered_like_any_other(
    world: World, ada: Person, grace: Person
) -> None:
    await open_sign_up(grace, verification=True)
    known, unknown = await sign_up(world, username="one", email="ada@example.org"), await sign_up(world)
    assert known.status_code == unknown.status_code == 202
    assert (known.json(), set(known.headers)) == (unknown.json(), set(unknown.headers))
    assert [letter.to for letter in await letters(world.tidings, "address_known")] == ["ada@example.org"]
    assert (await grace.client.get("/users", params={"search": "one"})).json()["total"] == 0
