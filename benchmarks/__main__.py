"""`python -m benchmarks`: measure, print, keep as JSON, and write the page of the documentation."""

import argparse
import asyncio
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from benchmarks import machine, report
from benchmarks.bench import Bench
from benchmarks.figures import GROUPS
from benchmarks.programs import ProgramFailed
from benchmarks.sizes import QUICK, Sizes
from tests.services import postgres, run

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run what the command line asks for."""
    options = _options()
    if options.rewrite:
        report.write_page(report.read(options.out), ROOT / "docs")
        return
    console = Console(highlight=False, soft_wrap=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that programs and databases go in either case
    this_run = run.begin()
    try:
        failed = asyncio.run(_measure(options, this_run, console))
    except KeyboardInterrupt:
        console.print("Stopped.")
        sys.exit(130)
    except (ProgramFailed, postgres.NoPostgres) as error:
        console.print(f"[red]{escape(str(error))}[/]")
        sys.exit(1)
    finally:
        asyncio.run(postgres.drop_databases(this_run))
        run.end(this_run)
    sys.exit(1 if failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default="", help="figures to measure, such as M1,M4; all unless given")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (3)")
    parser.add_argument("--rows", type=int, help="notifications in the large database (1000000)")
    parser.add_argument("--seconds", type=float, help="length of one measurement (4)")
    parser.add_argument("--quick", action="store_true", help="toy sizes: only shows that everything works")
    parser.add_argument("--out", type=Path, help="where the JSON goes (build/bench.json)")
    parser.add_argument("--docs", action="store_true", help="write docs/performance.md and its picture afterwards")
    parser.add_argument("--rewrite", action="store_true", help="write them from --out alone, and measure nothing")
    options = parser.parse_args()
    if options.quick and (options.docs or options.rewrite):
        parser.error("a quick run measures nothing that belongs on a page")
    if options.out is None:
        options.out = ROOT / "build" / ("bench-quick.json" if options.quick else "bench.json")
    return options


def _sizes(options: argparse.Namespace) -> Sizes:
    given = {name: getattr(options, name) for name in ("rounds", "rows", "seconds")}
    return replace(QUICK if options.quick else Sizes(), **{name: value for name, value in given.items() if value})


async def _measure(options: argparse.Namespace, this_run: run.Run, console: Console) -> list[str]:
    """Measure one group after another, keeping each at once; returns the figures that could not be measured."""
    wanted = {key.strip().upper() for key in options.only.split(",") if key.strip()}
    unknown = wanted - {key for keys, _ in GROUPS for key in keys}
    if unknown:
        raise ProgramFailed(f"There is no figure {', '.join(sorted(unknown))}.")
    failed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tidings-bench-") as folder, console.status("looking around") as status:
        bench = Bench(_sizes(options), this_run, Path(folder), console, status)
        about = await machine.facts(bench)
        console.print(report.about(about))
        for keys, measure in GROUPS:
            if wanted and not wanted & set(keys):
                continue
            try:
                figures = await measure(bench)
            except ProgramFailed as error:  # the others can still be measured
                failed += keys
                console.print(f"[red]{', '.join(keys)} could not be measured: {escape(str(error))}[/]")
                continue
            report.keep(options.out, about, [figure.as_json() for figure in figures])
            for figure in figures:
                console.print(report.line(figure))
    if options.docs:
        report.write_page(report.read(options.out), ROOT / "docs")
    return failed


if __name__ == "__main__":
    main()
