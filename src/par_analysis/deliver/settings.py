"""Settings files (TOML) as records: a misspelt key, a missing one and a value of the wrong kind are all told at once, with file and place."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from par_analysis.errors import RequestError, nearest, shortened

WEB_ADDRESS: Final = r"^(https?://[^\s]+)?$"
ONE_LINE: Final = r"^[^\x00-\x1f\x7f]*$"
"""Patterns of texts in settings."""


class Settings(BaseModel):
    """The base of every record of a settings file: unknown keys are refused, nothing is guessed, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, str_strip_whitespace=True)


Record = TypeVar("Record", bound=BaseModel)


class BadSettings(RequestError):
    """A settings file that cannot be followed: every finding, not the first."""

    def __init__(self, file: str, findings: Sequence[str]) -> None:
        self.file, self.findings = file, tuple(findings)
        super().__init__(f"{file}: {findings[0]}" if len(findings) == 1 else "\n  ".join([f"{file}: {len(findings)} problems", *findings]))


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file. Raises ``BadSettings`` where it is absent or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadSettings(str(path), [f"cannot be read: {error.strerror or error}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(str(path), [f"is not TOML: {error}"]) from error


def read(kind: type[Record], tables: Mapping[str, Any], *, file: str, at: str = "", others: Collection[str] = ()) -> Record:
    """A record from the tables of a file; ``at`` names the table it stands in, ``others`` are names that may have been meant by one that is none of its own.

    Raises ``BadSettings`` with all that is wrong.

    >>> class Colour(Settings):
    ...     name: str
    >>> read(Colour, {"nmae": "red"}, file="paint.toml", at="colour")
    Traceback (most recent call last):
    par_analysis.deliver.settings.BadSettings: paint.toml: 2 problems
      colour.name is missing
      colour.nmae is no setting: did you mean 'name'?
    """
    try:
        return kind.model_validate(tables, strict=True)
    except ValidationError as error:
        raise BadSettings(file, [_finding(one, {*_keys(kind), *others}, at) for one in error.errors(include_url=False)]) from error


def _finding(one: Mapping[str, Any], known: Collection[str], at: str) -> str:
    place = ".".join([*([at] if at else []), *(str(part + 1) if isinstance(part, int) else part for part in one["loc"] if part != "[key]")])
    if one["type"] == "missing":
        return f"{place} is missing"
    if one["type"] == "extra_forbidden":
        near = nearest(str(one["loc"][-1]), known, count=1)
        return f"{place} is no setting" + (f": did you mean {near[0]!r}?" if near else "")
    if one["type"] == "value_error" and not one["loc"]:  # the table as a whole: what does not go together is said by itself
        return f"{place or 'it'}: expected {_expected(one)}"
    return f"{place or 'it'}: met {shortened(repr(one['input']))}, expected {_expected(one)}"


_EXPECTED: Final = {
    "model_type": "a table",
    "dict_type": "a table",
    "list_type": "a list",
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "literal_error": "{expected}",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than": "less than {lt:g}",
    "less_than_equal": "at most {le:g}",
    "string_too_short": "a text that is not empty",
    "string_too_long": "at most {max_length} letters",
    "too_short": "at least {min_length} of them",
    "value_error": "{error}",
}
"""Kind of a finding → what was expected, in the words of these files."""


_PATTERNS: Final = {WEB_ADDRESS: "an address that begins with https:// or http://", ONE_LINE: "one line without control characters"}


def _expected(one: Mapping[str, Any]) -> str:
    if one["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(one["ctx"]["pattern"], "a text of another form")
    said = _EXPECTED.get(one["type"])
    return said.format(**one.get("ctx", {})) if said else str(one["msg"]).removeprefix("Input should be ")


def _keys(kind: type[BaseModel]) -> set[str]:
    """All names of settings below a record: a misspelt one is most often of the same table."""
    found = set(kind.model_fields)
    for field in kind.model_fields.values():
        inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for one in inner:
            found |= _keys(one) if isinstance(one, type) and issubclass(one, BaseModel) and one is not kind else set()
    return found
