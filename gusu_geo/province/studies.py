"""The study of each district: an ordinary study file, which ``gusu-geo run`` judges by hand as the
province does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from gusu_geo.province.districts import centre_of
from gusu_geo.province.parts import District
from gusu_geo.province.province_file import Province, is_file_key
from gusu_geo.study.area import Box
from gusu_geo.study.catalog import read_toml
from gusu_geo.study.region import RegionParams

_BARE = re.compile(r"[A-Za-z0-9_-]+")
STUDIES, OUTLINES, OSM = "studies", "outlines", "osm"  # folders beside province.json


@dataclass(frozen=True)
class RegionFacts:
    """What all districts together say of the region, see ``RegionParams``. elsewhere: by key of a
    district, the homes on its border that another judges."""

    levels: Mapping[str, float] | None
    services: Mapping[str, bool]
    named: tuple[str, ...]
    floor_m2: float | None = None
    registered: float | None = None
    data: Box | None = None
    elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, key: str) -> RegionParams:
        """What the study of one district is told."""
        return RegionParams(
            levels=None if self.levels is None else dict(self.levels),
            services=dict(self.services),
            named=self.named,
            floor_m2=self.floor_m2,
            registered=self.registered,
            elsewhere=self.elsewhere.get(key, ()),
            data=self.data,
        )


@dataclass(frozen=True)
class Folders:
    """Where the files of a province lie, under ``--out``."""

    whole: Path

    @classmethod
    def of(cls, province: Province, out: str | Path) -> Folders:
        """Those of a province."""
        return cls(Path(out) / "data" / "processed" / province.name)

    def study(self, key: str) -> Path:
        """The study file of a district."""
        return self.whole / STUDIES / f"{key}.toml"

    def outline(self, key: str) -> Path:
        """Its outline."""
        return self.whole / OUTLINES / f"{key}.geojson"

    def osm(self, key: str) -> Path:
        """Its OSM file, cut out of that of the region."""
        return self.whole / OSM / f"{key}.osm.pbf"


def write_studies(
    province: Province,
    districts: list[District],
    out: str | Path,
    facts: RegionFacts | None = None,
) -> list[Path]:
    """Write the study file and the outline of every district, and return the former, in order.
    Raises StudyError: as ``Province.halo``."""
    folders, centre = Folders.of(province, out), centre_of(districts)
    paths = []
    for district in districts:
        path, outline = folders.study(district.key), folders.outline(district.key)
        for each in (path, outline):
            each.parent.mkdir(parents=True, exist_ok=True)
        outline.write_text(outline_text(district), encoding="utf-8")
        words = district_study(province, district, facts, folders=folders, centre=centre)
        path.write_text(words, encoding="utf-8")
        paths.append(path)
    return paths


def district_study(
    province: Province,
    district: District,
    facts: RegionFacts | None,
    *,
    folders: Folders,
    centre: tuple[float, float],
) -> str:
    """The study file of a district, its paths relative to ``folders.study``. facts: of the region;
    None: not known yet. centre: of the metric system of all districts."""
    own = district.study or province.template_path
    study = province.study(district.study)
    document = _moved(read_toml(own), own.resolve().parent, folders.study(district.key).parent)
    head = {key: value for key, value in document["study"].items() if key not in ("name", "title")}
    title = document["study"].get("title") if district.study else None
    head = {"name": district.key, "title": title or _title(district.name, district.key), **head}
    area = {
        "boundary": f"../{OUTLINES}/{district.key}.geojson",
        "crs": "wgs84",
        "buffer_m": province.halo(study),
    }
    if province.crs == "one":
        area["centre"] = list(centre)
    network = {**document["network"], "osm": f"../{OSM}/{district.key}.osm.pbf"}
    region = {} if facts is None else facts.of(district.key).model_dump(exclude_none=True)
    if region and study.area.buffer_m:
        region["buffer_m"] = study.area.buffer_m
    rest = {key: value for key, value in document.items() if key not in _MADE}
    return toml_text({"study": head, "area": area, "network": network, **rest, "region": region})


def outline_text(district: District) -> str:
    """The outline as GeoJSON, to the last bit."""
    outline: Any = district.outline
    feature = {
        "type": "Feature",
        "properties": {"key": district.key, "name": district.name, "code": district.code},
        "geometry": shapely.geometry.mapping(outline),
    }
    collection = {"type": "FeatureCollection", "features": [feature]}
    return json.dumps(collection, ensure_ascii=False) + "\n"


def toml_text(document: Mapping[str, Any]) -> str:
    """A document of tables as TOML: one table under each heading, tables within it in one line.

    >>> print(toml_text({"study": {"name": "a", "title": {"zh": "甲"}}, "zones": [{"level": "x"}]}))
    [study]
    name = "a"
    title = { zh = "甲" }
    <BLANKLINE>
    [[zones]]
    level = "x"
    <BLANKLINE>
    """
    lines: list[str] = []
    for name, part in document.items():
        several = isinstance(part, list)
        for table in part if isinstance(part, list) else [part]:
            lines.append(f"[[{_key(name)}]]" if several else f"[{_key(name)}]")
            lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items()]
            lines.append("")
    return "\n".join(lines)


_MADE = ("study", "area", "network", "region")


def _title(name: str, key: str) -> dict[str, str]:
    return dict.fromkeys(("zh", "en"), name or key)


def _moved(part: Any, root: Path, folder: Path, spot: str = "") -> Any:
    """A document whose relative paths start from ``folder`` instead of ``root``."""
    if isinstance(part, dict):
        return {
            key: _moved(value, root, folder, f"{spot}.{key}" if spot else key)
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_moved(value, root, folder, spot) for value in part]
    if isinstance(part, str) and is_file_key(spot, part) and not os.path.isabs(part):  # noqa: PTH117
        return Path(os.path.relpath(root / part, folder.resolve())).as_posix()
    return part


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """A value as TOML writes it, floats to the last bit."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return repr(value) if isinstance(value, int | float) else value.isoformat()
