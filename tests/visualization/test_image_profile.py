"""Profiles across images."""

from types import SimpleNamespace

import numpy as np
from astropy import units as u
from astropy.table import Table

from geminga.visualization.image_profile import peek_image_profile


def test_profile_with_its_band(fresh_pyplot):
    x = np.linspace(0.5, 4.5, 5) * u.deg
    table = Table({"x_ref": x, "profile": np.arange(5.0), "profile_err": np.full(5, 0.5)})
    profile = SimpleNamespace(
        table=table, x_ref=x, x_min=x - 0.5 * u.deg, x_max=x + 0.5 * u.deg, profile=np.arange(5.0) * u.m,
        profile_err=np.full(5, 0.5) * u.m,
    )  # fmt: skip
    ax = peek_image_profile(profile)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.arange(5))
    box = ax.collections[0].get_paths()[0].get_extents()
    assert (box.y0, box.y1) == (-0.5, 4.5)
    assert ax.get_xlabel() == "Position [deg]"
