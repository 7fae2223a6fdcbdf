"""The sixty compounds of the town: where each lies, of what type it is, and who may pass its gates.

Names are such as many towns have; none of them means a real place.
"""

from __future__ import annotations

from typing import NamedTuple

INSET_M = 9.0  # from the middle of the street to the wall


class Form(NamedTuple):
    """How the buildings of a compound are set: width, depth and gap in metres, levels; people: in
    a hundred square metres of floor."""

    building: str
    width: float
    depth: float
    gap: float
    levels: int
    people: float


FORMS = {
    "slab": Form("apartments", 38, 11, 16, 5, 1.35),  # 老新村
    "resettled": Form("apartments", 46, 12, 17, 6, 1.25),  # 动迁安置
    "midrise": Form("apartments", 44, 14, 26, 11, 0.95),  # 普通商品房
    "tower": Form("apartments", 27, 20, 38, 18, 0.9),
    "villa": Form("detached", 14, 12, 14, 3, 0.8),
    "dormitory": Form("dormitory", 50, 13, 18, 5, 1.5),
}


class Compound(NamedTuple):
    """west, south, east, north: middle lines of the streets around it. form: a key of ``FORMS``,
    "" for lanes of the old core. gates: side ("south", "north", "west", "east") and who may pass;
    without any it is open on all sides. built, managed, owners: 建成年代, 物业模式, 业委会."""

    name: str
    kind: str
    box: tuple[float, float, float, float]
    form: str
    gates: dict[str, str]
    built: int
    managed: str
    owners: str


OLD, OPEN, SOLD, MOVED, MIXED = "老新村", "开放式街区", "普通商品房", "动迁安置", "混合型"
PUBLIC, RESIDENTS, LOCKED = "public", "residents", "locked"

_PS = {"south": PUBLIC}
_PN = {"north": PUBLIC}
_S_N = {"south": PUBLIC, "north": RESIDENTS}
_N_S = {"north": PUBLIC, "south": RESIDENTS}
_S_LOCKED = {"south": PUBLIC, "north": LOCKED}
_N_LOCKED = {"north": PUBLIC, "south": LOCKED}
_BOTH = {"south": PUBLIC, "north": PUBLIC}


def _lanes(name: str, box: tuple[float, float, float, float]) -> Compound:
    return Compound(name, OPEN, box, "", {}, 1950, "社区托管", "无")


def _old(
    name: str,
    box: tuple[float, float, float, float],
    built: int,
    gates: dict[str, str] | None = None,
) -> Compound:
    managed = "物业企业" if gates else "社区托管"
    return Compound(
        name, OLD, box, "slab", gates or {}, built, managed, "物管会" if gates else "无"
    )


def _sold(
    name: str,
    box: tuple[float, float, float, float],
    form: str,
    built: int,
    gates: dict[str, str],
    owners: str = "有",
) -> Compound:
    return Compound(name, SOLD, box, form, gates, built, "物业企业", owners)


def _moved(
    name: str, box: tuple[float, float, float, float], built: int, gates: dict[str, str]
) -> Compound:
    return Compound(name, MOVED, box, "resettled", gates, built, "国资托管", "物管会")


COMPOUNDS: tuple[Compound, ...] = (
    _lanes("上塘里", (-490, 14, -72, 130)),
    _lanes("中市里", (-490, 130, -72, 244)),
    _lanes("安澜里", (-48, 14, 180, 130)),
    _lanes("聚秀里", (-48, 130, 180, 244)),
    _lanes("太平里", (180, 14, 400, 130)),
    _lanes("迎晖里", (180, 130, 400, 244)),
    _lanes("下塘里", (-490, -120, -180, -11)),
    _lanes("酱园里", (-490, -240, -180, -120)),
    _lanes("南浜里", (-180, -240, 46, -11)),
    _lanes("菱塘里", (74, -240, 400, -11)),
    # The north: 老新村 of the eighties.
    _old("文昌新村一区", (-490, 290, -275, 465), 1982),
    _old("文昌新村二区", (-490, 465, -275, 640), 1984),
    _old("文昌新村三区", (-275, 465, -60, 640), 1985, _S_N),
    _old("塘东一村", (-490, 640, -275, 805), 1987),
    _old("塘东二村", (-490, 805, -275, 970), 1988, _PS),
    _old("北园新村", (-275, 640, -60, 805), 1989, _N_S),
    _old("北园小区", (-275, 805, -60, 970), 1992, _S_LOCKED),
    _old("学士新村一区", (-60, 290, 170, 465), 1983),
    _old("学士新村二区", (-60, 640, 170, 805), 1986, _S_N),
    _old("学士新村三区", (-60, 805, 170, 970), 1990, _PS),
    _old("河沿新村", (170, 465, 400, 640), 1985, {"west": PUBLIC, "south": RESIDENTS}),
    _old("河沿二村", (170, 640, 400, 805), 1991),
    _old("邮电宿舍", (170, 805, 400, 970), 1993, _S_LOCKED),
    # The east: walled compounds with flats that were sold.
    _sold("碧波名苑", (450, 30, 710, 150), "midrise", 2006, _S_N),
    _sold("枕河雅苑", (710, 30, 970, 150), "villa", 2012, _PS),
    _sold("水岸花园", (450, 150, 710, 290), "midrise", 2004, {"west": PUBLIC, "north": RESIDENTS}),
    _sold("云栖家园", (710, 150, 970, 290), "midrise", 2009, _N_LOCKED),
    _sold("荷风苑", (450, 290, 710, 465), "tower", 2015, _S_N),
    _sold("锦绣江南", (710, 290, 970, 465), "tower", 2017, _BOTH),
    _sold("翠湖湾", (450, 465, 710, 640), "tower", 2018, _N_S),
    _sold("金色水岸", (450, 640, 710, 805), "midrise", 2010, _S_LOCKED),
    _sold("东方名邸", (710, 640, 970, 805), "tower", 2020, {"west": PUBLIC, "north": RESIDENTS}, "筹备"),
    _sold("香榭里", (450, 805, 710, 970), "midrise", 2008, _S_N),
    _sold("桃源居", (710, 805, 970, 970), "villa", 2014, {"south": PUBLIC, "west": RESIDENTS}, "无"),
    _sold("迎晖花苑", (450, -135, 710, -30), "midrise", 2003, _BOTH),
    _sold("清漪园", (710, -135, 970, -30), "villa", 2011, _PS),
    _sold("南门商住楼", (450, -240, 710, -135), "midrise", 1999, {}, "无")._replace(kind=MIXED),
    _sold("明月湾", (450, -420, 710, -240), "tower", 2016, _N_S),
    _sold("星辰公寓", (710, -420, 970, -240), "tower", 2019, _S_N, "筹备"),
    _sold("滨河华庭", (450, -600, 710, -420), "midrise", 2007, _N_LOCKED),
    _sold("和润家园", (710, -600, 970, -420), "midrise", 2009, _S_N),
    _sold("绿洲花园", (450, -785, 710, -600), "tower", 2013, _N_S),
    _sold("东城丽景", (450, -970, 710, -785), "midrise", 2005, {"north": PUBLIC, "east": LOCKED}),
    # The south: 动迁安置, and some older blocks.
    _moved("桑园一村", (-490, -420, -222, -240), 2001, _N_S),
    _moved("桑园二村", (-222, -420, 46, -240), 2002, _PN),
    _moved("桑园三村", (-490, -600, -222, -420), 2003, _S_N),
    _moved("采莲一村", (-490, -785, -222, -600), 2005, _N_S),
    _moved("采莲二村", (-222, -785, 46, -600), 2005, _BOTH),
    _moved("采莲三村", (-490, -970, -222, -785), 2008, {"north": PUBLIC, "east": RESIDENTS}),
    _moved("菱塘新苑一区", (74, -420, 400, -240), 2010, _N_S),
    _moved("菱塘新苑二区", (74, -600, 400, -420), 2010, _S_N),
    _moved("菱塘新苑三区", (74, -970, 400, -785), 2011, _PN),
    _old("南湖新村", (74, -785, 400, -600), 1994, _PN),
    # The west: behind the big canal.
    _old("工人一村", (-970, 30, -765, 290), 1979),
    _old("工人二村", (-765, 30, -560, 290), 1981),
    Compound("塘西公寓", MIXED, (-970, 805, -765, 970), "dormitory", {"south": PUBLIC}, 1998,
             "单位自管", "无"),
    _moved("荷塘新苑", (-970, -420, -765, -240), 2006, {"east": PUBLIC, "north": LOCKED}),
    _moved("荷塘二村", (-765, -420, -560, -240), 2007, _S_N),
    _sold("湖畔名居", (-970, -600, -765, -420), "villa", 2013, {"south": PUBLIC}),
    _sold("西塘花园", (-765, -600, -560, -420), "midrise", 2008, _N_S),
)  # fmt: skip
