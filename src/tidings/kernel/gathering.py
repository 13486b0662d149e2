"""Questions that are asked at the same time, answered together.

While one batch is being answered the next one gathers, so the busier the process, the larger the batches; whoever asks
alone waits for nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")
PATIENCE_S = 0.1
MOST = 100


class Gathering(Generic[Question, Answer]):
    """Answers questions by the batch: `answer_all` gives as many answers as it is asked questions, in their order.

    An error it raises meets everybody in the batch. A batch that takes longer than `patience_s` holds up nobody else:
    the next one begins beside it.
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
            answering = asyncio.create_task(self._answer(batch))
            await asyncio.wait([answering], timeout=self._patience_s)

    async def _answer(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._answer_all([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - raised again wherever one of them was asked
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), value in zip(batch, answers, strict=True):
            if not answer.done():  # done: whoever asked was cancelled
                answer.set_result(value)
