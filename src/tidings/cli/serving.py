"""`tidings serve`: one process with everything inside, or several that share a database."""

import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from uvicorn.supervisors import multiprocess

from tidings.accounts.setup import ensure_setup_token
from tidings.cli.output import console, run
from tidings.demo.world import DemoWorld, open_demo
from tidings.kernel.http.protocol import BoundedProtocol
from tidings.kernel.logging import configure_logging
from tidings.main import Tidings, create_app
from tidings.migrations.upgrade import migrate
from tidings.notifications.cursors import ensure_epoch
from tidings.realtime.protocol import StreamProtocol
from tidings.settings import Settings

MAX_FRAME_BYTES = 1 << 20  # far above what a stream accepts: the stream itself answers 4513, uvicorn could only 1009
FINISH_S = 25
START_S = 60
"""A process that does not answer its supervisor for so long is replaced. On a busy machine a start takes seconds."""


class DrainingServer(uvicorn.Server):
    """Says goodbye to open streams before the connections are closed."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then let uvicorn finish what runs."""
        drain = getattr(getattr(self.config.loaded_app, "state", None), "drain", None)
        if drain is not None:
            await drain()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; having done so for SIGTERM is success, exit code 0, where uvicorn would die of the signal after all."""
        if sig == signal.SIGTERM:
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)


class DrainingWorker(multiprocess.Process):
    """A process of several, whose server drains too."""

    @property
    def server(self) -> uvicorn.Server:
        """The server of this process, made in the process itself."""
        if self._server is None:
            self._server = DrainingServer(self.config)
        return self._server


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8400,
    workers: Annotated[int, typer.Option(help="Processes that answer requests.", min=1, max=64)] = 1,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave deliveries and recurring tasks to `tidings worker`.")
    ] = False,
    with_demo: Annotated[bool, typer.Option("--demo", help="Fill the small demo world first.")] = False,
) -> None:
    """Start the server: migrates, then serves console, inbox and API until stopped."""
    with _listen(host, port) as listening:
        settings = _settings(_address(host, listening.getsockname()[1]), no_worker=no_worker)
        configure_logging(level=settings.log_level)
        setup_token, world = run(_prepare(settings, with_demo=with_demo))
        _greet(settings, setup_token, world)
        config = server_config(create_app, factory=True, workers=workers, loop="uvloop")
        if workers == 1:
            DrainingServer(config).run(sockets=[listening])
        else:
            multiprocess.Process = DrainingWorker  # type: ignore[misc]  # the supervisor offers no other way to choose
            multiprocess.Multiprocess(config, sockets=[listening]).run()


def server_config(app: Callable[..., Any], **options: Any) -> uvicorn.Config:  # Any: an app, and uvicorn's own options
    """How uvicorn serves an app of ours: heads with an end, streams past ASGI, nothing logged that holds a token."""
    return uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws=StreamProtocol,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=FINISH_S,
        timeout_worker_healthcheck=START_S,
        **options,
    )


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything is done, so that a taken one is the first thing said."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise typer.BadParameter(f"{host}:{port}: {error.strerror}; choose another --port") from None


def _settings(address: str, *, no_worker: bool) -> Settings:
    """The settings of every process; links lead to the address we listen on unless something says otherwise."""
    if no_worker:
        os.environ["TIDINGS_WORKER"] = "false"
    settings = Settings()
    if "base_url" in settings.model_fields_set:
        return settings
    os.environ["TIDINGS_BASE_URL"] = address
    return Settings()


async def _prepare(settings: Settings, *, with_demo: bool) -> tuple[str | None, DemoWorld | None]:
    """Bring the database up to date, fill the demo world, and make a setup token while nobody administers."""
    tidings = Tidings(settings=settings)
    try:
        await migrate(tidings.database)
        async with tidings.database.write() as session:
            await ensure_epoch(session)
        world = await open_demo(tidings) if with_demo else None
        async with tidings.database.write() as session:
            return await ensure_setup_token(session, tidings.clock.now()), world
    finally:
        await tidings.database.engine.dispose()


def _greet(settings: Settings, setup_token: str | None, world: DemoWorld | None) -> None:
    lines = [f"\n[bold]Tidings[/] at [cyan]{settings.base_url}[/]"]
    if setup_token is not None:
        lines.append(f"First administrator: [cyan]{settings.base_url}/setup?token={setup_token}[/]")
    if world is not None:
        lines.append(world.greeting(settings.base_url))
    console.print("\n".join(lines), highlight=False, soft_wrap=True)


def _address(host: str, port: int) -> str:
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
