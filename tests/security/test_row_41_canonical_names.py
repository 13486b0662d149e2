"""A name is decoded once, compared in one form, and had by one person."""

import asyncio
import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from tests.accounts.racing import open_connections
from tests.accounts.world import World, code
from tidings.accounts.identifiers import canonical_email, canonical_username
from tidings.accounts.models import User
from tidings.accounts.types import AccountState, Scope
from tidings.kernel.ids import new_id

USERS = "/api/v1/users"
IN_PATH = st.text(st.sampled_from("a%25/2fF6+ é?#&=;:@"), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(IN_PATH)
@example("%61da")
@example("%2525")
@example("a+b")
async def test_row_41_what_stands_in_an_address_is_decoded_once(world: World, text: str) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE, Scope.USERS_READ)) as server:
        put = await server.put(f"{USERS}/by-external-id/{quote(text, safe='')}", json={})
        assert put.json()["external_id"] == text
        found = (await server.get(USERS, params={"search": text, "num_records": 100})).json()["records"]
    assert all(text.lower() in each["external_id"].lower() for each in found)
    assert text in {each["external_id"] for each in found}


@given(st.text(st.sampled_from("aBzZ09."), min_size=1, max_size=10), st.randoms())
def test_row_41_a_username_has_one_form(name: str, dice: object) -> None:
    assert canonical_username(name.upper()) == canonical_username(name.lower()) == canonical_username(name)
    assert canonical_username(canonical_username(name)) == canonical_username(name)


@given(
    st.text(st.sampled_from("aBéÉçñöÖø0"), min_size=1, max_size=8), st.sampled_from(["example.org", "bücher.example"])
)
def test_row_41_an_address_has_one_form(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    decomposed = unicodedata.normalize("NFD", address)
    assume(len(local) < 60)
    forms = {canonical_email(each) for each in (address, address.upper(), address.lower(), decomposed)}
    assert len(forms) == 1
    assert canonical_email(forms.pop()) == canonical_email(address)


@pytest.mark.parametrize("variant", ["ADA@example.org", "Ada@EXAMPLE.ORG", " ada@example.org"])
async def test_row_41_no_other_spelling_makes_a_second_account(world: World, ada: User, variant: str) -> None:
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        body = {"name": "Eve", "username": "eve", "email": variant}
        assert code(await server.post(USERS, json=body))[0] == 422


@pytest.mark.parametrize("column", ["username", "email"])
async def test_row_41_of_sixteen_spellings_at_once_one_gets_the_name(world: World, column: str) -> None:
    spellings = ["".join(c.upper() if number >> i & 1 else c for i, c in enumerate("lola")) for number in range(16)]
    of_their_own = [f"l{number}" for number in range(16)]
    names, mailboxes = (spellings, of_their_own) if column == "username" else (of_their_own, spellings)
    async with world.client(bearer=await world.key(Scope.USERS_WRITE)) as server:
        bodies = [
            {"name": "L", "username": name, "email": f"{mailbox}@example.org"}
            for name, mailbox in zip(names, mailboxes, strict=True)
        ]
        await open_connections(world.database)
        answers = await asyncio.gather(*(server.post(USERS, json=body) for body in bodies))
    refused = [code(answer) for answer in answers if answer.status_code != 201]
    assert refused == [(422, f"{column}_taken")] * 15


@pytest.mark.parametrize("column", ["username", "email"])
async def test_row_41_the_database_itself_takes_no_other_form(world: World, ada: User, column: str) -> None:
    now = world.clock.now()
    row = {"id": new_id(), column: "EVE", "state": AccountState.ACTIVE, "created_at": now, "updated_at": now}
    with pytest.raises(IntegrityError):
        async with world.database.write() as session:
            await session.execute(insert(User).values(row))
