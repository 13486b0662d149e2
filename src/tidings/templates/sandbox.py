"""The Jinja of texts: what it lets a template touch, and what each step costs.

Jinja's own sandbox keeps templates away from Python's inner workings and from changing values, but not from using up
the machine: `'a' * 10**9`, `'%999999999d' % 1`, loops within loops, a text joined to itself thirty times. Here every
value is charged to the rendering's meter when it is read or made, and what makes much out of little is checked first
or not there at all (docs/decisions/0011-translations-and-templates.md).

What it renders has every value between frames: what an expression or a filter gives is one, unless it is `safe` or
what the template itself wrote in a macro, a block or `{% set %}` (docs/decisions/0013-values-are-not-marks.md).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any, cast

from jinja2 import StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner
from jinja2.visitor import NodeTransformer

from tidings.templates import formats, guarded
from tidings.templates.framing import Words, framed, own, unframed
from tidings.templates.metering import Meter

METER = "the meter of this rendering"  # no template can spell this name
MAX_DEPTH = 50

_WEIGHED = "weighed on the meter"
_AS_VALUE, _AS_WORDS, _UNFRAMED = "as a value", "as words", "without frames"
# fmt: off
_FILTERS = (
    "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int",
    "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse",
    "select", "selectattr", "sort", "string", "striptags", "title", "trim", "truncate", "unique", "upper",
    "urlencode", "wordcount",
)
_OF_TEXTS = frozenset({
    "capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal", "isdigit",
    "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition", "removeprefix",
    "removesuffix", "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith",
    "strip", "swapcase", "title", "upper",
})
# fmt: on
_ATTRIBUTES: tuple[tuple[type, frozenset[str]], ...] = (
    (str, _OF_TEXTS),
    (Mapping, frozenset({"get", "items", "keys", "values"})),
    (Sequence, frozenset({"count", "grouper", "index", "list"})),
)
_OPEN = (LoopContext, Macro, Cycler, Joiner, date, time)
"""Whose public attributes are all harmless."""
_WRITERS = (BlockReference, LoopContext, Macro)
"""What gives text of the template's own when it is called."""


class TooDeep(ValueError):
    """This template nests deeper than a text needs."""

    def __init__(self) -> None:
        super().__init__(TooDeep.__doc__)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates that nobody has looked at. Rendering needs a Meter under the name METER."""

    intercepted_binops = frozenset(guarded.OPERATORS)

    def __init__(self) -> None:
        # Plain text: nothing is escaped here, because every output escapes for its own medium. Nothing is optimised,
        # because that would already run parts of a template, without a meter.
        super().__init__(undefined=StrictUndefined, autoescape=False, optimized=False, finalize=_shown)
        self.filters = {name: FILTERS[name] for name in _FILTERS}
        self.filters.update(guarded.FILTERS)
        self.filters.update(number=formats.number, date=formats.date, listed=formats.listed)
        self.filters.update({_WEIGHED: _weighed, _AS_VALUE: _as_value, _AS_WORDS: Words, _UNFRAMED: unframed})
        self.filters["safe"] = _vouched_for
        self.tests.update(guarded.TESTS)
        for name in ("lipsum", "namespace"):
            del self.globals[name]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return cast(nodes.Template, _Weighing().visit(super()._parse(source, name, filename)))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator that can make much out of little."""
        return _meter(context).weigh(guarded.OPERATORS[operator](left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  Jinja's way
        """A call: what it gives is charged, also when it is nothing."""
        given = _meter(__context).weigh(super().call(__context, __obj, *args, **kwargs))
        # What `{% call %}` gives is written as it is, with its frames; no expression asks for it.
        return Words(given) if isinstance(__obj, _WRITERS) and "caller" not in kwargs else given

    def getattr(self, obj: Any, attribute: str) -> Any:
        """What data holds comes before what a dict can do: `data.items` is the host's own value."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Reading methods of plain values; nothing that fills up to a width, and nothing of unknown objects."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        return isinstance(obj, _OPEN) or any(attr in names for kind, names in _ATTRIBUTES if isinstance(obj, kind))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Jinja would let `str.format` pass with a formatter of its own, which knows no widths too wide."""
        return None


class _Weighing(NodeTransformer):
    """Puts every value that a template reads or makes on the meter."""

    def __init__(self) -> None:
        self._depth = 0

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooDeep
        visited = super().visit(node, *args, **kwargs)
        self._depth -= 1
        return visited

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802  Jinja's way, also below
        return nodes.Const(own(node.data), lineno=node.lineno)  # a constant is shown, and so charged, in every round

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802
        node.nodes = [
            self.visit(each) if isinstance(each, nodes.TemplateData) else _filtered(self.visit(each), _AS_VALUE)
            for each in node.nodes
        ]
        return node

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        _first(node.filter).node = _filtered(None, _UNFRAMED)
        node.filter = _filtered(node.filter, _AS_VALUE)
        return node

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if node.filter is None:
            node.filter = _filtered(None, _AS_WORDS)
        else:
            _first(node.filter).node = _filtered(None, _UNFRAMED)
        return node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802
        return _on_the_meter(node) if node.ctx == "load" else node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        node.node = self._looked_into(node.node)
        return _on_the_meter(node)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        node.node, node.arg = self._looked_into(node.node), self.visit(node.arg)
        return _on_the_meter(node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.iter = _on_the_meter(cast(nodes.Expr, node.iter))
        return node

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _on_the_meter(node)

    def _looked_into(self, node: nodes.Expr) -> nodes.Expr:
        """`data.name` is charged for the name, not for all of `data`."""
        visited: nodes.Expr = self.visit(node)
        looking = isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem)
        return node if looking else visited


def _on_the_meter(node: nodes.Expr) -> nodes.Filter:
    return _filtered(node, _WEIGHED)


def _filtered(node: nodes.Expr | None, name: str) -> nodes.Filter:
    """Without a node: of what a block has written."""
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno if node else None)


def _first(last: nodes.Filter) -> nodes.Filter:
    """The filter of a block that gets what the block has written."""
    while isinstance(last.node, nodes.Filter):
        last = last.node
    return last


def _meter(context: Context) -> Meter:
    return cast(Meter, context[METER])


@pass_context
def _weighed(context: Context, value: Any) -> Any:
    return _meter(context).weigh(value)


@pass_context
def _shown(context: Context, value: Any) -> str:
    """What stands in the output."""
    text = _text(value)
    _meter(context).charge(1 + len(text))
    return text


def _as_value(value: Any) -> str:
    return value.framed if isinstance(value, Words) else framed(_text(value))


def _vouched_for(value: Any) -> Words:
    """`safe`: a value whose marks are meant."""
    return Words(own(_text(value)))


def _text(value: Any) -> str:
    """Raises SecurityError for what is no value: `{{ data.items }}` without parentheses."""
    if callable(value) and not isinstance(value, Undefined):
        raise SecurityError(f"{type(value).__name__} is not text")
    return str(value)
