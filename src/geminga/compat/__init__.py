"""Running scripts that were written for Gammapy, unmodified.

``python -m geminga.compat script.py`` runs a script in which ``import gammapy`` and all its subpackages are Geminga.
Nothing outside of that process is touched.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"finder": ["GammapyFinder", "install", "uninstall"]}
)
