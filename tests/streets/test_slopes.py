"""Slopes from rasters drawn by hand: planes whose factors a pocket calculator gives.

Up 10 %: exp(3.5 (0.15 - 0.05)) = exp(0.35) = 1.41907. Down 10 %: |-0.10 + 0.05| is 0.05 again, so 1.
Down 5 %: exp(-0.175) = 0.83946. Up 40 %, the steepest taken: exp(1.4) = 4.0552; down: exp(1.05) = 2.8577.
"""

from __future__ import annotations

import builtins
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import own_study as own
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.transform import from_origin
from scenes import CRS_M, Scene, seconds_of

import gusu_geo as gg
from gusu_geo.errors import SourceError
from gusu_geo.streets.heights import _bilinear
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.streets.slopes import read_dem, slopes_of, tobler, with_slopes
from gusu_geo.study.params import Walk
from gusu_geo.tables import WayFlag
from gusu_geo.walking.access import measure
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.trips import Trips

folder = own.folder
Heights = Callable[[np.ndarray, np.ndarray], np.ndarray]
UP_10, LEVEL = 1419, 1000
WKT = CRS_M.to_wkt()
STEPS, BRIDGE, TUNNEL = WayFlag.STEPS, WayFlag.BRIDGE, WayFlag.TUNNEL


def dem(
    path: Path,
    heights: Heights,
    *,
    box: tuple[float, float, float, float] = (-300, -300, 1300, 300),
    cell_m: float = 10.0,
    crs: Any = WKT,
    **profile: Any,
) -> Path:
    """A GeoTIFF of ``heights(x, y)`` in metres over ``box`` (west, south, east, north)."""
    west, south, east, north = box
    columns, rows = round((east - west) / cell_m), round((north - south) / cell_m)
    x = west + (np.arange(columns) + 0.5) * cell_m
    y = north - (np.arange(rows) + 0.5) * cell_m
    dtype = profile.pop("dtype", "float32")
    cells = np.asarray(heights(*np.meshgrid(x, y)), dtype)
    units, scales = profile.pop("units", None), profile.pop("scales", None)
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype=dtype, crs=crs,
        transform=from_origin(west, north, cell_m, cell_m), **profile,
    ) as raster:  # fmt: skip
        raster.write(cells, 1)
        if units:
            raster.units = (units,)
        if scales:
            raster.scales = (scales,)
    return path


def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 50 + 0.1 * x + 0 * y


def level(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 7 + 0 * x + 0 * y


def street(flags: int = 0) -> WalkNetwork:
    """From west to east, 1,000 m."""
    return Scene().way("a b", flags=flags, a=(0, 0), b=(1000, 0)).network()


def eastward(net: WalkNetwork) -> np.ndarray:
    """(E,2) factors walked east and walked west, by way."""
    east = net.node_xy[net.edge_v, 0] > net.node_xy[net.edge_u, 0]
    both = np.where(east[:, None], net.slope_pm, net.slope_pm[:, ::-1])
    return both[np.argsort(net.way_id, kind="stable")]


def on(tmp_path: Path, net: WalkNetwork, heights: Heights, **options: Any) -> np.ndarray:
    return eastward(with_slopes(net, read_dem(dem(tmp_path / "dem.tif", heights, **options))))


def test_up_ten_per_cent_takes_longer_and_down_as_long_as_level(tmp_path: Path) -> None:
    assert on(tmp_path, street(), plane).tolist() == [[UP_10, LEVEL]]


def test_a_gentle_descent_is_quicker_than_level_ground(tmp_path: Path) -> None:
    # exp(3.5 * 0.05) = 1.19125 up, exp(-3.5 * 0.05) = 0.83946 down
    assert on(tmp_path, street(), lambda x, y: 0.05 * x + 0 * y).tolist() == [[1191, 839]]


def test_tobler_at_the_figures_of_the_first_lines() -> None:
    got = tobler(np.array([0.1, -0.1, -0.05, 0.0, 0.4, -0.4, 3.0, -3.0, np.nan]))
    want = [1.41907, 1, 0.83946, 1, 4.0552, 2.8577, 4.0552, 2.8577, 1]
    assert got == pytest.approx(want, abs=5e-5)


@pytest.mark.parametrize("cell_m", [1.0, 7.0, 10.0, 30.0])
def test_level_ground_is_exactly_a_thousand(tmp_path: Path, cell_m: float) -> None:
    net = Scene().way("a b c", a=(0, 0), b=(333.3, 41), c=(700, -5)).way("b d", d=(340, 190))
    assert (on(tmp_path, net.network(), level, cell_m=cell_m) == LEVEL).all()


@pytest.mark.parametrize("cell_m", [2.0, 25.0, 90.0])
def test_the_size_of_the_cells_does_not_matter_on_a_plane(tmp_path: Path, cell_m: float) -> None:
    box = (-900, -900, 1800, 900)
    got = on(tmp_path, street(), plane, cell_m=cell_m, box=box)
    assert got.tolist() == [[UP_10, LEVEL]]


@pytest.mark.parametrize("cell_m", [5.0, 12.5, 30.0])
@pytest.mark.parametrize("dtype", ["int16", "float32"])
@pytest.mark.parametrize(
    ("slope", "up_down"),  # exp(+-3.5 slope) down to -5 %
    [(0.01, (1036, 966)), (0.02, (1073, 932)), (0.05, (1191, 839)), (0.1, (1419, 1000))],
)
def test_a_plane_in_whole_metres_is_the_same_plane(
    tmp_path: Path, slope: float, up_down: tuple[int, int], dtype: str, cell_m: float
) -> None:
    def rounded(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.rint(50.3 + slope * x + 0 * y)

    # The raster ends 20 m beside the street.
    found = on(tmp_path, street(), rounded, dtype=dtype, cell_m=cell_m, box=(-30, -330, 1230, 30))
    assert found == pytest.approx(np.array([up_down]), abs=1.01)


@pytest.mark.parametrize(("step_m", "scale"), [(0.1, 0.1), (0.3048, 0.3048), (1, 0.5)])
def test_decimetres_feet_and_gaps_are_rounded_too(
    tmp_path: Path, step_m: float, scale: float
) -> None:
    def steps(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        whole = np.rint((50.3 + 0.05 * (0.8 * x + 0.6 * y)) / step_m) * step_m / scale
        return np.where((y > 30) & (x > 400), -9999, np.rint(whole))

    found = on(tmp_path, street(), steps, dtype="int16", scales=scale, nodata=-9999)
    assert found == pytest.approx(np.array([[1150, 869]]), abs=2.01)  # exp(+-0.14)


def test_whole_metres_flatten_no_hill_and_raise_no_wall(tmp_path: Path) -> None:
    def hills(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 50 + 5 * np.sin(2 * np.pi * x / 200) + 0 * y  # up to 16 %

    def walls(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 50 + 0.02 * x + 8.0 * (abs(x - 505) < 6) + 0 * y  # one cell wide

    fine = on(tmp_path, street(), hills)
    whole = on(tmp_path, street(), lambda x, y: np.rint(hills(x, y)), dtype="int16")
    assert whole == pytest.approx(fine, rel=0.02) and fine.min() > 1200
    whole = on(tmp_path, street(), lambda x, y: np.rint(walls(x, y)), dtype="int16")
    # Beside the wall the stairs of the medians stay; 8 m up and down again would add 50.
    assert whole == pytest.approx(np.array([[1073, 932]]), abs=15)


def test_an_edge_carries_the_mean_of_its_pieces(tmp_path: Path) -> None:
    """Level for 500 m, then 10 % up: (1000 + 1419.07) / 2, a bend over 25 m apart."""
    got = on(tmp_path, street(), lambda x, y: 0.1 * np.maximum(x - 500, 0) + 0 * y, cell_m=5.0)
    assert got[0] == pytest.approx([1209.5, 1000], abs=6)


def test_a_street_along_the_slope_is_level(tmp_path: Path) -> None:
    assert on(tmp_path, street(), lambda x, y: 0.3 * y + 0 * x).tolist() == [[LEVEL, LEVEL]]


def test_times_in_a_scene_differ_by_direction(tmp_path: Path) -> None:
    """Home at 100, one venue 400 m uphill, another 400 m downhill of a home at 900."""
    scene = Scene().way("a b", a=(0, 0), b=(1000, 0)).home("low", 100, 0).home("high", 900, 0)
    scene.venue("mid", 500, 0)
    path = dem(tmp_path / "dem.tif", plane)

    def seconds(walk: Walk | None = None, *, slopes: bool = True) -> list[float]:
        net = scene.network()
        if slopes:
            net = with_slopes(net, read_dem(path))
        table = measure(
            Trips.of(net, walk), scene.linked(net, scene.homes),
            scene.linked(net, {"mid": [(500, 0)]}),
            service=["s"], venue=["mid"], min_count={"s": 1}, cutoff_s=1800,
        )  # fmt: skip
        return [seconds_of(table, home) for home in ("low", "high")]

    assert seconds() == pytest.approx([567.6, 400.0], abs=0.01)
    assert seconds(Walk(slope="off")) == pytest.approx([400, 400], abs=0.01)
    assert seconds(slopes=False) == pytest.approx([400, 400], abs=0.01)


def test_steps_lifts_and_ferries_keep_their_own_factors(tmp_path: Path) -> None:
    scene = Scene()
    for number, flag in enumerate((STEPS, WayFlag.LIFT, WayFlag.FERRY, STEPS | BRIDGE)):
        scene.way(f"a{number} b{number}", flags=flag)
        scene.place |= {f"a{number}": (0, 20 * number), f"b{number}": (500, 20 * number)}
    net = with_slopes(scene.network(), read_dem(dem(tmp_path / "dem.tif", plane)))
    assert (net.slope_pm == LEVEL).all()
    steps = Impedance.of(net, Walk()).factor_pm[net.flagged(STEPS)]
    assert (steps == 2000).all()


def valley(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A gorge 30 m deep and 200 m wide between two banks at 50 m."""
    return np.where(np.abs(x - 500) < 100, 20.0, 50.0) + 0 * y


@pytest.mark.parametrize("flag", [BRIDGE, TUNNEL])
def test_a_bridge_over_a_valley_is_level(tmp_path: Path, flag: int) -> None:
    """Banks, and a bridge in three pieces; its piers stand 30 m lower."""
    scene = Scene().way("a c", a=(0, 0), c=(380, 0)).way("f z", f=(620, 0), z=(1000, 0))
    scene.way("c d", flags=flag, d=(450, 0)).way("d e", flags=flag, e=(550, 0))
    scene.way("e f", flags=flag)
    assert (on(tmp_path, scene.network(), valley, cell_m=5.0) == LEVEL).all()
    # the same pieces on the ground go down and up again
    for number in (2, 3, 4):
        scene.ways[number] = (scene.ways[number][0], 0)
    assert on(tmp_path, scene.network(), valley, cell_m=5.0).max() > 1500


def test_a_bridge_climbs_evenly_between_its_ends(tmp_path: Path) -> None:
    """Ends at 40 and 50 m, 200 m apart in two pieces: 5 % throughout, whatever lies below."""
    scene = Scene().way("a c", a=(0, 0), c=(400, 0)).way("e z", e=(600, 0), z=(1000, 0))
    scene.way("c d", flags=BRIDGE, d=(430, 0)).way("d e", flags=BRIDGE)

    def banks(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x < 440, 40.0, np.where(x > 560, 50.0, 0.0)) + 0 * y

    got = on(tmp_path, scene.network(), banks, cell_m=5.0)
    assert got.tolist() == [[LEVEL, LEVEL]] * 2 + [[1191, 839]] * 2


def test_a_bridge_that_meets_no_ground_still_has_a_slope(tmp_path: Path) -> None:
    assert on(tmp_path, street(BRIDGE), plane).tolist() == [[UP_10, LEVEL]]
    # its ends are steps: they too stand on the ground
    scene = Scene().way("a b", flags=BRIDGE, a=(0, 0), b=(1000, 0))
    scene.way("b c", flags=STEPS, c=(1010, 0))
    assert on(tmp_path, scene.network(), plane)[0].tolist() == [UP_10, LEVEL]


def test_a_wall_or_a_roof_is_no_hill(tmp_path: Path) -> None:
    """A roof 8 m wide that stands 20 m high over the street of a surface model is not climbed."""

    def a_roof_every_30_m(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(x % 30 < 8, 20.0, 0.0) + 0 * y

    roof = on(tmp_path, street(), a_roof_every_30_m, cell_m=1.0)
    assert (roof == LEVEL).all()
    # the street at the foot of a cliff stays level, 3 m from its edge
    cliff = on(tmp_path, street(), lambda x, y: np.where(y > 3, 40.0, 0.0) + 0 * x, cell_m=1.0)
    assert (cliff == LEVEL).all()


def test_a_cliff_across_a_street_costs_no_more_than_the_steepest_slope(tmp_path: Path) -> None:
    """60 m up at once: at most four pieces of 15 m at 40 %, the rest level."""
    got = on(tmp_path, street(), lambda x, y: np.where(x > 500, 60.0, 0.0) + 0 * y, cell_m=1.0)
    assert got[0, 0] <= 1000 + 4 * 15 * (4.0552 - 1)
    assert got[0, 0] > 1000
    assert 1 <= slopes_of(street(), read_dem(tmp_path / "dem.tif")).steep <= 4


def test_a_raster_in_degrees_gives_the_same(tmp_path: Path) -> None:
    to_degrees = Transformer.from_crs(CRS_M, 4326, always_xy=True)
    west, south = to_degrees.transform(-400, -400)
    east, north = to_degrees.transform(1400, 400)
    back = Transformer.from_crs(4326, CRS_M, always_xy=True)
    path = dem(
        tmp_path / "degrees.tif", lambda lon, lat: 0.1 * back.transform(lon, lat)[0],
        box=(west, south, east, north), cell_m=1e-4, crs="EPSG:4326",
    )  # fmt: skip
    assert eastward(with_slopes(street(), read_dem(path)))[0] == pytest.approx([1419, 1000], abs=1)


def test_tiles_are_seamless(tmp_path: Path) -> None:
    """1,600 columns of a metre: the street crosses three borders of tiles."""
    net = street()
    got = on(tmp_path, net, plane, cell_m=1.0, box=(-300, -40, 1300, 40))
    assert got.tolist() == [[UP_10, LEVEL]]
    heights = read_dem(tmp_path / "dem.tif").heights(
        np.column_stack([np.arange(0, 1000, 0.5), np.zeros(2000)]), CRS_M
    )
    assert heights == pytest.approx(50 + 0.1 * np.arange(0, 1000, 0.5), abs=1e-4)


def test_feet_and_scales_become_metres(tmp_path: Path) -> None:
    in_feet = {"heights": lambda x, y: plane(x, y) / 0.3048, "units": "US survey foot"}
    assert on(tmp_path, street(), **in_feet).tolist() == [[UP_10, LEVEL]]  # type: ignore[arg-type]
    tenths = {"heights": lambda x, y: plane(x, y) * 10, "scales": 0.1}
    assert on(tmp_path, street(), **tenths).tolist() == [[UP_10, LEVEL]]  # type: ignore[arg-type]


def test_a_few_streets_at_the_rim_may_lack_heights_and_count_as_level(tmp_path: Path) -> None:
    box = (-300.0, -300.0, 970.0, 300.0)
    found = slopes_of(street(), read_dem(dem(tmp_path / "dem.tif", plane, box=box)))
    assert found.unknown_share == pytest.approx(0.03, abs=0.016)
    level_share = found.unknown_share
    assert found.pieces == 67, "1,000 m in pieces of at most 15 m"
    assert (found.unknown, found.steep) == (round(67 * level_share), 0)
    up = 1419.07 * (1 - level_share) + 1000 * level_share
    assert found.slope_pm.max() == pytest.approx(up, abs=1)


def test_the_sea_without_heights_beside_a_quay_is_no_gap(tmp_path: Path) -> None:
    def coast(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.where(y < -6, -9999.0, plane(x, y))

    for nodata in (-9999.0, None):  # declared or not
        path = dem(tmp_path / "dem.tif", coast, cell_m=5.0, nodata=nodata)
        found = slopes_of(street(), read_dem(path))
        assert found.unknown_share == 0
        assert sorted(found.slope_pm[0]) == [LEVEL, UP_10]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"box": (-300, -300, 500, 300)}, r"no height for 5\d% of the streets"),
        ({"box": (5000, 5000, 6000, 6000)}, "no height for 100% of the streets"),
        ({"heights": lambda x, y: np.full_like(x, np.nan)}, "no height for 100%"),
        ({"heights": lambda x, y: 0 * x, "nodata": 0.0}, "no height for 100%"),
        ({"heights": lambda x, y: plane(x, y) * 10}, r"heights cannot be metres: 100% of the streets"),
        ({"units": "fathom"}, "must be in metres or feet. Got 'fathom'"),
        ({"crs": None}, "does not say its coordinate system"),
        ({"box": (0, 0, 60, 60), "crs": "EPSG:2154"}, "no height for 100%"),
    ],
)  # fmt: skip
def test_a_raster_at_fault_is_one_clear_error(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    heights = options.pop("heights", plane)
    with pytest.raises(SourceError, match=message) as error:
        on(tmp_path, street(), heights, **options)
    assert "dem.tif" in str(error.value) and "\n" not in str(error.value)


def test_files_that_are_no_raster_of_heights(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        read_dem(tmp_path / "none.tif")
    with pytest.raises(SourceError, match="is a folder"):
        read_dem(tmp_path)
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(SourceError, match="not a raster"):
        read_dem(tmp_path / "text.tif")
    with rasterio.open(
        tmp_path / "rgb.tif", "w", driver="GTiff", width=9, height=9, count=3, dtype="uint8",
        crs="EPSG:3857", transform=from_origin(0, 0, 1, 1),
    ) as raster:  # fmt: skip
        raster.write(np.zeros((3, 9, 9), np.uint8))
    with pytest.raises(SourceError, match=r"one band of heights\. Got 3"):
        read_dem(tmp_path / "rgb.tif")


def test_a_raster_whose_cells_have_no_width(tmp_path: Path) -> None:
    path = dem(tmp_path / "dem.tif", plane, cell_m=7.25)
    content, width = path.read_bytes(), struct.pack("<d", 7.25)
    assert content.count(width) == 2
    path.write_bytes(content.replace(width, struct.pack("<d", 1e-200)))
    with pytest.raises(SourceError, match=r"dem\.tif: .*no width or no height"):
        read_dem(path)


def test_a_truncated_raster_is_one_clear_error(tmp_path: Path) -> None:
    path = dem(tmp_path / "dem.tif", plane, cell_m=1.0)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match=r"dem.tif: .*not a raster|dem.tif: cannot be read"):
        with_slopes(street(), read_dem(path))


def test_without_rasterio_the_message_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dem(tmp_path / "dem.tif", plane)
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "rasterio":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SourceError, match=r"pip install \"gusu-geo\[slopes\]\""):
        read_dem(path)


def test_the_network_is_new_and_its_digest_another(tmp_path: Path) -> None:
    net = street()
    sloped = with_slopes(net, read_dem(dem(tmp_path / "dem.tif", plane)))
    assert (net.slope_pm == LEVEL).all() and sloped.digest != net.digest
    again = with_slopes(net, read_dem(tmp_path / "dem.tif"))
    assert again.digest == sloped.digest
    assert not sloped.slope_pm.flags.writeable


def test_a_study_with_heights_from_file_to_times(folder: Path) -> None:
    """The straight street of ``test_own_study``, falling 10 % to the east; the legs are short.

    h1 at 100 m goes down to venues at 150 and 950, h2 at 1,000 m and h3 at 1,900 up to the one at 950.
    """
    box = (-1300.0, -300.0, 1300.0, 300.0)  # of a street from -1,000 to 1,000
    wkt = own.CRS.to_wkt()
    dem(folder / "heights.tif", lambda x, y: 400 - 0.1 * x + 0 * y, box=box, crs=wkt)
    text = own.STUDY.replace('osm = "street.osm"', 'osm = "street.osm"\ndem = "heights.tif"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    ran = gg.run(folder / "study.toml", out=folder, survey=False)
    seconds, summary = ran.access.nearest_s, ran.summary
    assert seconds.loc["h1"].tolist() == pytest.approx([50, 850], abs=0.1)
    assert seconds.loc["h2"].tolist() == pytest.approx([70.95, 70.95], abs=0.1)
    assert seconds.loc["h3"].tolist() == pytest.approx([1348.1, 1348.1], abs=0.3)
    row = summary["sources"][-1]  # 2,000 m in pieces of at most 15 m
    assert (row["source"], row["kind"], row["read"], row["used"]) == (
        "heights.tif",
        "heights",
        134,
        134,
    )
    dem(folder / "heights.tif", plane, box=(-1300, -300, 500, 300), crs=wkt)
    with pytest.raises(SourceError, match=r"heights.tif: does not cover the area: .* 2\d%"):
        gg.run(folder / "study.toml", out=folder, survey=False)


@given(
    st.lists(st.integers(0, 60) | st.none(), min_size=12, max_size=12),
    st.integers(-8, 32),
    st.integers(-8, 24),
)
@settings(max_examples=100)
def test_bilinear_equals_a_plain_twin(cells: list[int | None], column: float, row: float) -> None:
    column, row = column / 8, row / 8
    grid = [[cells[4 * r + c] for c in range(4)] for r in range(3)]
    array = np.array([[np.nan if h is None else h for h in line] for line in grid], float)
    got = _bilinear(array, np.array([[column, row]]))[0]
    want = plain_bilinear(grid, column, row)
    assert (want is None and np.isnan(got)) or got == pytest.approx(want, abs=1e-9)


def plain_bilinear(grid: list[list[int | None]], column: float, row: float) -> float | None:
    if not (-0.5 <= column <= 3.5 and -0.5 <= row <= 2.5):
        return None
    column, row = min(max(column, 0), 3), min(max(row, 0), 2)
    total = weight = 0.0
    for r in range(3):
        for c in range(4):
            share = max(0.0, 1 - abs(column - c)) * max(0.0, 1 - abs(row - r))
            height = grid[r][c]
            if height is not None:
                total, weight = total + share * height, weight + share
    return total / weight if weight else None
