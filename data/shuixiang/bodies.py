"""The seven teams of the town, the bodies of city and district paired with its communities, and
their projects. No body of these names exists.

What is planned to be seen: the pairs of today go by neighbourhood, so 东河社区 and 迎晖社区, which
lack a clinic and training, have the park office and the archives; 塘西社区 and 菱塘社区 have nobody.
"""

from __future__ import annotations

from typing import NamedTuple

from shuixiang.canvas import Point
from shuixiang.grounds import COMMUNITIES

EVERYBODY, ELDERS, CHILDREN = "全体居民", "老年人", "儿童"


class Body(NamedTuple):
    """A body of the city (市) or the district (区). functions: 职能; most: 上限, communities."""

    id: str
    name: str
    tier: str
    functions: str
    most: int | str
    place: Point


BODIES = (
    Body("B01", "水乡市第二人民医院", "市", "医疗卫生", 1, (860, 900)),
    Body("B02", "水乡市卫生健康服务指导所", "市", "医疗卫生、养老", 1, (300, 420)),
    Body("B03", "水乡市图书馆", "市", "图书阅览、公共文化", 1, (-120, 380)),
    Body("B04", "水乡市就业促进中心", "市", "就业培训", 1, (840, -860)),
    Body("B05", "水乡职业技术学院", "市", "就业培训、教育、志愿服务", 1, (-640, 720)),
    Body("B06", "水乡市园林绿化所", "市", "园林绿化", 1, (60, 540)),
    Body("B07", "水乡市档案馆", "市", "档案", 1, (560, -880)),
    Body("B08", "水乡区图书馆", "区", "图书阅览", 1, (200, 330)),
    Body("B09", "水乡区文化馆", "区", "公共文化", 1, (-330, -60)),
    Body("B10", "水乡区养老服务中心", "区", "养老", 1, (-420, -520)),
    Body("B11", "水乡区青少年活动中心", "区", "儿童、教育", 1, (300, 380)),
    Body("B12", "水乡区妇女儿童之家", "区", "儿童", 1, (-560, 250)),
    Body("B13", "水乡区职工技能学校", "区", "就业培训", 2, (640, 220)),
    Body("B14", "水乡区红十字工作站", "区", "医疗卫生、志愿服务", 1, (-100, -300)),
    Body("B15", "水乡区慈善互助会", "区", "慈善、物资互助", 2, (120, -520)),
    Body("B16", "水乡区供销合作社", "区", "", 1, (-700, -480)),
)
# A slip of the pen: a number that is none.
BODY_SLIPS = (Body("B17", "水乡区粮油供应站", "区", "商业", "若干", (-800, 560)),)
PAIRS = (
    ("水乡市第二人民医院", "文昌社区"),
    ("水乡市卫生健康服务指导所", "太平桥社区"),
    ("水乡市图书馆", "学士社区"),
    ("水乡市就业促进中心", "荷塘社区"),
    ("水乡职业技术学院", "上塘社区"),
    ("水乡市园林绿化所", "东河社区"),
    ("水乡市档案馆", "迎晖社区"),
    ("水乡区图书馆", "太平桥社区"),
    ("水乡区文化馆", "下塘社区"),
    ("水乡区养老服务中心", "桑园社区"),
    ("水乡区青少年活动中心", "学士社区"),
    ("水乡区妇女儿童之家", "工人新村社区"),
    ("水乡区职工技能学校", "东河社区"),
    ("水乡区红十字工作站", "下塘社区"),
    ("水乡区慈善互助会", "桑园社区"),
    ("水乡区供销合作社", "荷塘社区"),
    ("水乡区供电所", "上塘社区"),  # of no ledger of bodies
)
# Project, body, community, theme, status.
PROJECTS = (
    ("东河口袋花园", "水乡市园林绿化所", "东河社区", "环境卫生", "已完成"),
    ("迎晖老照片进楼道", "水乡市档案馆", "迎晖社区", "文化活动", "进行中"),
    ("银龄健康讲堂", "水乡市第二人民医院", "文昌社区", "看病就医", "进行中"),
    ("桥畔流动书车", "水乡区图书馆", "太平桥社区", "图书阅览", "已完成"),
    ("水乡戏台周周演", "水乡区文化馆", "下塘社区", "文化活动", "进行中"),
    ("桑园助餐送上门", "水乡区养老服务中心", "桑园社区", "老年活动", "进行中"),
    ("工人新村四点半课堂", "水乡区妇女儿童之家", "工人新村社区", "儿童游乐", "进行中"),
    ("东河电工夜校", "水乡区职工技能学校", "东河社区", "技能培训", "计划"),
    ("学士周末小剧场", "水乡区青少年活动中心", "学士社区", "儿童游乐", "计划"),
    ("荷塘特产直通车", "水乡区供销合作社", "荷塘社区", "待分类", "计划"),  # no theme of the study
)


class Team(NamedTuple):
    """A team in a community. staff: 人数; fte: 折算全职, "" where nobody knows."""

    name: str
    community: str
    staff: int
    fte: float | str
    group: str


# By team: whom it serves; one member for so many of the twelve communities, in the order of their
# codes; full-time equivalents of a member.
_TEAMS = (
    ("社区工作者", EVERYBODY, (6, 6, 12, 10, 26, 5, 3, 9, 12, 9, 24, 6), 1.0),
    ("海棠先锋", EVERYBODY, (4, 5, 8, 8, 12, 3, 1, 6, 8, 6, 10, 4), 0.2),
    ("家庭医生", ELDERS, (2, 2, 4, 3, 4, 1, 1, 3, 4, 3, 4, 2), 0.5),
    ("社区民警", EVERYBODY, (1, 2, 2, 2, 4, 1, 1, 2, 2, 2, 3, 1), 1.0),
    ("人民调解员", EVERYBODY, (1, 1, 2, 2, 3, 1, 0, 1, 2, 1, 3, 1), 0.5),
    ("社区规划师", EVERYBODY, (1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 0), 0.1),
    ("古城勘查员", EVERYBODY, (2, 2, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0), 0.5),
)
TEAMS = tuple(
    Team(name, zone.name, staff, round(staff * share, 1), group)
    for name, group, numbers, share in _TEAMS
    for zone, staff in zip(COMMUNITIES, numbers, strict=True)
    if staff
)
# Of no community, and of nobody knows how many.
TEAM_SLIPS = (
    Team("人民调解员", "湖滨社区", 1, 0.5, EVERYBODY),
    Team("海棠先锋", "塘西社区", 2, "", EVERYBODY),
)
