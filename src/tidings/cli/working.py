"""`tidings worker`: a process that sends what is due and runs the recurring tasks, and serves nobody."""

import asyncio
import signal

import structlog

from tidings.cli.output import console, run
from tidings.kernel.logging import configure_logging
from tidings.main import Tidings
from tidings.migrations.upgrade import current_revision, newest_revision
from tidings.settings import Settings

LOOK_S = 1.0
_log = structlog.get_logger(__name__)


def work() -> None:
    """Send what is due and run the recurring tasks until stopped, apart from `tidings serve`; any number at once."""
    settings = Settings()
    configure_logging(level=settings.log_level)
    run(_work(Tidings(settings=settings)))


async def _work(tidings: Tidings) -> None:
    stopping = _stopping()
    if not await _has_schema(tidings, stopping):
        return
    async with tidings.work():
        folder = tidings.mail.folder
        mail = f"sent through {tidings.mail.provider}" if folder is None else f"kept in {folder.path}, not sent"
        console.print(f"\n[bold]Tidings[/] works; mail is [cyan]{mail}[/]", highlight=False, soft_wrap=True)
        await stopping.wait()
        _log.info("worker_stopping")
    _log.info("worker_stopped")


def _stopping() -> asyncio.Event:
    """Set by SIGTERM and SIGINT. A second one finds the system's own handling, and ends the process at once."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopping


async def _has_schema(tidings: Tidings, stopping: asyncio.Event) -> bool:
    """Wait for this release's schema, which `tidings serve` or `tidings migrate` makes; False when stopped before."""
    wanted, told = newest_revision(), False
    while not stopping.is_set():
        found = await current_revision(tidings.database)
        if found == wanted:
            return True
        if not told:
            _log.warning("waiting_for_schema", found=found, wanted=wanted, what_to_do="run `tidings migrate`")
            told = True
        try:
            async with asyncio.timeout(LOOK_S):
                await stopping.wait()
        except TimeoutError:
            continue
    await tidings.database.engine.dispose()
    return False
