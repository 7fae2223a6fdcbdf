"""What is not housing: parks, schools, works, a market, fields; and the borders of the town."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shuixiang.canvas import Canvas, Point, Ring, box

Rectangle = tuple[float, float, float, float]  # west, south, east, north


class Zone(NamedTuple):
    """A subdistrict or community. code: of no real place; ring, kind: 圈层, 类型."""

    code: str
    name: str
    english: str
    box: Rectangle
    ring: str = ""
    kind: str = ""


TOWN = Zone("990100", "水乡区", "Shuixiang", (-1000, -1000, 1000, 1000))
SUBDISTRICTS = (
    Zone("990100001", "望塘街道", "Wangtang Subdistrict", (-1000, 0, 1000, 1000)),
    Zone("990100002", "采菱街道", "Cailing Subdistrict", (-1000, -1000, 1000, 0)),
)
_A, _B, _C = "古城", "老城", "新城"
COMMUNITIES = (
    Zone("990100001001", "上塘社区", "Shangtang", (-520, 0, -60, 260), _A, "开放式街区"),
    Zone("990100001002", "太平桥社区", "Taipingqiao", (-60, 0, 420, 260), _A, "商圈型"),
    Zone("990100001003", "文昌社区", "Wenchang", (-520, 260, -60, 1000), _B, "老新村"),
    Zone("990100001004", "学士社区", "Xueshi", (-60, 260, 420, 1000), _B, "老新村"),
    Zone("990100001005", "东河社区", "Donghe", (420, 0, 1000, 1000), _C, "普通商品房"),
    Zone("990100001006", "工人新村社区", "Gongren Xincun", (-1000, 0, -520, 290), _B, "老新村"),
    Zone("990100001007", "塘西社区", "Tangxi", (-1000, 290, -520, 1000), _C, "混合型"),
    Zone("990100002001", "下塘社区", "Xiatang", (-520, -240, 420, 0), _A, "开放式街区"),
    Zone("990100002002", "桑园社区", "Sangyuan", (-520, -1000, 60, -240), _C, "动迁安置"),
    Zone("990100002003", "菱塘社区", "Lingtang", (60, -1000, 420, -240), _C, "动迁安置"),
    Zone("990100002004", "迎晖社区", "Yinghui", (420, -1000, 1000, 0), _C, "普通商品房"),
    Zone("990100002005", "荷塘社区", "Hetang", (-1000, -1000, -520, 0), _C, "混合型"),
)

SCHOOLS: tuple[tuple[str, str, Rectangle], ...] = (
    ("水乡实验小学", "school", (-266, 299, -69, 456)),
    ("迎晖中学", "school", (719, 474, 961, 631)),
    ("桑园小学", "school", (-213, -591, 37, -429)),
    ("望塘幼儿园", "kindergarten", (179, 308, 281, 456)),
)
PARKS: tuple[tuple[str, Rectangle], ...] = (
    ("文昌园", (-51, 474, 161, 631)),
    ("东城公园", (719, -776, 961, -609)),
    ("采莲园", (-213, -961, 37, -794)),
    ("荷塘湿地公园", (-961, -961, -569, -609)),
)
PLAYGROUNDS = ((-30, 590), (740, -640), (-190, -820), (-600, -640), (-380, 380), (580, 220))
WORKS: tuple[tuple[str, Rectangle], ...] = (
    ("水乡丝织厂", (-961, 299, -774, 456)),
    ("望塘机械厂", (-756, 299, -569, 456)),
    ("西塘粮库", (-961, 474, -774, 631)),
    ("水乡印染厂", (-756, 474, -569, 631)),
    ("塘西工业园", (-961, 649, -774, 796)),
    ("西塘物流仓库", (-756, 649, -569, 796)),
    ("水乡造船厂", (-756, 814, -569, 961)),
)
SHOPS: tuple[tuple[str, str, Rectangle], ...] = (
    ("望塘集贸市场", "retail", (289, 308, 391, 456)),
    ("水乡广场", "commercial", (719, -961, 961, -794)),
)
FIELDS: tuple[tuple[str, Rectangle], ...] = (
    ("meadow", (-1400, 1010, 1400, 1400)),
    ("meadow", (-1400, -1400, 1400, -1010)),
    ("meadow", (-1400, -1010, -1010, 1010)),
    ("meadow", (1010, -1010, 1400, 1010)),
    ("forest", (-960, -230, -640, -90)),
)
# A round pond of twelve corners, as shares of its size.
ROUND = (
    (1, 0), (0.9, 0.45), (0.5, 0.8), (0.05, 0.95), (-0.5, 0.75), (-0.95, 0.5), (-1, 0),
    (-0.8, -0.55), (-0.45, -0.95), (0.1, -0.85), (0.55, -0.9), (0.85, -0.4), (1, 0),
)  # fmt: skip
PONDS = (
    ("文昌池", (70, 560, 50, 32)),
    ("荷塘", (-790, -800, 120, 95)),
    ("采莲池", (-90, -880, 60, 40)),
    ("东城池", (850, -690, 55, 36)),
)
FISH_PONDS = [  # in rows outside of the town
    (west + 95 * k, south, west + 95 * k + 80, south + 120)
    for west, south, count in ((-1330, 1090, 5), (-1330, 1225, 5), (1060, -560, 3), (1060, -420, 3))
    for k in range(count)
]


def park_paths() -> list[Ring]:
    """Ways through the parks, from street to street; their ends are joints of these streets."""
    return [
        [(-60, 520), (-20, 500), (55, 505), (130, 510), (170, 520)],
        [(-20, 500), (0, 560), (20, 610), (55, 640)],
        [(130, 510), (140, 580), (100, 615), (20, 610)],
        [(710, -690), (760, -680), (790, -640), (870, -630), (930, -650), (970, -660)],
        [(760, -680), (790, -740), (870, -755), (930, -650)],
        [(-222, -870), (-170, -860), (-110, -820), (-30, -830), (46, -850)],
        [(-560, -700), (-640, -700), (-680, -640), (-790, -660), (-900, -690), (-970, -760)],
        [(-640, -700), (-640, -830), (-690, -920), (-790, -935), (-900, -900), (-970, -760)],
    ]


def draw_grounds(canvas: Canvas) -> None:
    """Everything but homes, streets and canals."""
    for use, place in FIELDS:
        canvas.way(box(*place), {"landuse": use})
    for name, amenity, place in SCHOOLS:
        canvas.way(box(*place), {"amenity": amenity, "name": name})
        for hall in _rows(place, 3, 16, 0.55):
            canvas.way(box(*hall), {"building": "school", "building:levels": "4"})
    for name, place in PARKS:
        canvas.way(box(*place), {"leisure": "park", "name": name})
    for name, (x, y, east, north) in PONDS:
        ring: list[Point] = [(x + east * a, y + north * b) for a, b in ROUND]
        canvas.way(ring, {"natural": "water", "water": "pond", "name": name})
    for pond in FISH_PONDS:
        canvas.way(box(*pond), {"natural": "water", "water": "fishpond"})
    for path in park_paths():
        canvas.way(path, {"highway": "footway"})
    for x, y in PLAYGROUNDS:
        canvas.way(box(x - 9, y - 7, x + 9, y + 7), {"leisure": "playground"})
    for name, place in WORKS:
        canvas.way(box(*place), {"landuse": "industrial", "name": name})
        for k, hall in enumerate(_rows(place, 3, 30, 0.85)):
            # Two of three are tagged as what they are; the third says nothing, as many do.
            canvas.way(box(*hall), {"building": "yes" if k % 3 == 2 else "industrial"})
    for name, use, place in SHOPS:
        canvas.way(box(*place), {"landuse": use, "name": name})
        for hall in _rows(place, 2, 40, 0.7):
            canvas.way(box(*hall), {"building": use})


def _rows(place: Rectangle, count: int, depth: float, share: float) -> list[Rectangle]:
    """Halls in rows of two, each so deep, that take this share of the width."""
    west, south, east, north = place
    width = (east - west) * share / 2
    pitch = (north - south) / count
    middle = (west + east) / 2
    rows = [south + pitch * (k + 0.5) - depth / 2 for k in range(count)]
    sides = (middle - 4 - width, middle + 4)
    return [(x, y, x + width, y + depth) for y in rows for x in sides]


def draw_borders(canvas: Canvas) -> None:
    """Town, subdistricts and communities as administrative boundaries."""
    for level, zones in (("6", (TOWN,)), ("8", SUBDISTRICTS), ("10", COMMUNITIES)):
        for zone in zones:
            tags = {"type": "boundary", "boundary": "administrative", "admin_level": level}
            names = {"name": zone.name, "name:zh": zone.name, "name:en": zone.english}
            outer = canvas.way(box(*zone.box), {"boundary": "administrative"})
            canvas.relation([outer], tags | names | {"ref": zone.code})


def zone_at(place: Point, zones: Sequence[Zone]) -> Zone:
    """The zone that holds a place of the town."""
    x, y = place
    return next(z for z in zones if z.box[0] <= x <= z.box[2] and z.box[1] <= y <= z.box[3])
