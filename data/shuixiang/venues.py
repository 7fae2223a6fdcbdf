"""The venues of the ten services, by tier, and the idle rooms where more could be."""

from __future__ import annotations

from typing import NamedTuple

from shuixiang.canvas import Point

READ, STATION, PLAY, ELDERS = "先锋书架", "红色驿站", "儿童游乐", "长者娱乐"
CULTURE, SHARE, LOUNGE, HELP = "文化创意", "物品共享", "休闲会客", "志愿服务"
HEALTH, SKILLS = "健康诊疗", "技能提升"
TEN = (READ, STATION, PLAY, ELDERS, CULTURE, SHARE, LOUNGE, HELP, HEALTH, SKILLS)

OFFICE = "周一至周五 9:00-17:00"
DAILY = "每天 8:30—21:00"
WORKDAYS = "工作日 9:00-11:30，13:30-17:00"
OPEN_DOORS = "周一至周日 9:00-20:00，节假日照常"
CLOSED_MONDAY = "周二至周日 9:00-17:00，周一闭馆"
ALWAYS = "全天"
SUMMER = "夏季 8:00-20:00，冬季 8:30-18:00"
UNSAID = ""


class Venue(NamedTuple):
    """host, shared: 开放方 and 共享时段 of a venue that another body opens to residents."""

    id: str
    tier: str
    name: str
    place: Point
    services: tuple[str, ...]
    hours: str
    host: str = ""
    shared: str = ""


VENUES = (
    Venue("Q01", "区", "水乡区党群服务中心", (190, 295), TEN, OPEN_DOORS),
    Venue("J01", "街道", "望塘街道党群服务中心", (-55, 720),
          (READ, STATION, CULTURE, LOUNGE, HELP, SKILLS), OFFICE),
    Venue("J02", "街道", "采菱街道党群服务中心", (-217, -500),
          (READ, STATION, ELDERS, LOUNGE, HELP, SKILLS), OFFICE),
    Venue("J03", "街道", "采菱街道社区卫生服务中心", (51, -690), (HEALTH,), DAILY),
    Venue("J04", "街道", "望塘街道社区卫生服务站", (-485, 600), (HEALTH,), WORKDAYS),
    Venue("S01", "社区", "上塘社区党群服务站", (-265, 22), (STATION, LOUNGE, HELP), OFFICE),
    Venue("S02", "社区", "太平桥社区党群服务站", (155, 22), (STATION, LOUNGE, HELP, READ), OPEN_DOORS),
    Venue("S03", "社区", "文昌社区党群服务站", (-270, 560), (STATION, LOUNGE, ELDERS, PLAY), OFFICE),
    Venue("S04", "社区", "学士社区党群服务站", (175, 700), (STATION, LOUNGE, ELDERS, SHARE), WORKDAYS),
    Venue("S05", "社区", "东河社区党群服务站", (705, 400), (STATION, LOUNGE, HELP, PLAY), DAILY),
    Venue("S06", "社区", "工人新村社区党群服务站", (-760, 100), (STATION, ELDERS, LOUNGE), OFFICE),
    Venue("S07", "社区", "塘西社区党群服务站", (-700, 800), (STATION, HELP), UNSAID),
    Venue("S08", "社区", "下塘社区党群服务站", (-100, -34), (STATION, LOUNGE, HELP, ELDERS), SUMMER),
    Venue("S09", "社区", "桑园社区党群服务站", (-300, -415), (STATION, PLAY, LOUNGE), OFFICE),
    Venue("S10", "社区", "菱塘社区党群服务站", (250, -595), (STATION, LOUNGE, HELP, READ, PLAY), OPEN_DOORS),
    Venue("S11", "社区", "迎晖社区党群服务站", (705, -300), (STATION, LOUNGE, READ, HELP), DAILY),
    Venue("S12", "社区", "荷塘社区党群服务站", (-565, -330), (STATION, LOUNGE), OFFICE),
    Venue("X01", "小区", "上塘共享小屋", (16, 20), (SHARE,), ALWAYS),
    Venue("X02", "小区", "采莲共享工具角", (-85, -595), (SHARE,), UNSAID),
    Venue("X03", "小区", "水乡书场", (-205, -127), (ELDERS, CULTURE), CLOSED_MONDAY, "评弹团", "周六、周日 13:00-16:00"),
    Venue("X04", "小区", "工人文化宫", (-555, 180), (CULTURE, SKILLS), CLOSED_MONDAY, "总工会", "周末"),
    Venue("X05", "小区", "迎晖书画社", (455, -500), (CULTURE,), "周六、周日 9:00-17:00"),
    Venue("X06", "小区", "荷风苑架空层", (588, 380), (PLAY, LOUNGE, ELDERS), ALWAYS),
    Venue("X07", "小区", "明月湾邻里会客厅", (588, -330), (PLAY, LOUNGE), ALWAYS),
    Venue("X08", "小区", "东方名邸志愿服务点", (715, 700), (HELP,), DAILY),
    Venue("X09", "小区", "和润家园健康小屋", (838, -510), (HEALTH, ELDERS), WORKDAYS),
    Venue("X10", "小区", "荷塘健康小屋", (-760, -330), (HEALTH,), "预约开放"),
    Venue("X11", "小区", "菱塘新苑老年活动室", (80, -500), (ELDERS, CULTURE), DAILY),
    Venue("X12", "小区", "北园银龄之家", (-165, 800), (ELDERS,), DAILY),
    Venue("X13", "小区", "丝织厂职工书屋", (-765 + 5, 380), (READ,), "工作日 17:00-20:00", "丝织厂工会", "工作日 17:00-20:00"),
    Venue("X14", "小区", "翠湖湾阅览室", (588, 550), (READ, CULTURE), DAILY),
    Venue("X15", "小区", "绿洲花园书吧", (588, -700), (READ, PLAY, CULTURE), DAILY),
)  # fmt: skip

# 容量 and 单位 of services that venues have been counted for; each has a row of its own in the
# ledger. Of all others nobody knows: 迎晖's books and 和润家园健康小屋 are among them.
SEATS, A_DAY = "座", "人次/日"
CAPACITIES: dict[str, dict[str, tuple[int, str]]] = {
    "Q01": {READ: (120, SEATS), HEALTH: (40, A_DAY)},
    "J01": {READ: (30, SEATS)},
    "J02": {READ: (24, SEATS)},
    "J03": {HEALTH: (240, A_DAY)},
    "J04": {HEALTH: (60, A_DAY)},
    "S02": {READ: (16, SEATS)},
    "S10": {READ: (20, SEATS)},
    "X10": {HEALTH: (12, A_DAY)},
    "X13": {READ: (14, SEATS)},
    "X14": {READ: (40, SEATS)},
    "X15": {READ: (36, SEATS)},
}


class IdleRoom(NamedTuple):
    """A place where a venue could be. cost: 万元; vote: 表决状态; yes, no: votes of owners."""

    id: str
    name: str
    place: Point
    carrier: str
    floor_m2: int
    services: tuple[str, ...]
    cost: float
    vote: str
    yes: int
    no: int
    remark: str = ""


IDLE_ROOMS = (
    IdleRoom("K01", "金色水岸架空层", (588, 700), "架空层", 180, (ELDERS, SHARE, LOUNGE), 28, "已通过", 402, 61),
    IdleRoom("K02", "东河沿空置门面", (455, 760), "商铺", 95, (SKILLS, HELP, READ), 35.5, "不需表决", 0, 0),
    IdleRoom("K03", "荷塘旧粮站", (-565, -520), "公房", 320, (), 86, "不需表决", 0, 0, "文保控制区内"),
    IdleRoom("K04", "工人一村自行车棚", (-860, 160), "公共用地", 60, (PLAY, SHARE), 12, "表决中", 51, 20),
    IdleRoom("K05", "南湖新村居民活动用房", (240, -690), "空闲用房", 140, (CULTURE, SKILLS, HELP), 22, "已通过", 318, 44),
    IdleRoom("K06", "酱园街老宅", (-330, -127), "公房", 260, (CULTURE, SKILLS, READ), 120, "不需表决", 0, 0, "古建，消防待核"),
    IdleRoom("K07", "东城公园管理房", (715, -700), "公共用地", 110, (ELDERS, SHARE, SKILLS), 18, "不需表决", 0, 0),
    IdleRoom("K08", "星辰公寓底层", (838, -330), "架空层", 210, (HELP, SKILLS, ELDERS), 31, "未通过", 140, 236),
    IdleRoom("K09", "塘西公寓食堂", (-860, 810), "空闲用房", 400, (), 45, "单位同意", 0, 0),
    IdleRoom("K10", "采莲三村社区用房", (-350, -790), "空闲用房", 130, (HEALTH, SHARE, PLAY), 26, "已通过", 377, 38),
)  # fmt: skip
