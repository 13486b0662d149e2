"""Unknown, wrong, unverified, waiting, suspended, rejected: one answer for all, also once there were too many."""

import httpx
import pytest
from sqlalchemy import update

from tests.accounts.signing_in import API, fail, log_in
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.models import User
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.types import AccountState

CLOSED = [state for state in AccountState if state is not AccountState.ACTIVE]


def seen(answer: httpx.Response) -> tuple[int, str, str]:
    """All that whoever asked can see."""
    return answer.status_code, answer.text, str(answer.headers)


async def test_row_08_every_refusal_is_the_same(world: World, ada: User) -> None:
    for state in CLOSED:
        await world.add(state.value, state=state, external_id=state.value)
    async with world.database.write() as session:
        await session.execute(update(User).where(User.username == "registered").values(email_verified=False))
    async with world.client() as browser:
        answers = [await log_in(browser, "nobody"), await log_in(browser, "ada", "wrong")]
        for state in CLOSED:
            answers.append(await log_in(browser, f"{state.value}@example.org"))
            answers.append(await log_in(browser, state.value, "wrong"))
    assert code(answers[0]) == (401, "invalid_credentials")
    assert len(set(map(seen, answers))) == 1


async def test_row_08_the_refusals_of_tokens_are_the_same(world: World, ada: User) -> None:
    await world.add("suspended", state=AccountState.SUSPENDED)
    async with world.client() as app:
        answers = [
            await app.post(f"{API}/auth/token", json={"login": login, "password": password})
            for login, password in (("nobody", PASSWORD), ("ada", "wrong"), ("suspended", PASSWORD))
        ]
    assert code(answers[0]) == (401, "invalid_credentials")
    assert len(set(map(seen, answers))) == 1


@pytest.mark.parametrize("login", ["suspended", "nobody", "nobody@example.org"])
async def test_row_08_too_many_attempts_look_the_same_for_names_that_nobody_has(
    world: World, ada: User, login: str
) -> None:
    await world.add("suspended", state=AccountState.SUSPENDED)
    async with world.client() as browser:
        refused = []
        for name in ("ada", login):
            await fail(world, browser, name, times=10)
            refused.append(await log_in(browser, name))
    assert code(refused[0]) == (429, "too_many_attempts")
    assert refused[0].headers["Retry-After"] == "900"
    assert len(set(map(seen, refused))) == 1


async def test_row_08_where_passwords_are_off_everybody_hears_the_same(world: World, ada: User) -> None:
    async with world.database.write() as session:
        session.add(ServerSettings(local_login_enabled=False, updated_at=world.clock.now()))
    async with world.client() as browser:
        answers = [await log_in(browser), await log_in(browser, "ada", "wrong"), await log_in(browser, "nobody")]
    assert code(answers[0]) == (403, "local_login_disabled")
    assert len(set(map(seen, answers))) == 1
