"""Results for people: a line on the terminal, and the table in the documentation."""

from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from benchmarks import picture
from benchmarks.results import OURS, PATTERN_N, Figure

Json = dict[str, Any]  # Any: JSON


def about(machine: Json) -> str:
    """The machine in one line."""
    return (
        f"{machine['cores']} cores, PostgreSQL {machine['postgresql']} (fsync {machine['fsync']}), "
        f"Python {machine['python']}, sync {machine['sync_us']} µs, "
        f"the load generator alone reaches {machine['generator_per_second']:,}/s"
    )


def line(figure: Figure) -> str:
    """A figure in a few lines of the terminal."""
    sides = " · ".join(f"{name} {number(median(values))}{figure.unit}" for name, values in figure.sides.items())
    lines = [f"[bold]{figure.key}[/] {figure.name}: {sides}"]
    for bar in figure.bars:
        mark = "[green]✓[/]" if bar.is_met else "[red]✗[/]"
        spread = f"{number(min(bar.rounds))}–{number(max(bar.rounds))}"
        lines.append(f"   {mark} {number(bar.reached)} ({spread}) {bar.text}, wanted {bar.wanted}")
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits that matter, and thousands apart."""
    if value >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def merged(earlier: Json, machine: Json, figures: list[Json]) -> Json:
    """The figures in place of earlier ones of the same keys; the others stay, with the machine they came from."""
    keys = {figure["key"] for figure in figures}
    kept = [figure for figure in earlier["figures"] if figure["key"] not in keys]
    found = [figure | {"machine": machine} for figure in figures]
    return {"figures": sorted(kept + found, key=lambda figure: int(figure["key"][1:]))}


def keep(out: Path, machine: Json, figures: list[Json]) -> None:
    """Put figures into the file of results, where earlier ones of other keys stay."""
    out.parent.mkdir(parents=True, exist_ok=True)
    kept = merged(read(out) if out.exists() else {"figures": []}, machine, figures)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")


def read(out: Path) -> Json:
    """The file of results."""
    result: Json = msgspec.json.decode(out.read_bytes())
    return result


def write_page(result: Json, docs: Path) -> None:
    """Write what docs/performance.md says in numbers, between its markers, and its picture."""
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8")
    for marker, content in (("table", table(result)), ("machine", machines(result))):
        before, begin, rest = text.partition(f"<!-- {marker} -->\n")
        _, end, after = rest.partition(f"<!-- end of {marker} -->")
        if not end:
            raise ValueError(f"{page} has no place for the {marker}")
        text = f"{before}{begin}\n{content}\n\n{end}{after}"
    page.write_text(text, encoding="utf-8")
    growth = next((each["notes"]["growth"] for each in result["figures"] if "growth" in each["notes"]), None)
    if growth is not None:
        (docs / "images" / "performance.svg").write_text(picture_of(growth), encoding="utf-8")


def table(result: Json) -> str:
    """Every figure and every bar, as a table in Markdown."""
    lines = ["| | figure | Tidings | beside it | bar | reached | |", "|---|---|--:|---|---|--:|---|"]
    for figure in result["figures"]:
        lines += _rows(figure)
    return "\n".join(lines)


def machines(result: Json) -> str:
    """The machine and the commit of the figures: one line for each that some of them were measured on."""
    by_machine: dict[str, list[str]] = {}
    for figure in result["figures"]:
        keys = by_machine.setdefault(_machine(figure["machine"]), [])
        if figure["key"] not in keys:
            keys.append(figure["key"])
    if len(by_machine) == 1:
        return f"{next(iter(by_machine))}."
    return "\n".join(f"- {', '.join(keys)}: {words}." for words, keys in by_machine.items())


def picture_of(growth: Json) -> str:
    """The curves as a picture."""
    curves = growth["curves_ms"]
    styles = {
        OURS: "ours",
        f"{OURS}, deepest page": "ours dashed",
        PATTERN_N: "theirs",
        f"{PATTERN_N}, deepest page": "theirs dashed",
        f"{PATTERN_N} with an index": "theirs dotted",
    }
    panels = {
        title: [
            picture.Curve(name, style, curves[f"{name}: {what}"])
            for name, style in styles.items()
            if f"{name}: {what}" in curves
        ]
        for title, what in (("A page of the inbox", "page"), ("The counters", "count"))
    }
    return picture.draw(growth["rows"], panels)


def _rows(figure: Json) -> list[str]:
    unit, (ours, *others) = figure["unit"], figure["sides"].items()
    beside = "<br>".join(f"{name}: {number(side['median'])}{unit}" for name, side in others)
    cells = f"| {figure['key']} | {figure['name']} | {number(ours[1]['median'])}{unit} | {beside} "
    lines = []
    for bar in figure["bars"]:
        spread = f"{number(min(bar['rounds']))}–{number(max(bar['rounds']))}"
        reached = number(bar["reached"]) + (f" ({spread})" if len(bar["rounds"]) > 1 else "")
        lines.append(
            f"{cells}| {bar['wanted']} {bar['text']} | {reached} | {'met' if bar['is_met'] else '**missed**'} |"
        )
        cells = "| | | | "
    return lines or [f"{cells}| | | |"]


def _machine(machine: Json) -> str:
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, {machine['system']}; "
        f"PostgreSQL {machine['postgresql']} with fsync {machine['fsync']}, synchronous_commit "
        f"{machine['synchronous_commit']} and shared_buffers {machine['shared_buffers']}; "
        f"Python {machine['python']}; writing a page and syncing it takes {machine['sync_us']} µs; "
        f"the load generator reaches {machine['generator_per_second']:,} answers a second from a server that does "
        f"nothing; load average {machine['load_average']} when it began; "
        f"commit {machine['commit']}; medians of {machine['rounds']} rounds of {machine['seconds']:g} s"
    )
