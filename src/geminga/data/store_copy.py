"""Copying observations of a store to another folder."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np

from ..errors import FileExistsGemingaError
from ..files import atomic_path, make_path
from ..progress import progress_bar
from .index_entries import plain
from .obs_index import ObservationTable

__all__ = ["copy_obs", "write_index"]

log = logging.getLogger(__name__)


def copy_obs(store, obs_id, outdir, hdu_class=None, verbose=False, overwrite=False) -> None:
    """Copy observations to another folder, with index files for them.

    Parameters
    ----------
    store : DataStore
    obs_id : int, list of int, or ObservationTable
    outdir : str or path-like
        Folder; made if it does not exist.
    hdu_class : list of str, optional
        Copy only files with these HDU classes.
    verbose : bool
        Show the progress.
    overwrite : bool
        Replace existing files.
    """
    if isinstance(obs_id, ObservationTable):
        obs_id = np.asarray(obs_id["OBS_ID"])
    outdir, wanted = make_path(outdir), [plain(value) for value in np.atleast_1d(obs_id)]
    rows = [row for value in wanted for row in store.hdu_table.row_idx(value)]
    if hdu_class is not None:
        classes = {hdu_class} if isinstance(hdu_class, str) else set(hdu_class)
        rows = [row for row in rows if store.hdu_table.location_info(row).hdu_class in classes]
    index = store.hdu_table[rows]
    sources, folders = {}, []
    for row in rows:
        location = store.hdu_table.location_info(row)
        source = location.path()
        folder = _folder_in_copy(location, store.hdu_table.meta.get("ROOT_DIR"))
        sources[folder / source.name] = source
        folders.append(folder.as_posix())
    targets = [outdir / store.DEFAULT_HDU_TABLE, *(outdir / target for target in sources)]
    if store.obs_table is not None:
        targets.append(outdir / store.DEFAULT_OBS_TABLE)
    taken = [target for target in targets if target.exists()]
    if taken and not overwrite:
        raise FileExistsGemingaError(
            f"file {taken[0]} must not exist already. Pass overwrite=True to replace it."
        )
    show = None if verbose else False
    for target, source in progress_bar(sources.items(), "Copying observations", len(sources), show):
        with atomic_path(outdir / target, overwrite) as temporary:
            shutil.copyfile(source, temporary)
        log.info("Copied %s to %s.", source, outdir / target)
    index.replace_column("FILE_DIR", type(index["FILE_DIR"])(folders, name="FILE_DIR"))
    write_index(index, outdir / store.DEFAULT_HDU_TABLE, "HDU_INDEX", overwrite)
    if store.obs_table is not None:
        write_index(
            store.obs_table.select_obs_id(wanted), outdir / store.DEFAULT_OBS_TABLE, "OBS_INDEX", overwrite
        )


def _folder_in_copy(location, root) -> Path:
    """Return the folder of a file in a copy of its store: the same, if it is below the base folder."""
    folder = Path(location.file_dir or ".")
    if not folder.is_absolute() and ".." not in folder.parts:
        return folder
    parent = location.path().resolve().parent
    if root is not None and parent.is_relative_to(Path(root).resolve()):
        return parent.relative_to(Path(root).resolve())
    return Path("data")


def write_index(table, path, name, overwrite) -> None:
    """Write an index file."""
    from astropy.io import fits
    from astropy.table import Table

    from ..files import write_fits
    from ..fits_headers import write_header

    plain = Table(table, copy=True)
    meta, plain.meta = dict(plain.meta), {}
    hdu = fits.BinTableHDU(plain, name=name)
    write_header(
        hdu.header, {key: value for key, value in meta.items() if key not in ("BASE_DIR", "ROOT_DIR")}
    )
    write_fits(fits.HDUList([fits.PrimaryHDU(), hdu]), path, overwrite=overwrite)
