"""Tables of a province in parts by district, as GeoParquet and Parquet.

All parts of a table have the same columns of the same types in the same order, whatever each
district had, so that any reader of Hive-style folders takes them as one. The district stands in
the name of the folder alone: a column of that name beside it would confuse readers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

from gusu_geo.pipeline.output_sets import PARTED, OutputSet, part_of
from gusu_geo.report.stamp import RUN_ID

LAYERS = tuple(name for name in PARTED if name != "access")  # layers of results.gpkg
GEOMETRY = "geometry"
CRS = 4326
GEO_VERSION = "1.0.0"  # what older readers know as well
WIDENED = {frozenset(("int64", "double")): "double"}  # kinds of a column that meet in another
ACCESS = pa.schema(
    [
        ("residence_id", pa.string()),
        ("service", pa.string()),
        ("nearest_s", pa.float64()),
        ("nearest_id", pa.string()),
        ("state", pa.string()),
        ("slack_s", pa.float64()),
    ]
)
MARK = pa.field("invented", pa.bool_())


def schemas_of(sets: Iterable[OutputSet]) -> dict[str, pa.Schema]:
    """The schema of each table: columns of all districts, in the order in which they first come.
    No rows are read."""
    kinds: dict[str, dict[str, str]] = {layer: {} for layer in LAYERS}
    invented = False
    for outputs in sets:
        for layer in LAYERS:
            for name, kind in _columns(outputs, layer).items():
                kinds[layer][name] = _meet(kinds[layer].get(name, kind), kind)
        invented |= MARK.name in pq.read_schema(outputs.folder / "access.parquet").names
    found = {
        layer: pa.schema(
            [(name, pa.type_for_alias(kind)) for name, kind in columns.items()]
            + [(GEOMETRY, pa.binary())]
        )
        for layer, columns in kinds.items()
    }
    return found | {"access": ACCESS.append(MARK) if invented else ACCESS}


def write_parts(
    folder: Path, key: str, outputs: OutputSet, schemas: Mapping[str, pa.Schema], run_id: str
) -> None:
    """Write the parts of one district under ``folder``; run_id: of the province."""
    stamp = {b"PANDAS_ATTRS": json.dumps({RUN_ID: run_id}).encode()}
    for table, schema in schemas.items():
        if table in LAYERS:
            rows, more = _layer(outputs, table, schema)
        else:
            rows, more = _access(outputs, schema), {}
        path = folder / part_of(table, key)
        path.parent.mkdir(parents=True)
        whole = rows.replace_schema_metadata(stamp | more)
        pq.write_table(whole, path, compression="zstd")


def _columns(outputs: OutputSet, layer: str) -> dict[str, str]:
    """Columns of a layer and their kinds; none where there is no such layer."""
    path = outputs.folder / "results.gpkg"
    if layer not in pyogrio.list_layers(path)[:, 0]:
        return {}
    info = pyogrio.read_info(path, layer=layer)
    kinds = zip(info["fields"], info["dtypes"], strict=True)
    return {str(name): _kind(str(dtype)) for name, dtype in kinds}


def _kind(dtype: str) -> str:
    """The Arrow name of a NumPy type."""
    if dtype == "bool":
        return "bool"
    if dtype.startswith(("int", "uint")):
        return "int64"
    return "double" if dtype.startswith("float") else "string"


def _meet(one: str, other: str) -> str:
    """The kind that holds both."""
    return one if one == other else WIDENED.get(frozenset((one, other)), "string")


def _layer(
    outputs: OutputSet, layer: str, schema: pa.Schema
) -> tuple[pa.Table, dict[bytes, bytes]]:
    """Rows of a layer by the schema, and the metadata that make them GeoParquet."""
    there = _columns(outputs, layer)
    frame = gpd.GeoDataFrame({GEOMETRY: []}, geometry=GEOMETRY, crs=CRS)
    if there:
        frame = pyogrio.read_dataframe(outputs.folder / "results.gpkg", layer=layer)
    shapes = frame.geometry.to_numpy()
    columns = [
        pa.Array.from_pandas(frame[field.name]).cast(field.type)
        if field.name in there
        else pa.nulls(len(frame), field.type)
        for field in schema
        if field.name != GEOMETRY
    ]
    wkb = pa.array(shapely.to_wkb(shapes, include_srid=False, byte_order=1), pa.binary())
    return pa.Table.from_arrays([*columns, wkb], schema=schema), {b"geo": _geo(shapes)}


def _geo(shapes: Any) -> bytes:
    """The ``geo`` metadata of GeoParquet."""
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in shapes if shape is not None}),
        "crs": pyproj.CRS(CRS).to_json_dict(),
    }
    if len(shapes):
        column["bbox"] = shapely.total_bounds(shapes).tolist()
    geo = {"version": GEO_VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    return json.dumps(geo, sort_keys=True).encode()


def _access(outputs: OutputSet, schema: pa.Schema) -> pa.Table:
    """Times and states by the schema."""
    table = pq.read_table(outputs.folder / "access.parquet")
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.chunked_array([pa.array([False] * len(table), field.type)])
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
