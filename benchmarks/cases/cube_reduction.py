"""Three runs of the first CTA data challenge, reduced and stacked on 400 x 300 pixels and 10 energies."""

from cube_inputs import observations, stacked_cube
from harness import Case

case = Case()
for name in ("data", "datasets", "makers", "maps"):
    case.module(name)


def reduce():
    return stacked_cube(case, observations(case))


cube = case.timed("reduce 3 runs", reduce, repeat=2)
case.answer("counts", cube.counts.data.sum(axis=(1, 2)), rtol=1e-12)
# A few of 1.2 million bins lie on the rim of the field of view, where rounding decides.
case.answer("bins in the mask", cube.mask_safe.data.sum(), rtol=2e-5)
case.answer("exposure", cube.exposure.data.sum(axis=(1, 2), dtype=float), rtol=1e-6)
case.answer("background", cube.background.data.sum(axis=(1, 2), dtype=float), rtol=1e-5)
case.answer("psf", cube.psf.psf_map.data.sum(axis=(1, 2, 3), dtype=float), rtol=1e-3)
# Above 17 TeV the files have bins without events, which each package fills in its way.
case.answer("edisp", cube.edisp.edisp_map.data.sum(axis=(1, 2, 3), dtype=float), rtol=2e-3)
case.report()
