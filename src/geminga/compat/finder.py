"""An import hook under which ``gammapy`` is another name of ``geminga``."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

__all__ = ["GammapyFinder", "install", "uninstall"]

PEER, OURS = "gammapy", "geminga"


class GammapyFinder(MetaPathFinder, Loader):
    """Find ``gammapy.x.y`` as ``geminga.x.y``: the same module object under two names."""

    def find_spec(self, fullname, path=None, target=None):
        """Return a spec for names of the peer, None for all others."""
        if fullname != PEER and not fullname.startswith(f"{PEER}."):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec):
        """Import the module of ours that stands for the peer's.

        Raises
        ------
        ModuleNotFoundError
            If there is none; the message names both.
        """
        name = OURS + spec.name.removeprefix(PEER)
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise ModuleNotFoundError(
                f"module {spec.name} must have a counterpart {name} to run under geminga.compat, got none. "
                "See docs/differences.md.",
                name=spec.name,
            ) from error

    def exec_module(self, module):
        """Do nothing: the module was executed under its own name."""


_FINDER = GammapyFinder()


def install() -> None:
    """Make ``gammapy`` another name of ``geminga`` in this process.

    Examples
    --------
    >>> install()
    >>> from gammapy.maps import MapAxis
    >>> MapAxis.__module__.startswith("geminga")
    True
    >>> uninstall()
    """
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Undo `install`."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name in [name for name in sys.modules if name == PEER or name.startswith(f"{PEER}.")]:
        del sys.modules[name]
