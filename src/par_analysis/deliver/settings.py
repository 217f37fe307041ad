"""Settings files (TOML) as records: a misspelt key, a missing one and a value of the wrong kind are all told at once, with file and place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from par_analysis.errors import RequestError, nearest, shortened


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
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(str(path), [f"cannot be read: {error.strerror or error}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(str(path), [f"is not TOML: {error}"]) from error


def read(kind: type[Record], tables: Mapping[str, Any], *, file: str, at: str = "") -> Record:
    """A record from the tables of a file; ``at`` names the table it stands in. Raises ``BadSettings`` with all that is wrong.

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
        raise BadSettings(file, [_finding(one, kind, at) for one in error.errors(include_url=False)]) from error


def _finding(one: Mapping[str, Any], kind: type[BaseModel], at: str) -> str:
    place = ".".join([*([at] if at else []), *(str(part + 1) if isinstance(part, int) else part for part in one["loc"])])
    if one["type"] == "missing":
        return f"{place} is missing"
    if one["type"] == "extra_forbidden":
        near = nearest(str(one["loc"][-1]), _keys(kind), count=1)
        return f"{place} is no setting" + (f": did you mean {near[0]!r}?" if near else "")
    said = str(one["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return f"{place or 'it'}: met {shortened(repr(one['input']))}, expected {said}"


def _keys(kind: type[BaseModel]) -> set[str]:
    """All names of settings below a record: a misspelt one is most often of the same table."""
    found = set(kind.model_fields)
    for field in kind.model_fields.values():
        inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
        for one in inner:
            found |= _keys(one) if isinstance(one, type) and issubclass(one, BaseModel) and one is not kind else set()
    return found
