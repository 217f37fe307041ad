"""How large a file is, in words."""

from __future__ import annotations

from par_analysis.show.language import Words


def size_said(count: int, words: Words) -> str:
    """A number of bytes in kB, from a million on in MB.

    >>> [size_said(count, Words("en")).replace("\\N{NO-BREAK SPACE}", " ") for count in (12, 40_240, 999_499, 999_500, 1_234_567)]
    ['1 kB', '40 kB', '999 kB', '1.0 MB', '1.2 MB']
    """
    return f"{words.number(count / 1e6, 1)}\N{NO-BREAK SPACE}MB" if count >= 999_500 else f"{words.number(max(count / 1e3, 1))}\N{NO-BREAK SPACE}kB"
