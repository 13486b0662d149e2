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
    links, head = verified.out.strip().split(":")
    assert int(links) >= 1
    assert len(head) == 64
    assert f"all {links} links hold" in verified.told
    assert json.loads(any_terminal.does("audit", "verify", "--json").out)["head"] == f"{links}:{head}"


def test_a_head_that_was_noted_is_still_there(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    on_database(alter=False)
    head = any_terminal.does("audit", "verify").out.strip()
    any_terminal.makes_user("grace")
    on_database(alter=False)
    assert any_terminal.does("audit", "verify", "--head", head).out.strip() != head


def test_a_head_that_is_missing_is_said_and_fails(any_terminal: Terminal) -> None:
    any_terminal.makes_user("ada")
    on_database(alter=False)
    noted = f"7000:{'ab' * 32}"
    missed = any_terminal.run("audit", "verify", "--head", noted)
    assert (missed.code, missed.out) == (1, "")
    assert "link 7000, as it was noted, is not there" in missed.told
    told = any_terminal.run("audit", "verify", "--head", noted, "--json")
    assert told.code == 1
    assert json.loads(told.out)["missing"] == noted


def test_what_is_no_head_is_refused(terminal: Terminal) -> None:
    terminal.makes_user("ada")
    refused = terminal.run("audit", "verify", "--head", "seven")
    assert refused.code == 2
    assert "NUMBER:HASH" in refused.told


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
