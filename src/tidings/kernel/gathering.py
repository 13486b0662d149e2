"""Questions that are asked at the same time, answered together.

While one batch is being answered the next one gathers, so the busier the process, the larger the batches; whoever asks
alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
PATIENCE_S = 0.1
MOST = 100


class Gathering(Generic[Question, Answer]):
    """Answers questions by the batch: `answer_all` gives as many answers as it is asked questions, in their order.

    An error it raises meets everybody in the batch, and so does a RuntimeError when it ends in any other way without an
    answer for each. A batch that takes longer than `patience_s` holds up nobody else: the next one begins beside it.
    """

    def __init__(
        self,
        answer_all: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]],
        *,
        most: int = MOST,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._answer_all = answer_all
        self._most = most
        self._patience_s = patience_s
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._rounds: asyncio.Task[None] | None = None
        self._answering: set[asyncio.Task[Sequence[Answer]]] = set()  # a loop keeps no task alive

    async def ask(self, question: Question) -> Answer:
        """The answer. Whoever stops waiting for it does not stop it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._answer_waiting(), context=Context())
        return await answer

    async def _answer_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await asyncio.wait([self._begin(batch)], timeout=self._patience_s)

    def _begin(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> asyncio.Task[Sequence[Answer]]:
        answering = asyncio.get_running_loop().create_task(self._answer([question for question, _ in batch]))
        self._answering.add(answering)
        answering.add_done_callback(partial(self._hand_out, [answer for _, answer in batch]))
        return answering

    async def _answer(self, questions: Sequence[Question]) -> Sequence[Answer]:
        return await self._answer_all(questions)

    def _hand_out(self, waiting: Sequence[asyncio.Future[Answer]], answering: asyncio.Task[Sequence[Answer]]) -> None:
        """Leave nobody waiting, however the answering ended."""
        self._answering.discard(answering)
        error = RuntimeError("ended unanswered") if answering.cancelled() else answering.exception()
        if error is None and len(answering.result()) != len(waiting):
            error = RuntimeError(f"{len(answering.result())} answers to {len(waiting)} questions")
        for position, answer in enumerate(waiting):
            if answer.done():  # whoever asked was cancelled
                continue
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(answering.result()[position])
