"""What a report displays: figures in, things to show out, in Vietnamese and English.

``plot_*`` draw charts, ``table_*`` set tables, ``say_*`` write sentences, ``cover_*`` make the head of a report; ``displays`` lists them all. They are loaded
when the first is asked for: who only lists or checks does not wait for a drawing library.
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith(("plot_", "table_", "say_", "cover_")):
        from par_analysis.show import displays

        if name in displays.__all__:
            return getattr(displays, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from par_analysis.show import displays

    return sorted(displays.__all__)
