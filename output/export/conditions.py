"""Parse conditions such as `language=en` or `published>=2024-05-01`, and check articles against them."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

from output.records.rights import reservations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from output.records.article import Article

TEXT_FIELDS = ("source", "source_name", "language", "section", "run")
DATE_FIELDS = ("published", "modified", "fetched")
FLAG_FIELDS = ("free", "live", "opted_out")
CONDITION_FIELDS = (*TEXT_FIELDS, *DATE_FIELDS, *FLAG_FIELDS)
NONE = "none"

_CONDITION = re.compile(r"\s*(\w+)\s*(>=|<=|!=|==?|>|<)\s*(.*?)\s*", re.S)
_ORDERS: dict[str, Callable[[str, str], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt
}  # fmt: skip
_FLAGS = {"yes": "yes", "true": "yes", "no": "no", "false": "no", NONE: NONE}
_DAY = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class ConditionError(ValueError):
    """A condition is malformed. The message is one line that names the fault and says what to write."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Hold one condition on an article. Its `values` are alternatives.

    Dates are compared in the publisher's own time zone, to the precision of the value (2024, 2024-05, 2024-05-01).
    A field without a value equals `none`, and is neither less nor greater than any value.

    >>> read_condition("published>=2024-05")
    Condition(field='published', operator='>=', values=('2024-05',))
    """

    field: str
    operator: str
    values: tuple[str, ...]

    def holds(self, article: Article) -> bool:
        """Tell whether the article meets the condition."""
        found = _value(article, self.field)
        if self.operator in _ORDERS:
            wanted = self.values[0]
            return found is not None and _ORDERS[self.operator](self._to_precision_of(found, wanted), wanted)
        equal = any(
            wanted == (NONE if found is None else self._to_precision_of(found, wanted)) for wanted in self.values
        )
        return equal is (self.operator == "=")

    def _to_precision_of(self, found: str, wanted: str) -> str:
        return found[: len(wanted)] if self.field in DATE_FIELDS else found


def read_condition(text: str) -> Condition:
    """Parse a condition, FIELD OPERATOR VALUE[,VALUE ...]. Raises ConditionError."""
    match = _CONDITION.fullmatch(text)
    if not match:
        raise ConditionError(
            f"{text!r} is not a condition; write it as 'language=en' or, in quotes for the shell, 'published>=2024-05-01'"
        )
    name, sign, rest = match[1], "=" if match[2] == "==" else match[2], match[3]
    if name not in CONDITION_FIELDS:
        near = get_close_matches(name, CONDITION_FIELDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(CONDITION_FIELDS)}"
        raise ConditionError(f"{text!r}: no field {name!r}; {hint}")
    if sign in _ORDERS and name not in (*DATE_FIELDS, "run"):
        raise ConditionError(f"{text!r}: {name} cannot be ordered; write {name}=VALUE or {name}!=VALUE")
    if sign in _ORDERS and "," in rest:
        raise ConditionError(f"{text!r}: {sign} takes a single value")
    if sign in _ORDERS and rest.lower() == NONE:
        raise ConditionError(f"{text!r}: {NONE} cannot be ordered; write {name}={NONE} or {name}!={NONE}")
    return Condition(name, sign, tuple(_wanted(name, value.strip(), text) for value in rest.split(",")))


def all_hold(conditions: Sequence[Condition], article: Article) -> bool:
    """Tell whether the article meets all the conditions."""
    return all(condition.holds(article) for condition in conditions)


def _wanted(name: str, value: str, text: str) -> str:
    if not value:
        raise ConditionError(f"{text!r}: a value is missing; for articles without {name}, write {name}={NONE}")
    if name in FLAG_FIELDS:
        if value.lower() not in _FLAGS:
            raise ConditionError(f"{text!r}: {name} must be yes, no or {NONE}")
        return _FLAGS[value.lower()]
    if name in DATE_FIELDS and value.lower() != NONE:
        return _day(value, text)
    return value.casefold()


def _day(value: str, text: str) -> str:
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        date.fromisoformat(value + "0000-01-01"[len(value) :])
    except ValueError:
        raise ConditionError(f"{text!r}: {value!r} is not a date; write 2024-05-01, 2024-05 or 2024") from None
    return value


def _value(article: Article, name: str) -> str | None:
    if name == "opted_out":
        return "yes" if reservations(article.rights) else "no"
    value = getattr(article, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or name in DATE_FIELDS:
        return value  # type: ignore[no-any-return]
    return str(value).casefold()
