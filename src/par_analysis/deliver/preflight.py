"""What can be known of a pipeline's settings before any of its steps is done: names, files, secrets and places that the steps would only meet one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from par_analysis.deliver.settings import BadSettings
from par_analysis.errors import ParError, RequestError

if TYPE_CHECKING:
    from par_analysis.deliver.building import Building
    from par_analysis.deliver.steps import Place
    from par_analysis.run.known import Known


def mistakes(step: str, settings: Any, place: Place) -> Iterator[str]:
    """What is wrong with the settings of a step, each in a sentence with its table; nothing is written, and no server is asked."""
    look = _LOOKS.get(step)
    yield from look(settings, place) if look else ()


def of_notify(settings: Any, place: Place) -> Iterator[str]:
    """What keeps the table ``[notify]`` from being followed."""
    from par_analysis.deliver.posting import Post

    yield from _said("notify", lambda: closing(Post(settings, root=place.folder)))


def _said(table: str, ask: Callable[[], object]) -> Iterator[str]:
    """What a question raises, with the table in front and the hint behind."""
    from par_analysis.run.plan import InvalidRequest

    try:
        ask()
    except BadSettings as error:  # of a file of its own, which it names
        yield from (f"{table}: {error.file}: {finding}" for finding in error.findings)
    except RequestError as error:
        hint = [] if isinstance(error, InvalidRequest) else [error.hint]  # which says what a report takes
        yield f"{table}: " + "; ".join(filter(None, [*map(str.strip, str(error).splitlines()), *hint]))
    except ParError:  # whatever else is wrong, such as a figure, is for the step to tell
        return


def _fetch(settings: Any, _: Place) -> Iterator[str]:
    from par_analysis import catalog
    from par_analysis.run.fetch import chosen

    known = catalog.load()
    for code in settings.sources:
        yield from _said("fetch.sources", lambda code=code: chosen(known, [code]))  # type: ignore[misc]


def _build(asked: Sequence[Building], place: Place) -> Iterator[str]:
    """Each table planned as it will be; where figures are fetched first, years may come that are not there yet."""
    from par_analysis.deliver import building
    from par_analysis.run.known import known

    here = known()
    ahead = replace(here, years=lambda index: _years(here, index, asked)) if place.has("fetch") else here
    findings: list[str] = []
    for number, one in enumerate(asked, start=1):
        findings += _said(f"build.{number}", lambda one=one: building.jobs([one], ahead, place.reports))  # type: ignore[misc]
    yield from findings or _said("build", lambda: building.jobs(asked, ahead, place.reports))


def _years(here: Known, index: str, asked: Sequence[Building]) -> tuple[int, ...]:
    """Years with data, and those that are asked for; of an index without any data, those of the others, too."""
    from par_analysis.run import values

    there = set(here.years(index)) or {year for other in here.indices for year in here.years(other)}
    for word in (word for one in asked for word in (one.year if isinstance(one.year, list) else [one.year])):
        with suppress(ParError):
            there |= {int(year) for item in values.split(word) for year in values.years(item)}
    return tuple(sorted(there))


def _sign(settings: Any, place: Place) -> Iterator[str]:
    yield from _apart("sign.out", place.signed, {"reports": place.reports, "state": place.state})
    if settings.token is None:
        from par_analysis.deliver.signing_keys import opened

        def ask() -> None:
            with opened(settings, place.folder):
                pass

        yield from _said("sign", ask)


def _site(_: Any, place: Place) -> Iterator[str]:
    others = {"reports": place.reports, "state": place.state} | ({"sign.out": place.signed} if place.has("sign") else {})
    yield from _apart("site.out", place.site, others)


def _publish(settings: Any, place: Place) -> Iterator[str]:
    from par_analysis.deliver import stores

    def ask() -> None:
        with stores.opened(stores.place(settings.target, place.folder), settings, root=place.folder):
            pass

    wrong = list(_said("publish", ask))
    yield from wrong
    if not wrong and (target := stores.place(settings.target, place.folder)).kind == "folder":
        yield from _apart("publish.target", Path(target.path), {"site.out": place.site, "reports": place.reports, "state": place.state})


def _send(settings: Any, place: Place) -> Iterator[str]:
    from par_analysis.deliver.posting import Post
    from par_analysis.deliver.recipients import lists, subscriptions

    yield from _said("send", lambda: subscriptions(place.folder / settings.recipients, lists()))
    yield from _said("send", lambda: closing(Post(settings, root=place.folder)))


def _apart(name: str, folder: Path, others: dict[str, Path]) -> Iterator[str]:
    """A folder that is written to is none of the others, and neither lies in the other."""
    from par_analysis.deliver.publish_plan import has_overlap

    met = [f"{path} ({other})" for other, path in others.items() if has_overlap(folder, path)]
    if met:
        yield f"{name}: {folder} and {met[0]} would lie within each other: choose another folder"


_LOOKS: Final[dict[str, Callable[[Any, Place], Iterable[str]]]] = {
    "fetch": _fetch,
    "build": _build,
    "sign": _sign,
    "site": _site,
    "publish": _publish,
    "send": _send,
}
