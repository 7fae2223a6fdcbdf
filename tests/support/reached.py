"""What a scene's isochrones say, held against truths by hand; a failure draws the scene.

here = Reached(scene, at=(0, 50), minutes=(5, 10), folder=tmp_path)
here.pieces(5, [((0, 50), (200, 50), 0, 200), ...])
here.inside(5, (0, 50)); here.outside(5, (0, 110))
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely
from scenes import Scene, points_frame

import gusu_geo as gg
from gusu_geo.study.params import Walk

Spot = tuple[float, float]
Piece = tuple[Spot, Spot, float, float]  # from, to, seconds at both
CLOSE = 0.011  # metres and seconds: whole centimetres and centiseconds
TRACE_M = 1e-6  # what projecting coordinates may cost
ROOM_M = 60.0  # around the scene, as drawn
LEVEL_WALK = Walk(speed_mps=1.0, crossing_s=0, signal_s=0)


class Reached:
    """Pieces and polygons from (or towards) one place of a scene."""

    def __init__(
        self,
        scene: Scene,
        *,
        at: Spot,
        minutes: tuple[float, ...],
        folder: Path,
        walk: Walk = LEVEL_WALK,
        reach_m: float = 30.0,
        **asked: object,
    ) -> None:
        self.scene, self.at, self.folder = scene, at, folder
        self.net, self.barriers = scene.network(), scene.barriers()
        point = points_frame(self.net, {"p": at})
        options = {"minutes": minutes, "walk": walk, "island_max_m": 0, **asked}
        options["barriers"] = self.barriers
        self.streets = gg.reached_streets(self.net, point, **options)  # type: ignore[arg-type]
        shapes = gg.isochrones(self.net, point, reach_m=reach_m, **options)  # type: ignore[arg-type]
        self.polygons = {m: shapes.geometry[("p", m)] for m in minutes}
        self.probes: list[Spot] = []
        for limit, polygon in self.polygons.items():
            assert polygon.is_valid, self._told(limit, "the polygon is not valid")
            lines = self._rows(limit).geometry.to_numpy()
            bare = shapely.length(shapely.difference(lines, polygon.buffer(TRACE_M))).sum()
            assert bare == 0, self._told(limit, f"{bare:.3f} m of reached street lie outside")
        for shorter, longer in pairwise(sorted(minutes)):
            more = shapely.difference(self.polygons[shorter], self.polygons[longer]).area
            assert more < 1e-6, self._told(longer, f"does not hold {more:.6f} m² of {shorter:g}")

    def pieces(self, limit: float, wanted: Iterable[Piece]) -> None:
        """All reached pieces, in any order and either direction, exact to the centimetre."""
        found = [
            (line.coords[0], line.coords[-1], from_s, to_s)
            for line, from_s, to_s in zip(*(self._rows(limit)[c] for c in COLUMNS), strict=True)
        ]
        got, truth = _rows_of(found), _rows_of(wanted)
        same = got.shape == truth.shape and np.allclose(got, truth, rtol=0, atol=CLOSE)
        assert same, self._told(limit, f"pieces are\n{got.round(2)}\nnot\n{truth}")

    def street_m(self, limit: float) -> float:
        """Metres of reached street, as drawn."""
        return float(self._rows(limit).geometry.length.sum())

    def inside(self, limit: float, *probes: Spot) -> None:
        self._probe(limit, probes, wanted=True)

    def outside(self, limit: float, *probes: Spot) -> None:
        self._probe(limit, probes, wanted=False)

    def _probe(self, limit: float, probes: tuple[Spot, ...], *, wanted: bool) -> None:
        self.probes.extend(probes)
        held = shapely.dwithin(self.polygons[limit], shapely.points(probes), TRACE_M)
        wrong = [probe for probe, one in zip(probes, held, strict=True) if one != wanted]
        where = "outside" if wanted else "inside"
        assert not wrong, self._told(limit, f"{wrong} are {where} the polygon")

    def _rows(self, limit: float):  # type: ignore[no-untyped-def]
        return self.streets[self.streets["minutes"] == limit]

    def _told(self, limit: float, message: str) -> str:
        """The message, with the path of a drawing of the scene."""
        path = self.folder / f"scene-{limit:g}.svg"
        path.write_text(self._svg(limit), encoding="utf-8")
        return f"{limit:g} min: {message}; drawn in {path}"

    def _svg(self, limit: float) -> str:
        """Streets grey, barriers blue, pieces red, the polygon green, probes as rings."""
        layers = [
            *((shape, "#2f7ebc", 1.5) for shape in self.barriers.shapes),
            (self.polygons[limit], "#3a9d5d", 0.5),
            *((line, "#8a8f98", 1.0) for line in self.net.edge_lines),
            *((line, "#c0392b", 2.0) for line in self._rows(limit).geometry),
        ]
        dots = [_dot(spot, 2.0) for spot in self.probes] + [_dot(self.at, 5.0)]
        x0, y0, x1, y1 = shapely.total_bounds([shape for shape, _, _ in layers])
        box = f"{x0 - ROOM_M} {-y1 - ROOM_M} {x1 - x0 + 2 * ROOM_M} {y1 - y0 + 2 * ROOM_M}"
        drawn = "".join(shape.svg(width, colour, 0.4) if shape.geom_type.endswith("Polygon")
                        else shape.svg(width, colour) for shape, colour, width in layers)  # fmt: skip
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
        return f'{head}<g transform="scale(1 -1)">{drawn}{"".join(dots)}</g></svg>'


COLUMNS = ("geometry", "from_s", "to_s")


def _dot(spot: Spot, radius: float) -> str:
    x, y = spot
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="#000"/>'


def _rows_of(pieces: Iterable[Piece]) -> np.ndarray:
    """x, y, x, y, s, s of each piece; its lesser end first, rows in order."""
    rows = [
        (*a, *b, from_s, to_s)
        if (round(a[0], 1), round(a[1], 1)) <= (round(b[0], 1), round(b[1], 1))
        else (*b, *a, to_s, from_s)
        for a, b, from_s, to_s in pieces
    ]
    rows.sort(key=lambda row: [round(value, 1) + 0.0 for value in row])
    return np.array(rows, float).reshape(-1, 6)
