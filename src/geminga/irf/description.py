"""Text and HTML that describe a response."""

from __future__ import annotations

import html

__all__ = ["Described"]


class Described:
    """Mix-in: `repr` from a dictionary of facts."""

    def _facts(self) -> dict[str, str]:
        """Return what is worth saying."""
        raise NotImplementedError

    def __repr__(self):
        title = type(self).__name__
        facts = self._facts()
        width = max(len(key) for key in facts)
        lines = [
            title,
            "-" * len(title),
            "",
            *(f"  {key:{width}s} : {value}" for key, value in facts.items()),
        ]
        return "\n".join(lines) + "\n"

    def _repr_html_(self):
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
            for key, value in self._facts().items()
        )
        return f"<b>{type(self).__name__}</b><table>{rows}</table>"
