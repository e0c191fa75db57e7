"""Progress bars that show themselves on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["progress_bar"]

T = TypeVar("T")


def progress_bar(
    items: Iterable[T], description: str = "", total: int | None = None, show: bool | None = None
) -> Iterator[T]:
    """Iterate over `items` and show how far it is.

    Parameters
    ----------
    items : iterable
    description : str
        What is being done: "Reducing observations".
    total : int, optional
        Number of items when `items` has no length.
    show : bool, optional
        Show the bar. By default, when standard error is a terminal.

    Yields
    ------
    object
        The items.

    Examples
    --------
    >>> list(progress_bar([1, 2], "Counting", show=False))
    [1, 2]
    """
    if show is None:
        show = sys.stderr.isatty()
    if not show:
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(
        items, description=description, total=total, console=Console(stderr=True), transient=False
    )
