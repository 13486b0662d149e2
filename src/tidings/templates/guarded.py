"""Operators, filters and tests that can make much out of little, checked before they do."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

from jinja2 import pass_environment, pass_eval_context
from jinja2.environment import Environment
from jinja2.exceptions import SecurityError
from jinja2.filters import do_round, sync_do_join, sync_do_sum
from jinja2.nodes import EvalContext
from jinja2.tests import test_divisibleby, test_even, test_odd

from tidings.templates.metering import MAX_WORK, TooMuchWork

MAX_BITS = 1_024
MAX_DIGITS = 20


def multiply(left: Any, right: Any) -> Any:
    """`*`, with a bound to what is repeated and to whole numbers."""
    for repeated, times in ((left, right), (right, left)):
        if isinstance(repeated, Sequence) and isinstance(times, int) and len(repeated) * times > MAX_WORK:
            raise TooMuchWork
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MAX_BITS:
        raise TooMuchWork
    return operator.mul(left, right)


def power(left: Any, right: Any) -> Any:
    """`**`, with a bound to whole numbers."""
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > MAX_BITS:
        raise TooMuchWork
    return operator.pow(left, right)


def remainder(left: Any, right: Any) -> Any:
    """`%` of numbers; of a text it would be formatting, with any width."""
    if isinstance(left, str | bytes):
        raise SecurityError("a text is not formatted with %: use ~ or a filter")
    return operator.mod(left, right)


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"+": operator.add, "*": multiply, "**": power, "%": remainder}
)


@pass_eval_context
def join(context: EvalContext, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    """Jinja's `join`, with a bound to its separators."""
    items = list(value)
    if len(items) * len(d) > MAX_WORK:
        raise TooMuchWork
    return sync_do_join(context, items, d, attribute)


def replace(text: Any, old: str, new: str, count: int = -1) -> str:
    """Jinja's `replace`, with a bound to the result."""
    source = str(text)
    if source.count(old) * len(new) > MAX_WORK:
        raise TooMuchWork
    return source.replace(old, new, count)


def rounded(value: float, precision: int = 0, method: Literal["common", "ceil", "floor"] = "common") -> float:
    """Jinja's `round`, with a bound to its digits."""
    if abs(precision) > MAX_DIGITS:
        raise TooMuchWork
    return do_round(value, precision, method)


@pass_environment
def total(
    environment: Environment, iterable: Iterable[Any], attribute: str | int | None = None, start: float = 0
) -> Any:
    """Jinja's `sum`, of numbers only: lists added up are copied again and again."""
    if not isinstance(start, int | float):
        raise SecurityError("only numbers are summed")
    return sync_do_sum(environment, iterable, attribute, start)


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"join": join, "replace": replace, "round": rounded, "sum": total}
)


def _of_numbers(test: Callable[..., bool]) -> Callable[..., bool]:
    """Tests that use `%` on whatever they get."""

    def guarded(value: Any, *args: Any) -> bool:
        remainder(value, 1)
        return test(value, *args)

    return guarded


TESTS: Mapping[str, Callable[..., bool]] = MappingProxyType(
    {"divisibleby": _of_numbers(test_divisibleby), "even": _of_numbers(test_even), "odd": _of_numbers(test_odd)}
)
