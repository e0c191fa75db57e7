"""The commented template of a configuration file."""

__all__ = ["CONFIG_TEMPLATE"]

CONFIG_TEMPLATE = """\
# Configuration of a Geminga analysis. Run it with:  geminga analysis run config.yaml
# Every key is optional; what is shown is a working example on the H.E.S.S. public data.
# Quantities are written with their unit ("0.11 deg"), paths may hold $GEMINGA_DATA.

general:
  log: {level: info}            # debug, info, warning or error
  outdir: crab-analysis         # folder for the products
  n_jobs: 1                     # processes for the reduction
  models_file: null             # YAML file with models; without it, there is no fit and no flux points
  datasets_file: null           # YAML file of datasets, for read_datasets and write_datasets

observations:
  datastore: $GEMINGA_DATA/hess-dl3-dr1   # folder with index tables, or an index file
  obs_ids: [23523, 23526, 23559, 23592]   # empty: all observations inside obs_cone
  # obs_cone: {frame: icrs, lon: 83.633 deg, lat: 22.014 deg, radius: 2 deg}
  # obs_time: {start: "2004-12-04", stop: "2004-12-07"}
  required_irf: [aeff, edisp, psf, bkg]

datasets:
  type: 1d                      # 1d: spectra; 3d: maps, with the sections geom.wcs, geom.selection and excess_map below
  stack: false                  # true: one dataset; false: one for each observation, fitted jointly
  on_region: {frame: icrs, lon: 83.633 deg, lat: 22.014 deg, radius: 0.11 deg}
  containment_correction: true  # for the fraction of the PSF outside of the region
  geom:
    # wcs: {skydir: {frame: icrs, lon: 83.633 deg, lat: 22.014 deg}, binsize: 0.02 deg,
    #       width: {width: 5 deg, height: 5 deg}}
    # selection: {offset_max: 2.5 deg}    # half the side of the square around each pointing
    axes:
      energy: {min: 0.1 TeV, max: 40 TeV, nbins: 27}
      energy_true: {min: 0.05 TeV, max: 100 TeV, nbins: 67}
  background:
    method: reflected           # spectra: reflected; maps: fov_background, ring
    exclusion: null             # FITS map, 0 where the sky must not be used for background
  safe_mask:
    methods: [aeff-max]         # aeff-default, aeff-max, edisp-bias, offset-max, bkg-peak
    parameters: {aeff_percent: 10}

fit:
  fit_range: {min: null, max: null}       # for example min: 0.7 TeV

# excess_map: {correlation_radius: 0.1 deg}

flux_points:
  source: crab                  # name of the model
  energy: {min: 0.7 TeV, max: 30 TeV, nbins: 10}
  parameters: {selection_optional: all}   # errn-errp, ul, scan, sensitivity
"""
