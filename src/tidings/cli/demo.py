"""`tidings demo`: the small named world, and a day of news in it."""

from tidings.cli.output import console, done, opened, run
from tidings.demo.world import open_demo, send_day


def fill() -> None:
    """Fill the demo world, and send its inhabitants another believable day of notifications."""
    run(_fill())


async def _fill() -> None:
    async with opened(migrated=True) as tidings:
        await tidings.doorbell.start(lambda _chimes: None)
        try:
            world = await open_demo(tidings)
            sent = await send_day(tidings, key=tidings.clock.now().isoformat())
        finally:
            await tidings.doorbell.stop()
    done(f"{sent} notifications sent")
    console.print(world.greeting(tidings.settings.base_url), highlight=False, soft_wrap=True)
