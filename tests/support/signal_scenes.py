"""A street of 2,000 m in two communities, with ledgers of signals and of visits.

West (西社区, w) runs to 1,500 m, east (东社区, e) from there on; both lie in one subdistrict (S).
Homes: h1 at 100 m with 10 persons, h2 at 1,000 m with 20, h3 at 1,900 m with 40, h4 at (500, 400).
Compounds: 柳巷 (c1, h1 inside); 枫桥 (c2, 900 to 1,950 m, across the border: most of its ground lies
west, most of its persons east); without homes 空院 (c3), 外院 (c4, beyond the area), and two called 双井
(c5 west, c6 east).
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from own_study import CRS, drawn, lonlat

from gusu_geo.sources import city
from gusu_geo.sources.books import Books, Known
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study

ZONES = """
[[zones]]
level = "街道"
tier = "街道"
source = "towns.geojson"
crs = "wgs84"
columns = { id = "code", name = "name" }
[[zones]]
level = "社区"
tier = "社区"
source = "communities.geojson"
crs = "wgs84"
columns = { id = "code", name = "name" }
[compounds]
source = "compounds.geojson"
crs = "wgs84"
columns = { id = "code", name = "name" }
"""
Box = tuple[float, float, float, float]
COMMUNITIES = {"w": ("西社区", (-50, -500, 1500, 500)), "e": ("东社区", (1500, -500, 2050, 500))}
COMPOUNDS = {
    "c1": ("柳巷", (0, -50, 300, 50)),
    "c2": ("枫桥", (900, -50, 1950, 50)),
    "c3": ("空院", (550, -50, 650, 50)),
    "c4": ("外院", (2100, -50, 2200, 50)),
    "c5": ("双井", (700, -50, 750, 50)),
    "c6": ("双井", (1960, -50, 1990, 50)),
}


def draw(folder: Path, communities: dict[str, tuple[str, Box]] = COMMUNITIES) -> Path:
    """The folder, with a study that has communities and compounds."""
    drawn(folder)
    head, _, rest = (folder / "study.toml").read_text("utf-8").partition("[[zones]]")
    rest = rest[rest.index("[candidates]") :]
    (folder / "study.toml").write_text(head + ZONES + rest, encoding="utf-8")
    shapes(folder / "towns.geojson", {"S": ("平江街道", (-50, -500, 2050, 500))})
    shapes(folder / "communities.geojson", communities, parent="S")
    shapes(folder / "compounds.geojson", COMPOUNDS)
    return folder


def shapes(path: Path, rows: dict[str, tuple[str, Box]], parent: str = "") -> None:
    boxes = [shapely.box(x0 - 1000, y0, x1 - 1000, y1) for _, (x0, y0, x1, y1) in rows.values()]
    columns = {"code": list(rows), "name": [name for name, _ in rows.values()], "parent": parent}
    gpd.GeoDataFrame(columns, geometry=boxes, crs=CRS).to_crs(4326).to_file(path)


def study_of(folder: Path, keys: str, more: str = "") -> Study:
    """The study with a part [signals] of these keys; more: further parts."""
    text = (folder / "study.toml").read_text("utf-8")
    part = f'\n[signals]\nsource = "signals.csv"\ncrs = "wgs84"\n{keys}\n{more}' if keys else ""
    (folder / "with.toml").write_text(text + part, encoding="utf-8")
    return open_study(folder / "with.toml")


def known_of(folder: Path) -> Known:
    """What ledgers of the study are read against."""
    caught: list[Known] = []

    def keep(known: Known) -> Books:
        caught.append(known)
        return Books()

    study = study_of(folder, "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(city, "read_books", keep)
        city.read_city(study, load_pack("pack.toml", folder))
    return caught[0]


def place(x: float, y: float = 0.0) -> str:
    """Cells of longitude and latitude."""
    lon, lat = lonlat(x, y)
    return f"{lon},{lat}"
