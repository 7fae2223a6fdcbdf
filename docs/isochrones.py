"""Draws the figures of isochrones.md: places around one point, by minutes on foot.

    python docs/isochrones.py [FOLDER]        FOLDER: where the figures go, default docs

Needs matplotlib and the extracts of both cities (data/raw/SOURCES.md).
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import gusu_geo as gg
from gusu_geo.assessment.walkable_city import Ground
from gusu_geo.geometry import straight_lines, straight_pieces
from gusu_geo.pipeline.prepare import prepare
from gusu_geo.report.figures import GROUND, INK, LINE, SOFT, font_families
from gusu_geo.streets.barriers import Shapes
from gusu_geo.tables import WayFlag

ROOT = Path(__file__).resolve().parent.parent
MINUTES = {5: "#f58b3c", 10: "#f9bf86", 15: "#fde5c8"}
STREET, OTHER, BARRIER, COAST = "#8c3d0a", "#c9c2b4", "#4b2e83", "#5b9ab8"
BLOCKS = {"wall": 0.6, "railway": 1.0, "motorway": 1.6}  # widths of lines
LINES = {
    STREET: "走得到的街道（点线：隧道） / streets reached (dots: tunnels)",
    OTHER: "其他街道 / other streets",
    BARRIER: "围墙、铁路、高速 / walls, railways, motorways",
    COAST: "海岸 / coast",
}
SCALE_M = 200
COLOURS = 64  # of the files: a third of the size


@dataclass(frozen=True)
class View:
    """A figure: from where (lon, lat), and how many metres to each side of there are shown."""

    study: Path
    title: str
    lonlat: tuple[float, float]
    half_m: float


VIEWS = {
    "monaco": View(
        ROOT / "studies" / "monaco.toml",
        "摩纳哥兵器广场 · Monaco, Place d'Armes",
        (7.41970, 43.73235),
        760,
    ),
    "las-palmas": View(
        ROOT / "tests" / "studies" / "las_palmas.toml",
        "拉斯帕尔马斯瓜纳特梅 · Las Palmas, Guanarteme",
        (-15.44250, 28.12750),
        900,
    ),
}


def draw(ground: Ground, view: View) -> Figure:
    """Polygons, the streets reached within them, and what stops people."""
    net, walk = ground.network, ground.study.walk
    here = gpd.GeoDataFrame(geometry=[shapely.Point(view.lonlat)], crs=4326).to_crs(net.crs)
    asked: dict[str, Any] = {"walk": walk, "linking": ground.linking}
    shapes = gg.isochrones(net, here, minutes=tuple(MINUTES), **asked)
    pieces = gg.reached_streets(net, here, minutes=max(MINUTES), **asked)
    figure = Figure(figsize=(8.0, 8.0), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    x, y = shapely.get_coordinates(here.geometry)[0]
    box = shapely.box(x - view.half_m, y - view.half_m, x + view.half_m, y + view.half_m)
    around = {kind: rows.to_numpy() for kind, rows in _kinds(ground).items()}
    _draw(axes, _sea(around["coast"], box), color=GROUND["water"])
    for kind, colour in GROUND.items():
        _draw(axes, around[kind], color=colour, linewidth=0)
    for minutes in sorted(MINUTES, reverse=True):
        look = {"facecolor": MINUTES[minutes], "edgecolor": "white", "linewidth": 0.6}
        _draw(axes, [shapes.geometry[(0, minutes)]], **look)
    _draw(axes, net.drawn_lines, color=OTHER, linewidth=0.5)
    edge = pieces["edge"].to_numpy()
    drawn, below = ~net.flagged(WayFlag.ESTIMATED)[edge], net.flagged(WayFlag.TUNNEL)[edge]
    _draw(axes, pieces.geometry[drawn & ~below], color=STREET, linewidth=0.6)
    _draw(axes, pieces.geometry[below], color=STREET, linewidth=1.2, linestyle=(0, (1, 1.2)))
    for kind, width in BLOCKS.items():
        _draw(axes, around[kind], color=BARRIER, linewidth=width)
    _draw(axes, around["coast"], color=COAST, linewidth=1.2)
    axes.scatter([x], [y], s=50, color="white", edgecolor=INK, zorder=9)
    axes.set_xlim(x - view.half_m, x + view.half_m)
    axes.set_ylim(y - view.half_m, y + view.half_m)
    _words(figure, view, walk.speed())
    return figure


def _kinds(ground: Ground) -> dict[str, gpd.GeoSeries]:
    """What lies around, by kind."""
    around = ground.city.surroundings
    return {kind: around.geometry[around["kind"] == kind] for kind in (*GROUND, *BLOCKS, "coast")}


def _words(figure: Figure, view: View, speed_mps: float) -> None:
    """Title, legend, scale and source."""
    font, axes = font_families("zh"), figure.axes[0]
    for minutes, colour in MINUTES.items():
        label = f"{minutes} 分钟 / min"
        axes.scatter([], [], marker="s", s=60, color=colour, label=label)
    for colour, text in LINES.items():
        axes.plot([], [], color=colour, linewidth=1.5, label=text)
    axes.legend(loc="lower right", prop={"family": font, "size": 8}, framealpha=0.9, edgecolor=LINE)
    left, low = (0.985 * end[0] + 0.015 * end[1] for end in (axes.get_xlim(), axes.get_ylim()))
    axes.plot([left, left + SCALE_M], [low, low], color=INK, linewidth=2)
    axes.text(left, low + 0.015 * view.half_m, f"{SCALE_M} m", fontsize=9, color=INK)
    look: dict[str, Any] = {"fontfamily": font, "ha": "left", "x": 0.01}
    figure.suptitle(view.title, fontsize=14, color=INK, **look)
    speed = f"步行 {speed_mps:g} 米/秒 · walking {speed_mps:g} m/s"
    figure.supxlabel(f"{speed} · © OpenStreetMap contributors", fontsize=8, color=SOFT, **look)


def _sea(coast: Shapes, box: shapely.Polygon) -> list[shapely.Geometry]:
    """The faces of the box on the right of the coast, as OpenStreetMap draws it."""
    lines = shapely.intersection(coast, box.buffer(1))
    pieces, _ = straight_pieces(shapely.get_parts(lines))
    faces = shapely.get_parts(
        shapely.polygonize([shapely.union_all([*straight_lines(pieces), box.exterior])])
    )
    spots = shapely.point_on_surface(faces)
    tree = shapely.STRtree(straight_lines(pieces))
    near = pieces[tree.nearest(spots)]
    way, off = near[:, 2:] - near[:, :2], shapely.get_coordinates(spots) - near[:, :2]
    return list(faces[way[:, 0] * off[:, 1] - way[:, 1] * off[:, 0] < 0])


def _draw(axes: Axes, shapes: Any, **look: Any) -> None:
    shapes = np.asarray(shapes, object)
    shapes = shapes[~shapely.is_empty(shapes)]
    if len(shapes):
        gpd.GeoSeries(shapes).plot(ax=axes, aspect=None, **look)


def main(folder: Path) -> None:
    """Every figure, as ``isochrones-*.png``."""
    for name, view in VIEWS.items():
        with tempfile.TemporaryDirectory() as out:
            ground = prepare(view.study, out=out)
        path = folder / f"isochrones-{name}.png"
        draw(ground, view).savefig(path)
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
