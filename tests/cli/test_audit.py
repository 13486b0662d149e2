"""`tidings audit verify`, and what `tidings doctor` says of the audit log."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import update

from tests.cli.terminal import Terminal
from tidings import Tidings
from tidings.accounts.audit.chain import link_entries
from tidings.accounts.audit.guards import unguard
from tidings.accounts.audit.models import AuditEntry
from tidings.settings import Settings


def on_database(*, alter: bool) -> None:
    """Link what waits; then, as somebody who owns the database, alter it."""

    async def work() -> None:
        tidings = Tidings(settings=Settings())
        async with tidings.database.write() as session:
            await link_entries(session)
            if alter:
                await (await session.connection()).run_sync(unguard)
                await session.execute(update(AuditEntry).values(ip="198.51.100.1"))
        await tidings.database.engine.dispose()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work()).result()


def test_a_chain_that_holds_shows_its_head(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    on_database(alter=False)
    verified = any_terminal.does("audit", "verify")
    links, head = verified.out.split()
    assert int(links) >= 1
    assert len(head) == 64
    assert f"all {links} links hold" in verified.told
    assert json.loads(any_terminal.does("audit", "verify", "--json").out)["head"] == head


def test_a_chain_that_breaks_is_said_where(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    on_database(alter=True)
    broken = any_terminal.run("audit", "verify")
    assert (broken.code, broken.out) == (1, "")
    assert "the chain breaks at link 1" in broken.told
    told = any_terminal.run("audit", "verify", "--json")
    assert told.code == 1
    assert json.loads(told.out)["broken"]["number"] == 1


def test_the_doctor_looks_at_it(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    on_database(alter=True)
    examined = terminal.run("doctor", "--json")
    (finding,) = [each for each in json.loads(examined.out) if each["check"] == "audit log"]
    assert (examined.code, finding["is_fine"]) == (1, False)
    assert finding["what_to_do"]
