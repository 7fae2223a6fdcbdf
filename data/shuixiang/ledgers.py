"""The ledgers of the town, in the forms that offices use. Columns that nothing reads yet (层级, 圈层,
类型, 物业模式, 建成年代, 业委会, 共享时段, costs, votes) stand in them as they do in real ones."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from shuixiang.buildings import Built, shared_out
from shuixiang.canvas import Point, box, lonlat_of
from shuixiang.compounds import (
    COMPOUNDS,
    LOCKED,
    MIXED,
    MOVED,
    OLD,
    OPEN,
    PUBLIC,
    SOLD,
    Compound,
)
from shuixiang.grounds import COMMUNITIES, SUBDISTRICTS, Zone, zone_at
from shuixiang.venues import IDLE_ROOMS, VENUES, Venue

EPOCH = datetime(2000, 1, 1)  # a workbook says when it was made: the same bytes on every day
PERSONS_IN_A_HOUSEHOLD = 2.6
ELDERS = {OLD: 0.34, OPEN: 0.38, SOLD: 0.14, MOVED: 0.24, MIXED: 0.12}  # shares of the residents
CHILDREN = {OLD: 0.07, OPEN: 0.05, SOLD: 0.18, MOVED: 0.13, MIXED: 0.06}
GATES = {PUBLIC: "公共", "residents": "居民", LOCKED: "封闭"}
SIDES = {"south": "南门", "north": "北门", "west": "西门", "east": "东门"}
COUNTED = ("桑园一村", "桑园二村", "采莲一村", "锦绣江南", "文昌新村三区", "和润家园")
Row = Sequence[object]


def bd09_of(place: Point) -> tuple[str, str]:
    """Longitude and latitude of a place of the sheet as Baidu's maps give them, to a decimetre.

    The published formulas of GCJ-02 and BD-09, written out apart from those that undo them.
    """
    lon, lat = lonlat_of(place)
    x, y = lon - 105.0, lat - 35.0
    root, turn = math.sqrt(abs(x)), math.pi
    waves = 20.0 * (math.sin(6.0 * x * turn) + math.sin(2.0 * x * turn))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    north += (waves + 20.0 * math.sin(y * turn) + 40.0 * math.sin(y / 3.0 * turn)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * turn) + 320.0 * math.sin(y / 30.0 * turn)) * 2.0 / 3.0
    east += (waves + 20.0 * math.sin(x * turn) + 40.0 * math.sin(x / 3.0 * turn)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * turn) + 300.0 * math.sin(x / 30.0 * turn)) * 2.0 / 3.0
    axis, flat = 6378245.0, 0.00669342162296594323
    squeezed = 1 - flat * math.sin(math.radians(lat)) ** 2
    lat += math.degrees(north * squeezed**1.5 / (axis * (1 - flat)))
    lon += math.degrees(
        east * math.sqrt(squeezed) / (axis * math.cos(math.radians(lonlat_of(place)[1])))
    )
    turns = math.pi * 3000.0 / 180.0
    radius = math.hypot(lon, lat) + 0.00002 * math.sin(lat * turns)
    angle = math.atan2(lat, lon) + 0.000003 * math.cos(lon * turns)
    return f"{radius * math.cos(angle) + 0.0065:.6f}", f"{radius * math.sin(angle) + 0.006:.6f}"


def all_ledgers(built: Built) -> dict[str, bytes]:
    """Every ledger by the name of its file."""
    return {
        "venues.xlsx": _venue_book(),
        "compounds.csv": _gbk(_compound_rows(built)),
        "buildings.xlsx": _building_book(built),
        "gates.csv": _gbk(_gate_rows(built)),
        "idle_rooms.csv": _gbk(_idle_rows()),
        "communities.geojson": _communities(),
    }


def _gbk(rows: Sequence[Row]) -> bytes:
    """A table as spreadsheets of Chinese offices save text."""
    lines = [
        ",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in row) for row in rows
    ]
    return "\r\n".join([*lines, ""]).encode("gbk")


def _zones(place: Point) -> tuple[Zone, Zone]:
    return zone_at(place, SUBDISTRICTS), zone_at(place, COMMUNITIES)


def _middle(compound: Compound) -> Point:
    west, south, east, north = compound.box
    return (west + east) / 2, (south + north) / 2


def _compound_rows(built: Built) -> list[Row]:
    head = ("编号", "小区名称", "所属街道", "所属社区", "经度", "纬度", "户数", "人口", "老年人", "儿童", "圈层",
            "类型", "物业模式", "建成年代", "业委会", "备注")  # fmt: skip
    rows: list[Row] = [head]
    for number, (name, persons) in enumerate(built.persons().items(), start=1):
        compound = next(each for each in COMPOUNDS if each.name == name)
        subdistrict, community = _zones(_middle(compound))
        rows.append((
            f"XQ{number:03d}", name, subdistrict.name, community.name, *bd09_of(_middle(compound)),
            round(persons / PERSONS_IN_A_HOUSEHOLD), persons, round(persons * ELDERS[compound.kind]),
            round(persons * CHILDREN[compound.kind]), community.ring, compound.kind, compound.managed,
            f"{compound.built}年", compound.owners, "虚构",
        ))  # fmt: skip
    total: list[object] = ["合计", "", "", "", "", ""]
    total += [sum(int(str(row[column])) for row in rows[1:]) for column in (6, 7, 8, 9)]
    return [*rows, [*total, "", "", "", "", "", ""]]


def _gate_rows(built: Built) -> list[Row]:
    rows: list[Row] = [("编号", "小区", "名称", "经度", "纬度", "通行", "备注")]
    for number, (name, side, place, access) in enumerate(built.gate_rows, start=1):
        remark = "长期上锁" if access == LOCKED else ""
        rows.append((f"DM{number:03d}", name, SIDES[side], *bd09_of(place), GATES[access], remark))
    return rows


def _idle_rows() -> list[Row]:
    head = ("编号", "名称", "所属街道", "所属社区", "经度", "纬度", "载体类型", "建筑面积(㎡)", "可植入功能",
            "改造费用(万元)", "业主表决状态", "同意票", "反对票", "备注")  # fmt: skip
    rows: list[Row] = [head]
    for room in IDLE_ROOMS:
        zones = [zone.name for zone in _zones(room.place)]
        services = "、".join(room.services)
        rows.append((room.id, room.name, *zones, *bd09_of(room.place), room.carrier, room.floor_m2,
                     services, f"{room.cost:g}", room.vote, room.yes, room.no, room.remark))  # fmt: skip
    return rows


def _communities() -> bytes:
    """Borders of the communities with their codes, in degrees of CGCS2000."""
    features = []
    for zone in COMMUNITIES:
        corners = [[round(part, 7) for part in lonlat_of(place)] for place in box(*zone.box)]
        parent = zone_at(
            ((zone.box[0] + zone.box[2]) / 2, (zone.box[1] + zone.box[3]) / 2), SUBDISTRICTS
        )
        names = {
            "code": zone.code,
            "name": zone.name,
            "name_en": zone.english,
            "parent": parent.code,
        }
        more = {"所属街道": parent.name, "圈层": zone.ring, "类型": zone.kind, "备注": "虚构"}
        shape = {"type": "Polygon", "coordinates": [corners]}
        features.append({"type": "Feature", "properties": names | more, "geometry": shape})
    document = {"type": "FeatureCollection", "features": features}
    return (json.dumps(document, ensure_ascii=False) + "\n").encode()


class _Book:
    """A workbook with title rows, merged cells, sums and remarks."""

    def __init__(self) -> None:
        self.stream = BytesIO()
        self.book: Any = xlsxwriter.Workbook(self.stream, {"in_memory": True})
        self.book.set_properties({"created": EPOCH, "comments": "虚构数据 invented data"})
        self.title = self.book.add_format({"bold": True, "align": "center", "font_size": 14})
        self.head = self.book.add_format({"bold": True, "border": 1, "bg_color": "#E8EEF4"})
        self.cell = self.book.add_format({"border": 1, "valign": "vcenter"})

    def sheet(self, name: str, title: str, head: Sequence[str], widths: Sequence[int]) -> Any:
        """A sheet with its title merged over all columns and the header below."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.merge_range(0, 0, 0, len(head) - 1, title, self.title)
        for column, word in enumerate(head):
            sheet.write_string(1, column, word, self.head)
        return sheet

    def row(self, sheet: Any, row: int, cells: Row) -> None:
        """Numbers as numbers, all else as text."""
        for column, cell in enumerate(cells):
            if isinstance(cell, int | float):
                sheet.write_number(row, column, cell, self.cell)
            elif cell is not None:
                sheet.write_string(row, column, str(cell), self.cell)

    def bytes(self) -> bytes:
        """The finished file."""
        self.book.close()
        return self.stream.getvalue()


def _venue_book() -> bytes:
    """A sheet for each tier; the subdistrict stands in merged cells, with a sum and a remark below."""
    book = _Book()
    head = ("序号", "所属街道", "所属社区", "编号", "名称", "层级", "功能", "经度", "纬度", "开放时间", "共享时段",
            "开放方", "备注")  # fmt: skip
    widths = (6, 12, 14, 8, 26, 7, 40, 12, 12, 26, 22, 14, 10)
    for tier in ("区", "街道", "社区", "小区"):
        found = sorted(
            (venue for venue in VENUES if venue.tier == tier), key=lambda v: _zones(v.place)[0].code
        )
        sheet = book.sheet(f"{tier}级阵地", f"水乡区{tier}级党群服务阵地台账（虚构）", head, widths)
        for number, venue in enumerate(found, start=1):
            book.row(sheet, number + 1, _venue_row(number, venue))
        _merge(book, sheet, [_zones(venue.place)[0].name for venue in found])
        book.row(sheet, len(found) + 2, ("合计", "", "", "", f"{len(found)}处"))
        sheet.write_string(len(found) + 3, 0, "备注：本表为虚构数据，坐标为百度坐标系。")
    notes = book.book.add_worksheet("填报说明")
    notes.write_string(0, 0, "各级阵地每季度填报一次；功能按“1510”十项填写，用顿号隔开。")
    return book.bytes()


def _venue_row(number: int, venue: Venue) -> Row:
    subdistrict, community = _zones(venue.place)
    lon, lat = bd09_of(venue.place)
    services = "、".join(venue.services)
    return (
        number, subdistrict.name, community.name, venue.id, venue.name, venue.tier, services, lon, lat,
        venue.hours, venue.shared, venue.host, "虚构",
    )  # fmt: skip


def _merge(book: _Book, sheet: Any, names: Sequence[str]) -> None:
    """Merge the cells of the second column that say the same."""
    start = 0
    for end in range(1, len(names) + 1):
        if end == len(names) or names[end] != names[start]:
            if end - start > 1:
                sheet.merge_range(start + 2, 1, end + 1, 1, names[start], book.cell)
            start = end


def _building_book(built: Built) -> bytes:
    """Buildings of some compounds with their residents, as a property office lists them."""
    book = _Book()
    sheet = book.sheet(
        "楼栋",
        "楼栋人口台账（部分小区，虚构）",
        ("小区", "楼号", "层数", "户数", "人口"),
        (16, 8, 8, 8, 8),
    )
    persons, row = built.persons(), 2
    for name in COUNTED:
        homes = [home for home in built.homes if home.compound == name]
        shared = shared_out(persons[name], {home.number: home.floor_m2 for home in homes})
        for home in homes:
            count = shared[home.number]
            households = round(count / PERSONS_IN_A_HOUSEHOLD)
            book.row(sheet, row, (name, f"{home.number}幢", home.levels, households, count))
            row += 1
    total = sum(persons[name] for name in COUNTED)
    book.row(sheet, row, ("合计", "", "", "", total))
    return book.bytes()
