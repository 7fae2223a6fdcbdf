"""Rasters of heights (GeoTIFF and other formats), read only where needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import CRS, Transformer
from scipy.ndimage import gaussian_filter, map_coordinates, maximum_filter

from gusu_geo.errors import SourceError
from gusu_geo.foreign import foreign, plain_file
from gusu_geo.geometry import FOOT_M
from gusu_geo.tables import Floats, Ints
from gusu_geo.words import text

SMOOTH_M, SMOOTH_CELLS = 25.0, 3.0  # width of the median: it removes walls and roofs
LOWEST_M, HIGHEST_M = -500.0, 9000.0  # cells beyond are undeclared gaps in the data
TILE = 512  # cells a side: memory does not grow with the raster
CHUNK = 20_000  # points worked on at a time, 25 heights each
SPREADS_M = (20.0, 40.0)  # widths of the planes fitted to heights in whole metres
ROUNDED = 0.65  # of a step: heights that differ by less may be the same before rounding
REACH = 3  # widths that a plane looks away
_GRID = np.array([(x, y) for y in range(-2, 3) for x in range(-2, 3)], float)


@dataclass(frozen=True)
class Dem:
    """A raster of heights, read only where needed. scale, offset: cells to metres above sea."""

    path: Path
    crs: CRS
    scale: float = 1.0
    offset: float = 0.0

    def heights(self, xy: Floats, crs: CRS) -> Floats:
        """(P,) metres above sea at ``xy`` (P,2) in ``crs``; NaN where the raster has none.

        Between cells: bilinear. Against noise: the median of 25 points within 25 m or, where
        they are coarser, three cells. The points lie symmetrically, so that a plane slope is kept.
        Heights in whole steps (metres, mostly) are stairs: where a plane fitted around a place
        explains what is there to within the rounding, it gives the height.
        Raises SourceError: the file is damaged.
        """
        found = np.full(len(xy), np.nan)
        if len(xy) == 0:
            return found
        rasterio = _rasterio(self.path)
        with foreign("heights", self.path):
            raster = rasterio.open(self.path)
        with raster:
            with foreign("crs", self.path):
                transformer = Transformer.from_crs(crs, self.crs, always_xy=True)
            to_cells = _Cells(raster, transformer)
            cells, shifts = to_cells(xy), to_cells.shifts(xy.mean(axis=0))
            if not np.isfinite(shifts).all():
                return found
            margin = int(np.ceil(np.abs(shifts).max())) + 2
            with foreign("heights", self.path):
                step_m = self._step_m(raster, cells)
            width = np.sqrt(step_m) * to_cells.per_m(xy.mean(axis=0))
            margin += int(np.ceil((REACH + 2) * SPREADS_M[-1] * width.max()))
            for members, corner, tile in _tiles(raster, cells, margin, self.path):
                known = tile * self.scale + self.offset
                known[(known < LOWEST_M) | (known > HIGHEST_M)] = np.nan
                at = cells[members] - corner
                if SPREADS_M[-1] * width.min() < 0.5:  # of a cell: too fine to matter
                    found[members] = _medians(known, at, shifts)
                else:
                    found[members] = _without_steps(known, at, shifts, step_m, width)
        return found

    def _step_m(self, raster: Any, cells: Floats) -> float:
        """The step that heights are rounded to: of whole numbers, by type or by all cells around
        the middle point; 0 for finer ones."""
        if np.issubdtype(np.dtype(raster.dtypes[0]), np.integer):
            return abs(self.scale)
        column, row = np.nan_to_num(np.median(cells, axis=0)).astype(np.int64) // TILE * TILE
        window = ((row, row + TILE), (column, column + TILE))
        values = np.unique(raster.read(1, window=window, masked=True).compressed().astype(float))
        if len(values) < 2 or not (values == np.rint(values)).all():
            return 0.0
        return abs(self.scale) if np.gcd.reduce(np.diff(values).astype(np.int64)) == 1 else 0.0


def read_dem(path: str | Path) -> Dem:
    """The raster of heights at ``path``, any format and coordinate system that GDAL reads.

    Raises SourceError: rasterio is not installed, no such file, not a raster, no coordinate
    system, no place on the ground, more than one band.
    """
    path = Path(path)
    rasterio = _rasterio(path)
    plain_file(path, "raster")
    with foreign("raster", path), rasterio.open(path) as raster:
        bands, unit, wkt = raster.count, raster.units[0], raster.crs and raster.crs.to_wkt()
        scale, offset = raster.scales[0], raster.offsets[0]
        nowhere = raster.transform.is_degenerate
    if bands != 1:
        fix = text("error.heights_not_picture")
        raise SourceError(text("error.one_band"), where=path, got=bands, fix=fix)
    if nowhere:
        raise SourceError(text("error.raster_no_place"), where=path, fix=text("error.give_raster"))
    if not wkt:
        fix = text("error.write_srs")
        raise SourceError(text("error.raster_no_crs"), where=path, fix=fix)
    with foreign("crs", path):
        crs = CRS.from_wkt(wkt)
    metres = _metres(unit or "", crs, path)
    return Dem(path, crs.to_2d(), scale * metres, offset * metres)


class _Cells:
    """From metres to fractional (column, row) of cell centres."""

    def __init__(self, raster: Any, transformer: Transformer) -> None:
        self._inverse = ~raster.transform
        self._transformer = transformer

    def __call__(self, xy: Floats) -> Floats:
        x, y = self._transformer.transform(*xy.T)
        to = self._inverse
        return np.column_stack([to.a * x + to.b * y + to.c, to.d * x + to.e * y + to.f]) - 0.5

    def shifts(self, centre: Floats) -> Floats:
        """(25,2): offsets in cells of the points of the median; each mirrors the one counted from
        the other end. The same for the whole area: the cell size is constant within a city."""
        cells_per_m = self._turned(centre)
        cell_m = 1 / np.sqrt(abs(np.linalg.det(cells_per_m)))
        width_m = max(SMOOTH_M, SMOOTH_CELLS * cell_m)
        return np.asarray(_GRID * width_m / 5 @ cells_per_m)

    def per_m(self, centre: Floats) -> Floats:
        """(2,) columns and rows per metre."""
        return np.asarray(np.linalg.norm(self._turned(centre), axis=0))

    def _turned(self, centre: Floats) -> Floats:
        """(2,2): columns and rows of a metre to the east and of one to the north."""
        far = 100.0
        origin, east, north = self(centre + np.array([(0, 0), (far, 0), (0, far)]))
        return np.array([east - origin, north - origin]) / far


def _tiles(
    raster: Any, cells: Floats, margin: int, path: Path
) -> Iterator[tuple[Ints, tuple[int, int], Floats]]:
    """Points by tile: their positions, column and row of the tile's corner, its cells."""
    inside = (cells >= -0.5).all(axis=1) & (cells <= (raster.width - 0.5, raster.height - 0.5)).all(
        axis=1
    )
    members = np.flatnonzero(inside)
    tile = (np.maximum(cells[members], 0) // TILE).astype(np.int64)
    members = members[np.lexsort(tile.T)]
    tile = tile[np.lexsort(tile.T)]
    new = np.flatnonzero((np.diff(tile, axis=0) != 0).any(axis=1)) + 1
    for group in np.split(np.arange(len(members)), new):
        if len(group) == 0:
            continue
        column, row = (int(x) * TILE for x in tile[group[0]])
        left, top = max(column - margin, 0), max(row - margin, 0)
        right = min(column + TILE + margin, raster.width)
        bottom = min(row + TILE + margin, raster.height)
        window = ((top, bottom), (left, right))
        with foreign("heights", path):
            read = raster.read(1, window=window, masked=True).astype(float).filled(np.nan)
        yield members[group], (left, top), read


def _medians(cells: Floats, at: Floats, shifts: Floats) -> Floats:
    """``_median`` of any number of points, some at a time."""
    parts = np.split(at, range(CHUNK, len(at), CHUNK))
    return np.concatenate([_median(cells, part, shifts) for part in parts])


def _without_steps(
    cells: Floats, at: Floats, shifts: Floats, step_m: float, width: Floats
) -> Floats:
    """Heights at the points from cells that were rounded to whole steps.

    The median first, on a grid of nodes: it keeps the steps of a plane where they are. Then the
    widest plane around each node that is within the rounding of all heights beside it. Fitted, not
    averaged, so that it is exact beside gaps and at the raster's edge too; where the ground bends
    more, the median stays. width (2,): columns and rows per metre of a spread.
    """
    every = max(int(SPREADS_M[0] * width.min() / 2), 1)  # finer than half of it adds nothing
    rows, columns = (np.arange(0, count + every, every) for count in cells.shape)
    nodes = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2).astype(float)
    inside = np.minimum(nodes, np.array(cells.shape[::-1]) - 1.0)
    medians = _medians(cells, inside, shifts).reshape(len(rows), len(columns))
    medians[(nodes != inside).any(axis=1).reshape(medians.shape)] = np.nan
    smooth = medians
    for spread_m in SPREADS_M:
        sigma = spread_m * width[::-1] / every
        planes = _planes(medians, sigma)
        beside = [2 * round(rows) + 1 for rows in sigma.tolist()]
        off = maximum_filter(np.abs(np.nan_to_num(medians - planes)), beside)
        share = gaussian_filter((off <= ROUNDED * step_m).astype(float), sigma / 2, mode="nearest")
        smooth = share * planes + (1 - share) * smooth
    return _bilinear(smooth, at / every)


def _planes(heights: Floats, sigma: Floats) -> Floats:
    """The height of the weighted least-squares plane at each place (rows, columns); NaN where
    ``heights`` is. sigma (2,): of the Gaussian weights, in rows and columns."""
    known = ~np.isnan(heights)
    if not known.any():
        return heights
    y, x = np.indices(heights.shape).astype(float)
    z = np.where(known, heights, 0.0)

    def around(values: Floats) -> Floats:
        return np.asarray(gaussian_filter(values * known, sigma, mode="constant", truncate=REACH))

    n, sx, sy, sz = around(np.ones(z.shape)), around(x), around(y), around(z)
    n = np.where(known, n, 1.0)
    mx, my, mz = sx / n, sy / n, sz / n
    xx, yy, xy = (
        around(x * x) / n - mx * mx,
        around(y * y) / n - my * my,
        around(x * y) / n - mx * my,
    )
    xz, yz = around(x * z) / n - mx * mz, around(y * z) / n - my * mz
    bend = xx * yy - xy * xy
    flat = bend < 1e-6  # all known places on one line, or alone
    bend = np.where(flat, 1.0, bend)
    rise_x, rise_y = (xz * yy - yz * xy) / bend, (yz * xx - xz * xy) / bend
    fitted = np.where(flat, z, mz + rise_x * (x - mx) + rise_y * (y - my))
    return np.where(known, fitted, np.nan)


def _median(cells: Floats, at: Floats, shifts: Floats) -> Floats:
    """Median of the heights around each point; a point with a missing mirror is ignored."""
    points = (at[:, None] + shifts).reshape(-1, 2)
    around = _bilinear(cells, points).reshape(len(at), len(shifts))
    middle = len(shifts) // 2
    unpaired = np.isnan(around) | np.isnan(around[:, ::-1])
    around = np.where(unpaired, around[:, [middle]], around)
    return np.asarray(np.partition(around, middle, axis=1)[:, middle])


def _bilinear(cells: Floats, at: Floats) -> Floats:
    """Heights at fractional (column, row); missing cells are ignored, NaN when all are."""
    known = ~np.isnan(cells)
    last = np.array(cells.shape[::-1]) - 1
    outside = ((at < -0.5) | (at > last + 0.5)).any(axis=1)
    rows_columns = at.T[::-1]

    def between(values: Floats) -> Floats:
        return np.asarray(map_coordinates(values, rows_columns, order=1, mode="nearest"))

    total = between(np.where(known, cells, 0.0))
    weight = np.ones(len(at)) if known.all() else between(known.astype(float))
    weight[outside | (weight <= 0)] = np.nan
    return np.asarray(total / weight)


def _metres(unit: str, crs: CRS, path: Path) -> float:
    """Metres per unit of height, from the band or the vertical axis, else 1. Raises SourceError."""
    vertical = [axis.unit_conversion_factor for axis in crs.axis_info if axis.direction == "up"]
    if unit.lower() in ("", "unknown"):
        return float(vertical[0]) if vertical else 1.0
    if unit.lower() in ("m", "metre", "meter", "metres", "meters"):
        return 1.0
    if "foot" in unit.lower() or unit.lower() in ("ft", "feet"):
        return FOOT_M
    raise SourceError(text("error.heights_unit"), where=path, got=unit)


def _rasterio(path: Path) -> Any:
    """The optional package rasterio. Raises SourceError: not installed."""
    try:
        import rasterio
    except ImportError:
        fix = text("error.install_slopes")
        raise SourceError(text("error.needs_rasterio"), where=path, fix=fix) from None
    return rasterio
