"""The addresses of sections on a page, and what leads to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any


def address_of(title: str, taken: dict[str, int]) -> str:
    """The address of a heading, another one where it stands before; ``taken`` is added to.

    >>> taken = {}
    >>> address_of("Nguồn số liệu", taken), address_of("Nguồn số liệu!", taken), address_of("?", taken)
    ('nguồn-số-liệu', 'nguồn-số-liệu-2', 'part')
    """
    base = re.sub(r"[^\w-]+", "-", title.lower()).strip("-_") or "part"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken[name] = number
    return name


def links_of(value: Any) -> Iterator[str]:
    """The addresses that anything in some blocks leads to."""
    if isinstance(value, Mapping):
        yield from [str(value["href"])] if value.get("href") else []
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from links_of(part)
