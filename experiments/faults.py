"""What is wrong in a TOML file, in one sentence: its first fault, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

import pydantic
from pydantic import BaseModel

from setback.model.errors import shown, unknown


def first_fault(error: pydantic.ValidationError, table: type[BaseModel]) -> str:
    """Say the first fault of a file with its place; a key that is misspelt before one that is missing.

    Args:
        error: what pydantic found.
        table: what the file was read as.
    """
    fault: Any = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    where = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        *path, _ = fault["loc"]
        return str(
            unknown("key", where, [".".join([*map(str, path), key]) for key in _table(table, path).model_fields])
        )
    if fault["type"] == "missing":
        return f"{where} is missing"
    if fault["type"] in ("model_type", "dict_type"):
        return f"{where} is {shown(fault['input'])}; it needs a table"
    if fault["type"] == "string_pattern_mismatch":
        return f"{where} is {shown(fault['input'])}; it needs lower-case letters, digits and hyphens"
    return f"{where} is {shown(fault['input'])}: {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _table(table: type[BaseModel], path: Sequence[object]) -> Any:
    """Give the kind of table that stands at a place."""
    found: Any = table
    for part in path:
        is_table = isinstance(found, type)
        kind: Any = found.model_fields[str(part)].annotation if is_table else found
        if is_table and get_origin(kind) in (dict, Mapping, list):
            found = kind  # the next part of the path is a name or a number in it
        else:
            found = next(k for k in (kind, *get_args(kind)) if isinstance(k, type) and issubclass(k, BaseModel))
    return found
