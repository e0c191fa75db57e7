"""Files, under the names that scripts import."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    "geminga",
    submod_attrs={
        "files": ["from_yaml", "make_path", "read_yaml", "to_yaml", "write_yaml"],
    },
)
