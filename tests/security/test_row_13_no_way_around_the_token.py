"""Row 13: no order of steps sets a password without the token of a letter, and a reset never skips a second factor."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.factors import totp_of
from tests.accounts.mailbox import letters, newest
from tests.accounts.stage import BOUNDS, Stage, a_stage
from tests.accounts.world import HASH, PASSWORD, World, code
from tidings.accounts.audit.types import SERVER
from tidings.accounts.models import User
from tidings.accounts.types import AccessType, AccountState
from tidings.accounts.users import create_user

NEW = "another horse, another staple"
NAMES = ("ada", "eve")
names = st.sampled_from(NAMES)


class ResetMachine(RuleBasedStateMachine):
    """A stranger who may do anything in any order, and reads Eve's mail but never Ada's."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.known = ["tdm_made-up", ""]

    @initialize()
    def two_people(self) -> None:
        self.stage.clear()
        self.known = ["tdm_made-up", "x"]
        self.ids = {name: self.stage.run(self._make(name)) for name in NAMES}

    async def _make(self, name: str) -> UUID:
        async with self.stage.database.write() as session:
            user = await create_user(
                session,
                username=name,
                email=f"{name}@example.org",
                name=name.title(),
                password_hash=HASH,
                access_type=AccessType.REGULAR,
                state=AccountState.ACTIVE,
                by=SERVER,
                now=self.stage.clock.now(),
            )
            return user.id

    def post(self, path: str, body: dict[str, Any], method: str = "POST") -> Any:  # Any: JSON
        return self.stage.run(self.stage.client.request(method, path, json=body))

    @rule(name=names)
    def a_reset_is_asked_for(self, name: str) -> None:
        self.post("/auth/password-reset/request", {"email": f"{name}@example.org"})

    @rule()
    def eve_reads_her_mail(self) -> None:
        mailed = self.stage.run(letters(self.stage.tidings, "password_reset"))
        self.known += [letter.token for letter in mailed if letter.to == "eve@example.org"]

    @rule(pick=st.integers(0, 9), more=st.sampled_from([{}, {"email": "ada@example.org"}, {"user_id": "ada"}]))
    def a_token_is_tried(self, pick: int, more: dict[str, str]) -> None:
        """Ada's own address or id beside Eve's token: what a body says of the user is never believed."""
        named = {key: str(self.ids["ada"]) if value == "ada" else value for key, value in more.items()}
        body = {"token": self.known[pick % len(self.known)], "new_password": NEW, **named}
        answer = self.post("/auth/password-reset/confirm", body)
        assert answer.status_code in {200, 400, 422, 503}
        assert not named or answer.status_code == 422

    @rule(pick=st.integers(0, 9), path=st.sampled_from(["verify-email", "invitation", "mfa", "refresh", "confirm"]))
    def a_token_is_tried_elsewhere(self, pick: int, path: str) -> None:
        token = self.known[pick % len(self.known)]
        for body in ({"token": token}, {"mfa_token": token, "code": "000000"}, {"refresh_token": token}):
            assert self.post(f"/auth/{path}", body).status_code in {400, 401, 422}

    @rule(method=st.sampled_from(["PUT", "PATCH", "POST", "DELETE"]), path=st.sampled_from(["", "/password"]))
    def a_password_is_sent_where_no_session_is(self, method: str, path: str) -> None:
        for who in ("me", self.ids["ada"]):
            body = {"password": NEW, "current_password": NEW}
            assert self.post(f"/users/{who}{path}", body, method).status_code in {401, 403, 404, 405, 422}

    @rule(minutes=st.integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.stage.clock.advance(minutes=minutes)

    @invariant()
    def ada_s_password_is_her_own(self) -> None:
        if hasattr(self, "ids"):
            assert self.stage.run(self._hash_of_ada()) == HASH

    async def _hash_of_ada(self) -> str | None:
        async with self.stage.database.read() as session:
            user = await session.get(User, self.ids["ada"])
            assert user is not None
            return user.password_hash


@pytest.fixture
def stage(engine: AsyncEngine, tmp_path: Path) -> Iterator[Stage]:
    with a_stage(engine, tmp_path) as stage:
        yield stage


def test_row_13_no_order_of_steps_sets_a_password_without_the_token(stage: Stage) -> None:
    class Machine(ResetMachine):
        def __init__(self) -> None:
            super().__init__(stage)

    run_state_machine_as_test(Machine, settings=BOUNDS)


async def test_row_13_a_reset_starts_no_session_and_skips_no_second_factor(world: World, ada: User) -> None:
    await totp_of(world, ada)
    async with world.client() as stranger:
        await stranger.post("/api/v1/auth/password-reset/request", json={"email": "ada@example.org"})
        token = (await newest(world, "password_reset")).token
        answer = await stranger.post("/api/v1/auth/password-reset/confirm", json={"token": token, "new_password": NEW})
        assert (answer.status_code, answer.json(), "set-cookie" in answer.headers) == (200, {"success": True}, False)
        assert code(await stranger.get("/api/v1/users/me")) == (401, "not_authenticated")
        for path in ("login", "token"):
            signed_in = (await stranger.post(f"/api/v1/auth/{path}", json={"login": "ada", "password": NEW})).json()
            assert signed_in["mfa_required"] is True
            assert not {"user", "access_token"} & signed_in.keys()
        assert code(await stranger.get("/api/v1/users/me")) == (401, "not_authenticated")


async def test_row_13_the_old_password_is_no_way_in_after_a_reset(world: World, ada: User) -> None:
    async with world.client() as stranger:
        await stranger.post("/api/v1/auth/password-reset/request", json={"email": "ada@example.org"})
        reset = {"token": (await newest(world, "password_reset")).token, "new_password": NEW}
        await stranger.post("/api/v1/auth/password-reset/confirm", json=reset)
        refused = await stranger.post("/api/v1/auth/login", json={"login": "ada", "password": PASSWORD})
    assert code(refused) == (401, "invalid_credentials")
