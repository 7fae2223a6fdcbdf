"""A street of 2,000 m in two communities, with ledgers of signals and of visits.

West (西社区, w) runs to 1,500 m, east (东社区, e) from there on; both lie in one subdistrict (S).
Compounds: 柳巷 (c1, 0 to 300 m: home h1, 10 persons), 枫桥 (c2, across the border, 1,400 to 1,950 m:
h3 in the east, 40 persons) and 空院 (c3, at 600 m, without homes). Homes: h1 at 100 m, h2 at
1,000 m, h3 at 1,900 m, h4 at (500, 400).
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely
from own_study import CRS, drawn

from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import load_pack
from gusu_geo.study.study_file import open_study
from gusu_geo.tables import City

ZONES = '''
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
'''
Box = tuple[float, float, float, float]
COMMUNITIES = {"w": ("西社区", (-50, -500, 1500, 500)), "e": ("东社区", (1500, -500, 2050, 500))}
COMPOUNDS = {
    "c1": ("柳巷", (0, -50, 300, 50)),
    "c2": ("枫桥", (1400, -50, 1950, 50)),
    "c3": ("空院", (550, -50, 650, 50)),
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


def city_of(
    folder: Path, signals: str | bytes = "", keys: str = "", visits: str = "", more: str = ""
) -> City:
    """The city of the study with these ledgers; keys: of [signals]; more: parts of the study."""
    if signals:
        content = signals if isinstance(signals, bytes) else signals.encode()
        (folder / "signals.csv").write_bytes(content)
    part = f'\n[signals]\nsource = "signals.csv"\ncrs = "wgs84"\n{keys}\n' if signals or keys else ""
    if visits:
        (folder / "visits.csv").write_text(visits, encoding="utf-8")
        part += '[signals.visits]\nsource = "visits.csv"\nmax_rejected = 1\n'
    text = (folder / "study.toml").read_text("utf-8")
    (folder / "with.toml").write_text(text + part + more, encoding="utf-8")
    study = open_study(folder / "with.toml")
    return read_city(study, load_pack("pack.toml", folder))
