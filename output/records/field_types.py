"""Read field types from a record's model, for code that must not list the fields by name."""

from __future__ import annotations

from inspect import get_annotations
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

if TYPE_CHECKING:
    from pydantic import BaseModel


def value_types(model: type[BaseModel]) -> dict[str, Any]:
    """Return the type of each field, in the record's order and without an optional None."""
    hints = get_annotations(model, eval_str=True)
    return {name: _without_none(hints[name]) for name in model.model_fields}


def plain_type(hint: Any) -> Any:
    """Return the type beneath a constrained one, such as `str` for `Timestamp`."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def empty_values(model: type[BaseModel]) -> dict[str, Any]:
    """Return the empty value of each field that may be empty: None, or an empty list or object.

    >>> from output.records.article import Article
    >>> {name: empty_values(Article)[name] for name in ("title", "tags", "rights")}
    {'title': None, 'tags': [], 'rights': {}}
    """
    hints = get_annotations(model, eval_str=True)
    empty: dict[str, Any] = {}
    for name in model.model_fields:
        kind: Any = get_origin(hints[name])
        if NoneType in get_args(hints[name]):
            empty[name] = None
        elif kind in (list, dict):
            empty[name] = kind()
    return empty


def _without_none(hint: Any) -> Any:
    others = [each for each in get_args(hint) if each is not NoneType]
    return others[0] if NoneType in get_args(hint) else hint
