"""A flood of sign-ins sheds load: hashing keeps to its permits, whoever finds no room is told to come back."""

import asyncio
import threading

from tests.accounts.signing_in import WRONG, log_in
from tests.accounts.world import World, code
from tidings.accounts.models import User
from tidings.accounts.passwords import PERMITS, WAITING

FLOOD = max(200, PERMITS + WAITING + 50)


def hashing_threads() -> int:
    return len([thread for thread in threading.enumerate() if thread.name.startswith("password")])


async def test_row_05_a_flood_is_shed_and_the_rest_is_answered(world: World, ada: User) -> None:
    async with world.client() as browser:
        attempts = [asyncio.create_task(log_in(browser, f"nobody{n}", WRONG)) for n in range(FLOOD)]
        most = 0
        while not all(attempt.done() for attempt in attempts):
            most = max(most, hashing_threads())
            await asyncio.wait(attempts, timeout=0.01)
        answers = [attempt.result() for attempt in attempts]
        assert 0 < most <= PERMITS
        shed = [answer for answer in answers if answer.status_code == 503]
        assert shed
        assert {code(answer) for answer in shed} == {(503, "busy")}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in shed)
        served = [answer for answer in answers if answer.status_code != 503]
        assert {code(answer) for answer in served} == {(401, "invalid_credentials")}
        assert (await log_in(browser)).status_code == 200


async def test_row_05_whoever_was_shed_has_not_failed(world: World, ada: User) -> None:
    async with world.client() as browser:
        flood = [log_in(browser, f"nobody{n}", WRONG) for n in range(FLOOD)]
        mine = [log_in(browser) for _ in range(20)]
        answers = (await asyncio.gather(*flood, *mine))[FLOOD:]
        assert {answer.status_code for answer in answers} <= {200, 503}
        assert (await log_in(browser)).status_code == 200
