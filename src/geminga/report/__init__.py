"""Products of an analysis and the HTML page that tells about them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "html": ["write_report"],
        "products": ["write_products"],
        "provenance": ["provenance"],
        "summary": ["Summary", "summarise"],
    },
)
