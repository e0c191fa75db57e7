"""Registries: from a tag to the class or function that carries it.

A registry names the package whose modules register themselves by decorator. They are imported on the first
look-up, so that a new model, maker, estimator or format is one new file. Third parties add theirs through
the entry-point group of the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from .errors import UnknownNameError

__all__ = ["FormatRegistry", "Registry"]


def _import_modules(package: str) -> None:
    """Import every public module of a package, so that its decorators run."""
    parent = import_module(package)
    for module in iter_modules(parent.__path__):
        if not module.name.startswith("_"):
            import_module(f"{package}.{module.name}")


class Registry:
    """Classes by tag.

    Parameters
    ----------
    kind : str
        What the entries are, for messages: "spectral model".
    packages : sequence of str
        Packages whose modules register classes when imported.
    group : str, optional
        Entry-point group for third-party classes.
    """

    def __init__(self, kind: str, packages: tuple[str, ...] | list[str] = (), group: str | None = None):
        self.kind, self.packages, self.group = kind, tuple(packages), group
        self._classes: list[type] = []
        self._loaded = False

    def register(self, cls: type) -> type:
        """Add a class; usable as a decorator. A class defined again replaces its namesake."""
        self._classes = [known for known in self._classes if known.__qualname__ != cls.__qualname__]
        self._classes.append(cls)
        return cls

    def append(self, cls: type) -> None:
        """Add a class, as `register` does."""
        self.register(cls)

    def _load(self) -> None:
        if self._loaded:
            return
        for package in self.packages:
            _import_modules(package)
        self._loaded = True
        if self.group:
            from importlib.metadata import entry_points

            for point in entry_points(group=self.group):
                self.register(point.load())

    @staticmethod
    def tags_of(cls: type) -> list[str]:
        """Return the tags of a class and its name."""
        tag = getattr(cls, "tag", [])
        tags = [tag] if isinstance(tag, str) else list(tag)
        return tags if cls.__name__ in tags else [*tags, cls.__name__]

    def get_cls(self, tag: str) -> type:
        """Return the class with this tag or class name.

        Raises
        ------
        UnknownNameError
            If no class has the tag; the message lists the known ones.
        """
        self._load()
        for cls in self._classes:
            if tag in self.tags_of(cls):
                return cls
        raise UnknownNameError(self.kind, tag, (t for cls in self._classes for t in self.tags_of(cls)))

    def __contains__(self, tag: object) -> bool:
        self._load()
        return any(tag is cls or tag in self.tags_of(cls) for cls in self._classes)

    def __iter__(self) -> Iterator[type]:
        self._load()
        return iter(self._classes)

    def __len__(self) -> int:
        self._load()
        return len(self._classes)

    def __getitem__(self, index: int) -> type:
        self._load()
        return self._classes[index]

    def __repr__(self) -> str:
        lines = [f"Registry of {self.kind}s", "-" * (12 + len(self.kind))]
        lines += [f"{cls.__name__:45s}: {self.tags_of(cls)}" for cls in self]
        return "\n".join(lines)


class FormatRegistry:
    """Readers and writers by format name; `FormatRegistry.read` and `write` are the doors.

    Parameters
    ----------
    kind : str
        What is read and written, for messages: "region map".
    package : str
        Package whose modules (one a format) register their functions when imported.
    """

    def __init__(self, kind: str, package: str):
        self.kind, self.package = kind, package
        self._readers: dict[str, Callable[..., Any]] = {}
        self._writers: dict[str, Callable[..., Any]] = {}
        self._loaded = False

    def reader(self, *names: str) -> Callable[[Callable], Callable]:
        """Register a function as the reader of the named formats; a decorator."""
        return self._adder(self._readers, names)

    def writer(self, *names: str) -> Callable[[Callable], Callable]:
        """Register a function as the writer of the named formats; a decorator."""
        return self._adder(self._writers, names)

    @staticmethod
    def _adder(table: dict, names: tuple[str, ...]) -> Callable[[Callable], Callable]:
        def add(function: Callable) -> Callable:
            table.update(dict.fromkeys(names, function))
            return function

        return add

    def _find(self, table: dict, verb: str, name: str) -> Callable[..., Any]:
        if not self._loaded:
            _import_modules(self.package)
            self._loaded = True
        if name not in table:
            raise UnknownNameError(f"{self.kind} format to {verb}", name, table)
        return table[name]

    def read(self, source, format: str, **kwargs):
        """Read with the reader of `format`."""
        return self._find(self._readers, "read", format)(source, **kwargs)

    def write(self, item, *args, format: str, **kwargs):
        """Write with the writer of `format`."""
        return self._find(self._writers, "write", format)(item, *args, **kwargs)

    @property
    def formats(self) -> dict[str, str]:
        """Known formats, each with "r", "w" or "rw"."""
        for table in (self._readers, self._writers):
            try:
                self._find(table, "", "")
            except UnknownNameError:
                continue
        names = sorted({*self._readers, *self._writers})
        return {n: "r" * (n in self._readers) + "w" * (n in self._writers) for n in names}
