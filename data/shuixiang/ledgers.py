"""The ledgers of the town, in the forms that offices use. Columns that nothing reads yet (层级, 圈层,
类型, 物业模式, 建成年代, 业委会, 共享时段, costs, votes) stand in them as they do in real ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from shuixiang.bodies import BODIES, BODY_SLIPS, PAIRS, PROJECTS, TEAM_SLIPS, TEAMS
from shuixiang.buildings import Built, households_of, shared_out
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
from shuixiang.forms import Book, Row, bd09_of, gbk
from shuixiang.grounds import COMMUNITIES, SUBDISTRICTS, Zone, zone_at
from shuixiang.liaison import complaints_of, signals, visits
from shuixiang.venues import CAPACITIES, IDLE_ROOMS, VENUES, Venue

ELDERS = {OLD: 0.34, OPEN: 0.38, SOLD: 0.14, MOVED: 0.24, MIXED: 0.12}  # shares of the residents
CHILDREN = {OLD: 0.07, OPEN: 0.05, SOLD: 0.18, MOVED: 0.13, MIXED: 0.06}
GATES = {PUBLIC: "公共", "residents": "居民", LOCKED: "封闭"}
SIDES = {"south": "南门", "north": "北门", "west": "西门", "east": "东门"}
COUNTED = ("桑园一村", "桑园二村", "采莲一村", "锦绣江南", "文昌新村三区", "和润家园")


def all_ledgers(built: Built) -> dict[str, bytes]:
    """Every ledger by the name of its file."""
    return {
        "venues.xlsx": _venue_book(),
        "compounds.csv": gbk(_compound_rows(built)),
        "buildings.xlsx": _building_book(built),
        "gates.csv": gbk(_gate_rows(built)),
        "idle_rooms.csv": gbk(_idle_rows()),
        "communities.geojson": _communities(),
        "signals.csv": gbk(_signal_rows(built)),
        "visits.csv": gbk([("社区", "轮次", "走访人次", "备注"), *_marked(visits(built))]),
        "teams.csv": gbk(
            [("队伍", "社区", "人数", "折算全职", "对象", "备注"), *_marked([*TEAMS, *TEAM_SLIPS])]
        ),
        "bodies.csv": gbk(_body_rows()),
        "pairs.csv": gbk([("单位", "社区", "备注"), *_marked(PAIRS)]),
        "projects.csv": gbk([("项目", "单位", "社区", "主题", "状态", "备注"), *_marked(PROJECTS)]),
    }


def _marked(rows: Iterable[Row]) -> list[Row]:
    """Rows with the remark that they are made up."""
    return [(*row, "虚构") for row in rows]


def _signal_rows(built: Built) -> list[Row]:
    head = ("编号", "日期", "轮次", "来源", "性质", "主题", "社区", "小区", "经度", "纬度", "备注")
    rows: list[Row] = [head]
    for number, each in enumerate(signals(built), start=1):
        degrees = bd09_of(each.place) if each.place else ("", "")
        rows.append((f"SQ{number:04d}", each.day.isoformat(), each.round, each.origin, each.kind,
                     each.theme, each.community, each.compound, *degrees, "虚构"))  # fmt: skip
    return rows


def _body_rows() -> list[Row]:
    head = ("编号", "单位", "层级", "职能", "上限", "经度", "纬度", "备注")
    rows = [(*body[:-1], *bd09_of(body.place)) for body in (*BODIES, *BODY_SLIPS)]
    return [head, *_marked(rows)]


def _zones(place: Point) -> tuple[Zone, Zone]:
    return zone_at(place, SUBDISTRICTS), zone_at(place, COMMUNITIES)


def _middle(compound: Compound) -> Point:
    west, south, east, north = compound.box
    return (west + east) / 2, (south + north) / 2


def _compound_rows(built: Built) -> list[Row]:
    head = ("编号", "小区名称", "所属街道", "所属社区", "经度", "纬度", "户数", "人口", "老年人", "儿童", "圈层",
            "类型", "物业模式", "建成年代", "业委会", "投诉件数", "备注")  # fmt: skip
    rows: list[Row] = [head]
    complaints = complaints_of(built)
    for number, (name, persons) in enumerate(built.persons().items(), start=1):
        compound = next(each for each in COMPOUNDS if each.name == name)
        subdistrict, community = _zones(_middle(compound))
        rows.append((
            f"XQ{number:03d}", name, subdistrict.name, community.name, *bd09_of(_middle(compound)),
            households_of(persons), persons, round(persons * ELDERS[compound.kind]),
            round(persons * CHILDREN[compound.kind]), community.ring, compound.kind, compound.managed,
            f"{compound.built}年", compound.owners, complaints[name], "虚构",
        ))  # fmt: skip
    total: list[object] = ["合计", "", "", "", "", ""]
    total += [sum(int(str(row[column])) for row in rows[1:]) for column in (6, 7, 8, 9)]
    known = sum(count for count in complaints.values() if isinstance(count, int))
    return [*rows, [*total, "", "", "", "", "", known, ""]]


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


def _venue_book() -> bytes:
    """A sheet for each tier; the subdistrict stands in merged cells, with a sum and a remark below.
    A venue has a row for each service of known capacity, and one for all others."""
    book = Book()
    head = ("序号", "所属街道", "所属社区", "编号", "名称", "层级", "功能", "经度", "纬度", "开放时间", "共享时段",
            "开放方", "容量", "单位", "备注")  # fmt: skip
    widths = (6, 12, 14, 8, 26, 7, 40, 12, 12, 26, 22, 14, 8, 10, 10)
    for tier in ("区", "街道", "社区", "小区"):
        found = sorted(
            (venue for venue in VENUES if venue.tier == tier), key=lambda v: _zones(v.place)[0].code
        )
        rows = [row for venue in found for row in _venue_rows(venue)]
        sheet = book.sheet(f"{tier}级阵地", f"水乡区{tier}级党群服务阵地台账（虚构）", head, widths)
        for number, row in enumerate(rows, start=1):
            book.row(sheet, number + 1, (number, *row))
        _merge(book, sheet, [str(row[0]) for row in rows])
        book.row(sheet, len(rows) + 2, ("合计", "", "", "", f"{len(found)}处"))
        sheet.write_string(len(rows) + 3, 0, "备注：本表为虚构数据，坐标为百度坐标系。")
    notes = book.book.add_worksheet("填报说明")
    notes.write_string(0, 0, "各级阵地每季度填报一次；功能按“1510”十项填写，用顿号隔开。")
    return book.bytes()


def _venue_rows(venue: Venue) -> list[Row]:
    subdistrict, community = _zones(venue.place)
    counted = CAPACITIES.get(venue.id, {})
    others = tuple(service for service in venue.services if service not in counted)
    parts: list[tuple[tuple[str, ...], Row]] = [((one,), room) for one, room in counted.items()]
    parts += [(others, ("", ""))] if others else []
    return [
        (subdistrict.name, community.name, venue.id, venue.name, venue.tier, "、".join(services),
         *bd09_of(venue.place), venue.hours, venue.shared, venue.host, *room, "虚构")
        for services, room in parts
    ]  # fmt: skip


def _merge(book: Book, sheet: Any, names: Sequence[str]) -> None:
    """Merge the cells of the second column that say the same."""
    start = 0
    for end in range(1, len(names) + 1):
        if end == len(names) or names[end] != names[start]:
            if end - start > 1:
                sheet.merge_range(start + 2, 1, end + 1, 1, names[start], book.cell)
            start = end


def _building_book(built: Built) -> bytes:
    """Buildings of some compounds with their residents, as a property office lists them."""
    book = Book()
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
            households = households_of(count)
            book.row(sheet, row, (name, f"{home.number}幢", home.levels, households, count))
            row += 1
    total = sum(persons[name] for name in COUNTED)
    book.row(sheet, row, ("合计", "", "", "", total))
    return book.bytes()
