"""What spectra cannot do."""

import pytest


def test_methods_for_maps_are_refused(spectrum):
    for method in ("cutout", "plot_residuals_spatial", "to_spectrum_dataset"):
        with pytest.raises(NotImplementedError, match=method):
            getattr(spectrum, method)(None)
