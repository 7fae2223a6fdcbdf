"""Files with several layers, such as a GeoPackage. None is left out unsaid.

What a reader must know of a frame stands in its ``attrs`` under ``DOUBTS``: by reason, the names.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from gusu_geo.errors import SourceError, nearest_name
from gusu_geo.foreign import fault, foreign
from gusu_geo.sources.ledgers.cells import text_of
from gusu_geo.sources.ledgers.faults import PARTS, Part, raise_faults
from gusu_geo.sources.ledgers.geojson import feature_count, refuse_lost
from gusu_geo.sources.ledgers.geopackage import refuse_unlike
from gusu_geo.sources.ledgers.shapefile import refuse_unfit
from gusu_geo.tables import Bools
from gusu_geo.words import Text, text

JSON = (".geojson", ".json")
DOUBTS, ROWS = "doubted", "rows"  # rows: how many the file holds
ENCODING = "encoding"  # under this in ``attrs``: that of the text of a shapefile


def read_layers(path: Path, spot: str, layer: str | None = None) -> Any:
    """All layers of a file with shapes, one below the other, or the one named. Rings that are not
    closed are closed.

    Raises SourceError: unreadable, no such layer, layers that differ in columns, kind of shape or
    coordinate system, shapes that cannot be made (named by their rows).
    """
    if path.suffix.lower() == ".shp":
        refuse_unfit(path, spot)
    count = feature_count(path, spot) if path.suffix.lower() in JSON else None
    with _gdal(path, spot):
        found = pyogrio.list_layers(path)
    if not len(found):
        raise SourceError(text("error.no_geometry"), where=spot)
    names = [name for name, kind in found if kind is not None]  # others are tables of styles
    if layer is not None:
        if layer not in names:
            hint = nearest_name(layer, names)
            raise SourceError(text("error.no_layer", name=layer), where=spot, fix=hint)
        return _layer(path, spot, layer)
    if len(names) < 2:
        frame = _layer(path, spot, names[0] if names else found[0][0])
        refuse_lost(len(frame), count, spot)
        return frame
    frames = {name: _layer(path, f"{spot}: {name}", name) for name in names}
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    looks = {(frozenset(frame.columns), str(frame.crs), _kind(frame)) for frame in frames.values()}
    if len(looks) > 1:
        raise SourceError(
            text("error.layers_differ", names=tuple(frames)),
            where=spot,
            fix=text("error.one_layer"),
        )
    if not frames:
        return _layer(path, spot, names[0])
    doubts: dict[str, list[str]] = {}
    parts: list[Part] = []
    above = 0
    for name, frame in frames.items():
        parts.append(Part(name, above + 1, above))
        above += len(frame)
        for reason, rows in frame.attrs.pop(DOUBTS, {}).items():
            doubts.setdefault(reason, []).extend(f"{name} {row}" for row in rows)
    whole = pd.concat(frames.values(), ignore_index=True)
    whole.attrs[DOUBTS] = doubts
    if len(parts) > 1:
        whole.attrs[PARTS] = parts
    return whole


def _layer(path: Path, spot: str, name: str) -> Any:
    frame = _read(path, spot, layer=name, on_invalid="ignore")
    if path.suffix.lower() == ".gpkg":
        refuse_unlike(path, name, len(frame), spot)
    if not isinstance(frame, gpd.GeoDataFrame) or not frame.geometry.isna().any():
        return frame
    closed = _read(path, spot, layer=name, on_invalid="fix")
    if closed.geometry.isna().any():
        raise_faults(_refused_shapes(path, spot, name, closed.geometry.isna().to_numpy()), spot)
    rows = np.flatnonzero(frame.geometry.isna() & closed.geometry.notna()) + 1
    if len(rows):
        closed.attrs[DOUBTS] = {"ring_closed": [str(row) for row in rows]}
    return closed


def _read(path: Path, spot: str, **options: str) -> Any:
    """A layer. The text of a shapefile is in UTF-8 or GB18030, whatever its .cpg says of these: a
    wrong one is common, and text that is UTF-8 by chance is not."""
    with _gdal(path, spot):
        if path.suffix.lower() != ".shp":
            return gpd.read_file(path, **options)
        try:
            return _encoded(path, "utf-8", options)
        except UnicodeDecodeError:
            note = path.with_suffix(".cpg")
            said = note.read_text("ascii", "replace").strip().lower() if note.is_file() else ""
            if said and not any(sign in said for sign in ("utf", "gb", "936", "65001")):
                frame = gpd.read_file(path, **options)
                frame.attrs[ENCODING] = said
                return frame
            return _encoded(path, "gb18030", options)


def _encoded(path: Path, encoding: str, options: dict[str, str]) -> Any:
    frame = gpd.read_file(path, encoding=encoding, **options)
    frame.attrs[ENCODING] = encoding
    return frame


@contextmanager
def _gdal(path: Path, spot: str) -> Iterator[None]:
    """Its errors become ours; it warns of what is mended, named or refused here."""
    with foreign(path.suffix.lower(), path, where=spot), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.filterwarnings("ignore", "Could not parse column")  # a number of many digits
        yield


def _refused_shapes(path: Path, spot: str, name: str, missing: Bools) -> dict[int, Text]:
    """What is wrong with each shape that cannot be made, by its row; not of rows without one."""
    with _gdal(path, spot):
        shapes = pyogrio.raw.read(path, layer=name, columns=[])[2]
    faults = {}
    for row in np.flatnonzero(missing):
        try:
            shapely.from_wkb(shapes[row])
        except shapely.errors.ShapelyError as error:
            faults[int(row) + 1] = fault("shape", error, spot).what
    return faults


def _kind(frame: gpd.GeoDataFrame) -> frozenset[str]:
    return frozenset(str(kind).removeprefix("Multi") for kind in frame.geom_type.dropna())


def cells_of(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """What stands beside the shapes, as text."""
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return plain.map(text_of).astype("string[pyarrow]") if plain.shape[1] else plain


def doubts_of(frame: Any) -> dict[str, list[str]]:
    """What a reader must know of a frame that was read here or by its callers."""
    return dict(frame.attrs.get(DOUBTS, {}))
