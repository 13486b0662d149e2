"""Questions that are asked at the same time, answered together."""

import asyncio
import gc
import weakref
from collections.abc import Sequence

import pytest

from tidings.kernel.gathering import Gathering


class Clerk:
    """Answers when told to, and remembers what was asked together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    async def answer_all(self, questions: Sequence[str]) -> list[str]:
        self.batches.append(list(questions))
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return [question.upper() for question in questions]


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


async def asked(gathering: Gathering[str, str], *questions: str) -> list[asyncio.Task[str]]:
    """Questions under way."""
    tasks = [asyncio.create_task(gathering.ask(question)) for question in questions]
    await asyncio.sleep(0)
    return tasks


async def until(clerk: Clerk, batches: int) -> None:
    """Until the clerk has been given so many batches."""
    async with asyncio.timeout(5):
        while len(clerk.batches) < batches:
            await asyncio.sleep(0)


async def test_everybody_gets_their_own_answer(clerk: Clerk) -> None:
    clerk.may_answer.set()
    gathering = Gathering(clerk.answer_all)
    assert await asyncio.gather(*map(gathering.ask, "abc")) == ["A", "B", "C"]


async def test_what_comes_while_others_are_answered_is_answered_together(clerk: Clerk) -> None:
    gathering = Gathering(clerk.answer_all, patience_s=60)
    first = await asked(gathering, "a")
    await until(clerk, 1)
    rest = await asked(gathering, "b", "c", "d")
    clerk.may_answer.set()
    assert await asyncio.gather(*first, *rest) == ["A", "B", "C", "D"]
    assert clerk.batches == [["a"], ["b", "c", "d"]]


async def test_a_batch_has_its_bounds(clerk: Clerk) -> None:
    clerk.may_answer.set()
    gathering = Gathering(clerk.answer_all, most=2)
    await asyncio.gather(*map(gathering.ask, "abcde"))
    assert clerk.batches == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_slow_batch_holds_nobody_up_for_long(clerk: Clerk) -> None:
    gathering = Gathering(clerk.answer_all, patience_s=0)
    slow = await asked(gathering, "a")
    await until(clerk, 1)
    next_one = await asked(gathering, "b")
    await until(clerk, 2)
    clerk.may_answer.set()
    assert await asyncio.gather(*slow, *next_one) == ["A", "B"]


async def test_an_error_meets_everybody_it_concerns_and_nobody_after_them(clerk: Clerk) -> None:
    clerk.error = LookupError("no such thing")
    clerk.may_answer.set()
    gathering = Gathering(clerk.answer_all)
    found = await asyncio.gather(*map(gathering.ask, "ab"), return_exceptions=True)
    assert found == [clerk.error, clerk.error]
    clerk.error = None
    assert await gathering.ask("c") == "C"


async def test_who_stops_waiting_does_not_stop_the_others(clerk: Clerk) -> None:
    gathering = Gathering(clerk.answer_all)
    gone, stays = await asked(gathering, "a", "b")
    await until(clerk, 1)
    gone.cancel()
    clerk.may_answer.set()
    assert await stays == "B"


async def test_a_slow_batch_is_kept_until_it_is_answered() -> None:
    waits: list[weakref.ref[asyncio.Future[None]]] = []

    async def answer_all(_questions: Sequence[str]) -> list[str]:
        come = asyncio.get_running_loop().create_future()
        waits.append(weakref.ref(come))
        await come
        return ["A"]

    gathering = Gathering(answer_all, patience_s=0)
    (slow,) = await asked(gathering, "a")
    async with asyncio.timeout(5):
        while not waits:
            await asyncio.sleep(0)
        for _ in range(10):  # turns of the loop: by then nobody waits for the answers but who asked
            await asyncio.sleep(0)
        gc.collect()
        come = waits[0]()
        assert come is not None
        come.set_result(None)
        assert await slow == "A"


@pytest.mark.parametrize("answers", [[], ["A"], ["A", "B", "C"]])
async def test_too_few_answers_or_too_many_are_nobodys(answers: list[str]) -> None:
    async def answer_all(_questions: Sequence[str]) -> list[str]:
        return answers

    gathering = Gathering(answer_all)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*map(gathering.ask, "ab"), return_exceptions=True)
    assert [type(each) for each in found] == [RuntimeError, RuntimeError]


async def test_nobody_waits_for_what_was_cancelled() -> None:
    async def answer_all(_questions: Sequence[str]) -> list[str]:
        raise asyncio.CancelledError

    gathering = Gathering(answer_all)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*map(gathering.ask, "ab"), return_exceptions=True)
    assert [type(each) for each in found] == [RuntimeError, RuntimeError]
