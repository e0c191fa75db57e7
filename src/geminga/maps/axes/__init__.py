"""Axes of maps: numbers, labels, times."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "label_map_axis": ["LabelMapAxis"],
        "map_axes": ["MapAxes"],
        "map_axis": ["MapAxis"],
        "time_map_axis": ["TimeMapAxis"],
    },
)
