"""Gated compounds: times worked out by hand. Standard walk: 1.0 m/s, so metres are seconds."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import CRS_M, Scene, seconds_of

from gusu_geo.errors import InputError
from gusu_geo.streets import compound_cuts, compounds, outlines, plazas, sight
from gusu_geo.streets.barriers import Barriers
from gusu_geo.streets.compounds import CompoundStatus, Gated, gate_streets
from gusu_geo.tables import NodeFlag, StreetWays, WayFlag

NOTHING = gpd.GeoSeries([], crs=CRS_M)
BOX = shapely.box(0, 0, 300, 200)
TO_CM = {"abs": 0.03}


class Walled(Scene):
    """A scene with compounds and gates; ``classes``: highway of a way by its path."""

    def __init__(self, **outlines: shapely.Geometry) -> None:
        super().__init__()
        self.outlines = outlines
        self.known: list[tuple[float, float, str, str]] = []
        self.legs_blocked = False
        self.classes: dict[str, str] = {}
        self.policy = "known"
        self.gates_of: list[str] = []  # by gate, the compound that its ledger names

    def gate(self, x: float, y: float, access: str = "public", source: str = "osm") -> Walled:
        self.known.append((x, y, access, source))
        return self

    def plain(self) -> StreetWays:
        streets = super().streets()
        classes = [self.classes.get(" ".join(path), "footway") for path, _ in self.ways]
        return replace(streets, highway=np.array(classes))

    def gated(self) -> Gated:
        names = list(self.outlines)
        frame = gpd.GeoDataFrame(
            {"compound_id": names, "name": names, "source": "osm"},
            geometry=list(self.outlines.values()),
            crs=CRS_M,
        )
        columns = ["x", "y", "access", "source"]
        rows = pd.DataFrame(self.known, columns=columns)
        if self.gates_of:
            rows["compound_id"] = self.gates_of
        gates = gpd.GeoDataFrame(
            rows[rows.columns[2:]],
            geometry=gpd.points_from_xy(rows["x"].astype(float), rows["y"].astype(float)),
            crs=CRS_M,
        )
        return gate_streets(self.plain(), frame, gates, crs=CRS_M, policy=self.policy)  # type: ignore[arg-type]

    def streets(self) -> StreetWays:
        return self.gated().streets

    def row(self, name: str = "c") -> pd.Series:
        return self.gated().compounds.set_index("compound_id").loc[name]

    def barriers(self) -> Barriers:
        if not self.legs_blocked:
            return Barriers.of(NOTHING, crs=CRS_M)
        gated, inner = self.gated(), [line for _, line in self.blocks]
        walls = gpd.GeoDataFrame({"kind": ["wall"] * len(inner)}, geometry=inner, crs=CRS_M)
        return Barriers.of(walls, extra=gated.walls, gaps=gated.gaps, crs=CRS_M)

    def seconds(self, home: str = "h") -> float:
        """With walls that no leg crosses."""
        self.legs_blocked = True
        table = self.measure(island_max_m=0)
        self.legs_blocked = False
        return seconds_of(table, home)


def ladder() -> Walled:
    """A compound of 300 m x 200 m between two streets 20 m off, with three ways through.

    p ------ q ------ r      y = 220       homes and venues stand on streets
      +------|------+        y = 200  outline
      |  w---x---y  |        y = 100
      +--|---|---|--+        y = 0
    a ---b---c---d--- e      y = -20       x of b c d: 50, 150, 250; a: -200, e: 500
    """
    scene = Walled(c=BOX)
    scene.way("a b c d e", a=(-200, -20), b=(50, -20), c=(150, -20), d=(250, -20), e=(500, -20))
    scene.way("w x y", w=(50, 100), x=(150, 100), y=(250, 100))
    scene.way("b w").way("c x").way("d y")
    return scene.way("x q", q=(150, 220)).way("p q r", p=(-200, 220), r=(500, 220))


def test_without_known_gates_the_streets_are_the_very_same() -> None:
    scene = ladder()
    gated = scene.gated()
    assert gated.streets.way_nodes.tolist() == scene.plain().way_nodes.tolist()
    assert len(gated.walls) == 0
    assert scene.row()["status"] == CompoundStatus.UNKNOWN == "no_gate_known"
    scene.home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(120, **TO_CM)


def test_home_leaves_by_the_far_gate() -> None:
    scene = ladder().gate(250, 0).home("h", 50, 100).venue("v", 50, -20)
    # 200 to y, 120 down to d, 200 back along the street
    assert scene.seconds() == pytest.approx(200 + 120 + 200, **TO_CM)
    row = scene.row()
    assert (row["gates_public"], row["closed_crossings"], row["status"]) == (1, 3, "gated")


def test_two_gates_the_nearer_one_counts() -> None:
    scene = ladder().gate(250, 0).gate(150, 0).home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(100 + 120 + 100, **TO_CM)


@pytest.mark.parametrize("access", ["public", "residents"])
def test_outsiders_cut_through_public_gates_only(access: str) -> None:
    scene = ladder().gate(150, 0, access).gate(150, 200, access).home("h", 150, -20)
    scene.venue("v", 150, 220)
    scene.way("e r")  # the way round: 350 + 240 + 350
    assert scene.seconds() == pytest.approx(240 if access == "public" else 940, **TO_CM)


def test_residents_gate_lets_out_and_not_in() -> None:
    scene = ladder().gate(150, 0, "residents").home("in", 50, 100).home("out", 50, -20)
    scene.venue("v", 50, 100, service="inside").venue("w", 50, -20, service="outside")
    table = scene.measure(island_max_m=0)
    assert seconds_of(table, "in", "outside") == pytest.approx(100 + 120 + 100, **TO_CM)
    assert seconds_of(table, "out", "inside") == np.inf
    assert seconds_of(table, "in", "inside") == 0
    assert seconds_of(table, "out", "outside") == 0


def test_venue_at_a_residents_gate_is_outside() -> None:
    """Nobody is linked to the step through the gate, nor to the street behind the wall."""
    scene = ladder().gate(150, 0, "residents").home("out", 150, -20).home("in", 150, 100)
    scene.venue("v", 153, 0.5)  # the gate is half a metre deep
    assert scene.seconds("out") == pytest.approx(20 + math.hypot(3, 0.5), **TO_CM)
    assert scene.seconds("in") == pytest.approx(100 + math.hypot(3, 0.5), **TO_CM)


def test_locked_gate_beside_an_open_one() -> None:
    scene = ladder().gate(50, 0, "locked").gate(250, 0).home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(520, **TO_CM)
    row = scene.row()
    assert (row["gates_locked"], row["closed_crossings"]) == (1, 3)


def test_the_most_open_of_two_gates_in_one_place_counts() -> None:
    scene = ladder().gate(50, 0, "locked").gate(51, 0).home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(120, **TO_CM)


def test_with_only_a_locked_gate_nothing_is_known() -> None:
    scene = ladder().gate(50, 0, "locked").home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    assert scene.row()["status"] == "no_gate_known"


def test_a_gate_of_a_garden_inside_closes_no_street_at_the_outline() -> None:
    """It stands on no street that crosses the outline: of the outline no open gate is known."""
    scene = ladder().gate(50, 0, "locked").gate(100, 50).home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    row = scene.row()
    assert (row["status"], row["closed_crossings"]) == ("no_gate_known", 0)


def test_one_more_gate_takes_no_leg_away() -> None:
    """From the home at (270, 80) the end of a street at the gate in the east is nearer (36 m) than
    the street to the other gate, but behind it the way round is 300 m."""
    scene = Walled(c=BOX).way("a b", a=(220, 60), b=(220, -20)).block("wall", (262, 90), (278, 90))
    scene.way("b c d e", c=(350, -20), d=(350, 100), e=(200, 100))
    scene.gate(220, 0).home("h", 270, 80).venue("v", 220, -20)
    assert scene.seconds() == pytest.approx(math.hypot(50, 20) + 80, **TO_CM)
    assert scene.gate(300, 100).seconds() == pytest.approx(math.hypot(50, 20) + 80, **TO_CM)


def test_gates_open_lets_everybody_through_everywhere() -> None:
    scene = ladder().gate(250, 0, "residents").home("h", 50, -20).venue("v", 50, 100)
    assert scene.seconds() == np.inf
    scene.policy = "open"
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    row = scene.row()
    assert (row["closed_crossings"], row["status"]) == (0, "opened")


def test_gates_open_unlocks_gates_and_leaves_walls() -> None:
    scene = Walled().way("a b c", a=(0, 0), b=(100, 0), c=(200, 0))
    scene.nodes["b"] = NodeFlag.GATE | NodeFlag.CLOSED
    scene.home("h", 0, 0).venue("v", 200, 0)
    assert scene.seconds() == np.inf
    scene.policy = "open"
    assert scene.seconds() == pytest.approx(200, **TO_CM)
    scene.nodes["b"] = NodeFlag.CLOSED
    assert scene.seconds() == np.inf


def test_public_streets_stay_open_without_a_gate() -> None:
    scene = ladder().gate(250, 0).home("h", 50, 100).venue("v", 50, -20)
    scene.classes = {"b w": "residential"}
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    row = scene.row()
    assert (row["public_streets"], row["closed_crossings"]) == (1, 2)
    assert row["status"] == "crossed_by_public_street"


def test_a_gate_on_a_public_street_is_a_gate() -> None:
    scene = ladder().gate(50, 0, "locked").gate(250, 0).home("h", 50, 100).venue("v", 50, -20)
    scene.classes = {"b w": "residential"}
    assert scene.seconds() == pytest.approx(520, **TO_CM)
    assert scene.row()["status"] == "gated"


def test_a_private_street_is_not_public_whatever_its_class() -> None:
    scene = Walled(c=BOX).way("a b", a=(100, -50), b=(100, 100)).gate(200, 0)
    scene.way("a d b", flags=WayFlag.PRIVATE, d=(200, -50))
    scene.ways[0] = (scene.ways[0][0], int(WayFlag.PRIVATE))
    scene.classes = {"a b": "residential"}
    # the way from d to b crosses the outline 33 m east of a-b: (200,-50) -> (100,100)
    scene.known = [(166.67, 0.0, "public", "osm")]
    assert (scene.row()["closed_crossings"], scene.row()["public_streets"]) == (1, 0)


def test_a_part_that_no_gate_serves_stays_open() -> None:
    """Two courts in one outline, not joined inside; the gate of one says nothing of the other."""
    scene = Walled(c=BOX).gate(250, 0)
    scene.way("a b c d", a=(-200, -20), b=(50, -20), c=(100, -20), d=(250, -20))
    scene.way("b w x c", w=(50, 100), x=(100, 100)).way("d y", y=(250, 100))
    scene.home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    row = scene.row()
    assert (row["open_parts"], row["closed_crossings"], row["status"]) == (1, 0, "gated")


def test_ledger_gates_go_to_the_nearest_crossing_within_25_m() -> None:
    scene = ladder().gate(270, -14, source="ledger").home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(520, **TO_CM)
    assert scene.row()["gates_unplaced"] == 0
    scene = ladder().gate(100, 4, source="ledger")  # 50 m to either side
    row = scene.row()
    assert (row["gates_unplaced"], row["gates_public"], row["status"]) == (1, 1, "no_gate_known")


def test_a_gate_up_the_street_is_the_gate_of_that_crossing() -> None:
    """The outline is drawn to the kerb, the gate stands 40 m in, on the street."""
    scene = ladder().gate(250, 0).gate(50, 40).home("h", 50, 100).venue("v", 50, -20)
    scene.ways[2] = (["b", "g", "w"], 0)
    scene.place["g"] = (50, 40)
    assert scene.seconds() == pytest.approx(120, **TO_CM)
    assert scene.row()["gates_public"] == 2
    del scene.place["g"]
    scene.ways[2] = (["b", "w"], 0)  # a garden gate beside the street says nothing
    assert scene.seconds() == pytest.approx(520, **TO_CM)
    assert scene.row()["gates_public"] == 1


def test_osm_gates_far_from_any_crossing_are_not_guessed_at() -> None:
    scene = ladder().gate(270, 0)
    assert scene.row()["status"] == "no_gate_known"


def test_streets_along_the_outline_are_whole() -> None:
    """A street drawn on the outline, one that wavers about it, one that touches it in a point."""
    scene = Walled(c=BOX).gate(150, 0)
    scene.way("a b c d", a=(-50, 0), b=(0, 0), c=(300, 0), d=(350, 0))
    scene.ways[0] = (["a", "b", "m", "c", "d"], 0)
    scene.way("m n", m=(150, 0), n=(150, 100))
    scene.way("e f g k i", e=(-50, 201), f=(60, 199), g=(120, 201), k=(240, 198.5), i=(350, 201))
    scene.way("t u z", t=(-50, 50), u=(0, 100), z=(-50, 150))
    gated = scene.gated()
    assert len(gated.streets.way_ids) == len(scene.ways)
    assert scene.row()["closed_crossings"] == 0
    scene.home("h", -50, 201).venue("v", 350, 201)
    net = scene.network()
    assert net.edges == len(scene.ways) + 1  # only m cuts a way


def test_a_path_along_the_wall_inside_is_inside() -> None:
    """Drawn a metre or two out of the compound here and there, it is still its path."""
    scene = ladder().gate(250, 0)
    scene.way("w g1 g2 g3 y", g1=(60, 201), g2=(120, 199), g3=(240, 202))
    assert scene.row()["closed_crossings"] == 3
    scene.home("h", 60, 201).venue("v", 250, 100)
    assert scene.seconds() == pytest.approx(
        math.hypot(60, 2) + math.hypot(120, 3) + math.hypot(10, 102), **TO_CM
    )


def test_a_pavement_that_wavers_beside_a_gate_does_not_take_it() -> None:
    scene = ladder().gate(250, 1)
    scene.way("k1 k2 k3 k4", k1=(200, -2), k2=(250.5, 1.5), k3=(270, -2), k4=(300, -2))
    scene.home("h", 50, 100).venue("v", 50, -20)
    assert scene.seconds() == pytest.approx(520, **TO_CM)


def test_inner_street_that_ends_on_the_outline_street_is_closed_there() -> None:
    """The outline is drawn on the street around: that street is outside."""
    scene = Walled(c=BOX).gate(250, 0)
    scene.way("a b c d", a=(-50, 0), b=(50, 0), c=(250, 0), d=(350, 0))
    scene.way("b w x c", w=(50, 100), x=(250, 100)).home("h", 50, 100).venue("v", 50, -5)
    assert scene.seconds() == pytest.approx(200 + 100 + 200 + 5, **TO_CM)
    assert scene.row()["closed_crossings"] == 1


def test_home_at_the_wall_walks_round_by_the_gate() -> None:
    """25 m from the street outside, 40 m from the one inside: the wall decides."""
    scene = ladder().gate(250, 0).home("h", 110, 5).venue("v", 50, -20)
    # to c-x, up to x, over to y, down by the gate, back along the street
    assert scene.seconds() == pytest.approx(40 + 95 + 100 + 120 + 200, **TO_CM)
    assert seconds_of(scene.measure(island_max_m=0), "h") == pytest.approx(25 + 60, **TO_CM)


def test_nested_and_overlapping_compounds() -> None:
    """A way through the walls of three compounds, each with its gate on that way."""
    outlines = {"c": BOX, "n": shapely.box(100, 50, 200, 150), "o": shapely.box(120, -30, 400, 70)}
    scene = Walled(**outlines).way("a b", a=(150, -80), b=(150, 280))
    # walls at y = -30 (o), 0 (c), 50 (n), 70 (o), 150 (n), 200 (c)
    scene.home("h", 150, 60).venue("v", 150, -80).venue("w", 150, 280, service="north")
    for y in (-30, 0, 50, 70, 150):
        scene.gate(150, y)
    table = scene.measure(island_max_m=0)
    assert seconds_of(table, "h") == pytest.approx(140, **TO_CM)
    assert seconds_of(table, "h", "north") == np.inf  # no gate at y = 200
    scene.gate(150, 200, "residents")
    assert seconds_of(scene.measure(), "h", "north") == pytest.approx(220, **TO_CM)
    assert scene.gated().compounds["closed_crossings"].tolist() == [0, 0, 0]


def test_common_wall_of_neighbours_is_left_but_not_entered() -> None:
    """A residents' gate between two compounds lets out of neither: beyond it is the other's."""
    outlines = {"c": shapely.box(0, 0, 100, 100), "d": shapely.box(100, 0, 200, 100)}
    scene = Walled(**outlines).way("a m b", a=(20, 50), m=(100, 50), b=(180, 50))
    scene.way("a s", s=(20, -50)).way("b t", t=(180, -50)).way("s t")
    scene.gate(100, 50, "residents").gate(20, 0).gate(180, 0)
    scene.home("h", 20, 50).venue("v", 180, 50)
    assert scene.seconds() == pytest.approx(100 + 160 + 100, **TO_CM)
    scene.known[0] = (100, 50, "public", "osm")
    assert scene.seconds() == pytest.approx(160, **TO_CM)


def test_a_gate_whose_compound_is_named_closes_none_across_the_street() -> None:
    """Walls of c and d face each other over a street of 18 m; only c has a gate, at (50, 0).

    h lives in d, which nobody closed: 20 up its own way to y = -18, 9 to the street, 30 along.
    """
    outlines = {"c": shapely.box(0, 0, 100, 100), "d": shapely.box(0, -118, 100, -18)}
    scene = Walled(**outlines).way("a s b", a=(-50, -9), s=(50, -9), b=(150, -9))
    scene.way("s g", g=(50, 50)).way("s n", n=(50, -60)).way("p q", p=(80, -9), q=(80, -60))
    scene.ways[0] = (["a", "s", "p", "b"], 0)
    scene.way("n q").gate(50, 0, "residents", "ledger")
    scene.home("h", 80, -38).venue("v", 110, -9)
    # Nobody says whose gate it is: 18 m from d's wall, it closes the other way out of d.
    assert scene.row("d")["status"] == CompoundStatus.GATED
    assert scene.seconds() == pytest.approx(22 + 30 + 60 - 9 + 60, **TO_CM)
    scene.gates_of = ["c"]
    assert scene.row("d")["status"] == CompoundStatus.UNKNOWN
    assert scene.row("c")["status"] == CompoundStatus.GATED
    assert scene.row("d")["gates_residents"] == 0 and scene.row("c")["gates_residents"] == 1
    assert scene.seconds() == pytest.approx(20 + 9 + 30, **TO_CM)


def test_a_way_that_crosses_an_outline_many_times() -> None:
    """A comb: the compound's teeth stand in the way; the gate of each tooth is its first wall."""
    comb = shapely.union_all(
        [shapely.box(0, 50, 220, 100)] + [shapely.box(x, -20, x + 20, 60) for x in (0, 100, 200)]
    )
    scene = Walled(c=comb).way("a b", a=(-50, 0), b=(300, 0))
    scene.way("p q r", p=(10, 0), q=(10, 75), r=(110, 75)).way("r s t", s=(210, 75), t=(210, 0))
    scene.ways[0] = (["a", "p", "t", "b"], 0)
    scene.gate(0, 0).gate(220, 0)
    row = scene.row()
    # x = 0 and 220 are gates; 20, 200 are walls; the middle tooth (100, 120) has no gate: open
    assert (row["closed_crossings"], row["open_parts"]) == (2, 1)
    scene.home("h", -50, 0).venue("v", 300, 0)
    assert scene.seconds() == pytest.approx(60 + 75 + 200 + 75 + 90, **TO_CM)


def test_private_streets_of_residents_lead_out_by_their_gate() -> None:
    """Private ways inside and behind the gate: still one trip away from home."""
    scene = Walled(c=BOX).gate(150, 0, "residents")
    scene.way("a g b", flags=WayFlag.PRIVATE, a=(150, 100), g=(150, 0), b=(150, -30))
    scene.way("b v", v=(350, -30)).home("h", 150, 100).venue("v", 350, -30)
    assert scene.seconds() == pytest.approx(130 + 200, **TO_CM)


def test_walls_have_openings_where_everybody_passes() -> None:
    walls = ladder().gate(150, 0, "residents").gate(250, 0).gated().walls
    assert walls["kind"].tolist() == ["wall"]
    line = walls.geometry.iloc[0]
    assert line.distance(shapely.Point(250, 0)) == pytest.approx(3, abs=0.1)
    assert line.distance(shapely.Point(150, 0)) == pytest.approx(1, abs=0.01)
    # 2 m shorter than the outline on every side, and one gap of twice the root of 3^2 - 1^2
    assert line.length == pytest.approx(2 * (298 + 198) - 2 * 8**0.5, abs=0.1)


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match=r"unknown access.*Did you mean 'public'"):
        ladder().gate(0, 0, "pubic").gated()
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(InputError, match=r"compound 'bow'.*crosses itself"):
        Walled(bow=bow).way("a b", a=(0, 0), b=(1, 0)).gated()


def test_two_runs_and_another_order_of_gates_are_equal() -> None:
    one, two = ladder().gate(250, 0).gate(50, 0, "residents"), ladder()
    two.gate(50, 0, "residents").gate(250, 0)
    a, b = one.gated().streets, two.gated().streets
    assert all(np.array_equal(getattr(a, key), getattr(b, key)) for key in vars(a))
    assert one.network().digest == two.network().digest


def test_the_document_says_what_the_code_does() -> None:
    text = " ".join(
        (Path(__file__).parents[2] / "docs" / "compounds.md").read_text("utf-8").split()
    )
    for said in (
        f"within {compounds.REACH_M['osm']:g} m (OpenStreetMap) or {compounds.REACH_M['ledger']:g} m",
        f"up to {compounds.UP_THE_STREET_M:g} m off",
        f"(within {outlines.ALONG_M:g} m) are outside",
        f"no deeper than {outlines.GRAZE_M:g} m inside",
        f"{compounds.WALL_INSET_M:g} m inside of the drawn line, with openings of {compounds.OPENING_M:g} m",
        f"two dead ends {compound_cuts.STUB_M:g} m apart",
        f"more than {sight.MANY} points",
        f"in {sight.DIRECTIONS} directions",
        f"a straight way of up to {plazas.PORCH_M:g} m",
        *CompoundStatus,
    ):
        assert said in text or said in ("gated", "opened"), said


SPOTS = [(x, y) for x in range(0, 500, 100) for y in range(0, 500, 100)]
GATES = st.lists(
    st.tuples(
        st.sampled_from([0, 100, 200, 300, 400]),
        st.sampled_from([50, 350]),
        st.booleans(),
        st.sampled_from(["public", "residents", "locked"]),
    ),
    max_size=6,
)


def grid(gates: list[tuple[int, int, bool, str]], *, policy: str = "known") -> Walled:
    """Streets every 100 m; a compound between 50 and 350 either way; gates on its outline."""
    scene = Walled(c=shapely.box(50, 50, 350, 350))
    scene.policy = policy
    for i in range(5):
        row, column = (
            [f"n{x}_{y}" for x, y in spots]
            for spots in ([(j, i) for j in range(5)], [(i, j) for j in range(5)])
        )
        scene.way(" ".join(row)).way(" ".join(column))
    scene.place.update({f"n{x // 100}_{y // 100}": (x, y) for x, y in SPOTS})
    for along, wall, upright, access in gates:
        x, y = (along, wall) if upright else (wall, along)
        scene.gate(x, y, access)
    for x, y in SPOTS:
        scene.home(f"h{x}_{y}", x, y)
    return scene.venue("v", 0, 0).venue("w", 200, 200, service="middle")


def times(scene: Walled) -> np.ndarray:
    return scene.measure(island_max_m=0).nearest_s.to_numpy()


@settings(max_examples=10)
@given(gates=GATES)
def test_open_gates_never_lengthen_a_walk(gates: list[tuple[int, int, bool, str]]) -> None:
    known, opened = times(grid(gates)), times(grid(gates, policy="open"))
    assert (opened <= known).all()
    assert np.isfinite(known[:, 0]).all()  # nobody is ever sealed in


@settings(max_examples=10)
@given(gates=GATES, more=GATES)
def test_more_gates_never_lengthen_a_walk(
    gates: list[tuple[int, int, bool, str]], more: list[tuple[int, int, bool, str]]
) -> None:
    gates = [(200, 50, True, "residents"), *gates]  # the wall is known
    assert (times(grid(gates + more)) <= times(grid(gates)) + 0.1).all()


@settings(max_examples=10)
@given(locked=st.integers(0, 4))
def test_no_gate_known_changes_nothing(locked: int) -> None:
    gates = [(100 * (i % 4), 50, True, "locked") for i in range(locked)]
    scene = grid(gates)
    free = Scene.network(grid([]))
    if not locked:
        assert scene.network().digest == free.digest
    assert scene.row()["status"] == "no_gate_known"
