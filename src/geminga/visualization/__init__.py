"""Pictures: the only place that imports matplotlib."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"report": ["report_figures"]})
