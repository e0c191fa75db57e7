from gammapy.maps import *; from gammapy.datasets import *
import sys
e=MapAxis.from_energy_bounds("1 TeV","10 TeV",nbin=1)
g=WcsGeom.create(npix=20,binsz=0.1,axes=[e])
for f in [lambda: MapDataset.create(g,binsz_irf=0.5).psf.psf_map.geom, lambda: MapDataset.create(g,binsz_irf="0.5 deg").psf.psf_map.geom]:
    try: print(f().data_shape)
    except Exception as x: print(type(x),x)
