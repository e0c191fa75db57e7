"""``python -m geminga.compat script.py [arguments]``."""

import runpy
import sys

from .finder import install


def main() -> None:
    """Run a script of the peer with Geminga behind its imports."""
    if len(sys.argv) < 2:
        sys.exit("Usage: python -m geminga.compat script.py [arguments]")
    install()
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
