"""Row 16: recovery codes are hashed, shown once, and each opens the account once."""

from sqlalchemy import select

from tests.accounts.factors import recovery_codes_of, turn_on_totp
from tests.accounts.racing import at_once
from tests.accounts.world import PASSWORD, World, code
from tidings.accounts.mfa.models import RecoveryCode
from tidings.accounts.mfa.recovery_codes import use_recovery_code
from tidings.accounts.models import User
from tidings.kernel.db import Base

AUTH = "/api/v1/auth"


async def codes_of(world: World, user: User) -> list[str]:
    async with await world.browser_of(user) as browser:
        await turn_on_totp(world, browser)
        return await recovery_codes_of(browser)


async def test_row_16_of_sixteen_at_once_one_uses_the_code(world: World, ada: User) -> None:
    first, *_ = await codes_of(world, ada)
    outcomes = await at_once(world.database, lambda session: use_recovery_code(session, ada.id, first))
    assert sorted(outcomes) == [False] * 15 + [True]


async def test_row_16_a_code_signs_in_once(world: World, ada: User) -> None:
    first, second, *_ = await codes_of(world, ada)
    answers = []
    async with world.client() as browser:
        for given in (first, first, second):
            half = (await browser.post(f"{AUTH}/login", json={"login": "ada", "password": PASSWORD})).json()
            body = {"mfa_token": half["mfa_token"], "recovery_code": given}
            answers.append(await browser.post(f"{AUTH}/mfa", json=body))
    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert code(answers[1]) == (401, "invalid_credentials")


async def test_row_16_the_database_holds_digests_alone(world: World, ada: User) -> None:
    codes = await codes_of(world, ada)
    async with world.database.read() as session:
        assert len((await session.scalars(select(RecoveryCode))).all()) == len(codes)
        rows = [
            (await session.execute(select(table))).all()
            for table in Base.metadata.tables.values()
            if is_ours(table.name)
        ]
    dump = repr(rows)
    assert not [each for each in codes if each in dump or each.replace("-", "") in dump]


async def test_row_16_no_later_answer_shows_them(world: World, ada: User) -> None:
    async with await world.browser_of(ada) as browser:
        await turn_on_totp(world, browser)
        codes = await recovery_codes_of(browser)
        again = await recovery_codes_of(browser)
        me = await browser.get("/api/v1/users/me")
    assert not set(codes) & set(again)
    assert not [each for each in [*codes, *again] if each in me.text]


def is_ours(table: str) -> bool:
    return table.startswith(
        ("tidings_recovery", "tidings_totp", "tidings_audit", "tidings_deliveries", "tidings_users")
    )
