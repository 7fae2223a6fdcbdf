"""Seventy names of Gusu and what each of them is: keywords find public services, not businesses.

Truths by reading the names, not by running the pack: a hotel, a noodle shop, a stationer, a cram
school and a supermarket are no public service, whatever word stands in front.
"""

from __future__ import annotations

import pytest

from gusu_geo.study.catalog import Service, load_pack

PACK = load_pack("gusu-1510")
NAMES = """\
翠锦苑小区党群服务站 red_station
历史街区社区党群服务中心 red_station
平江新城海棠红韵先锋阵地 red_station
彩香一村五区海棠民情站 red_station
虎丘路社区党群服务中心 red_station
海棠先锋驿站 red_station
户外劳动者驿站 red_station
小哥驿站 red_station
小巷红韵 red_station
邻里红韵 red_station lounge
苏州图书馆 reading
苏州图书馆道前街分馆 reading
姑苏区少儿图书馆 reading
书吧咖啡 reading
光裕书厅 senior_leisure
久龄娱乐室 senior_leisure
银发活力中心 senior_leisure
吴门人家评弹书场 senior_leisure
道前街日间照料中心 senior_leisure
观前社区居家养老服务中心 senior_leisure
棋牌室 senior_leisure
三香社区老年活动室 senior_leisure lounge
儿童友好社区童享空间 child_play
中国昆曲博物馆 culture
苏州市工人文化宫 culture
丝绸工坊 culture
共享工具箱 sharing
邻里中心 lounge
议事亭 lounge
社区微更新口袋公园 lounge
新时代文明实践站 volunteer
双塔街道社区卫生服务中心 health
桃花坞社区卫生服务站 health
家庭医生工作室 health
假日课堂 skills
四点半课堂 skills
技能培训中心 skills
就业局 skills
志愿者宾馆
书香府邸酒店
学堂里面馆
课堂内外文具店
少儿英语培训
少儿编程
亲子餐厅
邻里生鲜超市
苏绣旗舰店
苏州评弹博物馆
苏州评弹学校
苏州戏曲博物馆
桃花坞木刻年画博物馆
长者公寓
阿婆茶馆
平江路书店
文学山房旧书店
双塔市集
桂花公园
北寺塔公园
网师园
拙政园
沧浪亭
苏州市立医院北区
金阊医院
苏州技师学院
姑苏区残疾人之家
社区食堂
社区警务室
调解室
便民服务点
爱心义仓
""".splitlines()


def services(name: str) -> set[str]:
    return {service.id for service in PACK.services if service.evidence(name, {})}


def test_there_are_seventy() -> None:
    assert len({line.split()[0] for line in NAMES}) == len(NAMES) == 70


@pytest.mark.parametrize("line", NAMES, ids=lambda line: line.split()[0])
def test_a_name_is_what_it_says(line: str) -> None:
    name, *offered = line.split()
    assert services(name) == set(offered)


@pytest.mark.parametrize(
    "name",
    [
        "志愿青年旅舍酒店", "公益桥小学", "学堂前幼儿园", "邻里便利店", "邻里大药房药店", "小游园停车场",
        "红韵美发", "亲子酒店", "亲子鉴定中心", "少儿舞蹈", "少儿口才", "高考志愿填报", "非遗菜馆", "书房火锅",
        "苏绣专卖店", "昆曲主题民宿", "志愿者宾馆（观前店）", "苏州图书馆停车场", "评弹研究会", "书画培训",
    ],
)  # fmt: skip
def test_businesses_of_the_same_kinds_are_none_either(name: str) -> None:
    assert services(name) == set()


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("观前宾馆志愿服务站", {"volunteer"}),  # the word of another kind stands before
        ("汽车南站社区党群服务中心", {"red_station"}),
        ("快递小哥驿站", {"red_station"}),
        ("人才公寓党群服务站", {"red_station"}),
        ("酒店行业红色驿站", {"red_station"}),
        ("爱心超市", {"sharing"}),  # inside the keyword
        ("慈善超市", {"sharing"}),
        ("党群服务站（酒店对面）", {"red_station"}),  # where it is
        ("邻里生鲜超市活动室", {"lounge"}),
        ("评弹茶馆", {"senior_leisure"}),
        ("社区教育培训中心", {"skills"}),
    ],
)
def test_a_word_of_another_kind_counts_after_the_keyword_only(name: str, offered: set[str]) -> None:
    assert services(name) == offered


def test_words_of_other_kinds_do_not_touch_tags() -> None:
    volunteers = Service("v", "志愿", "V", (("office=ngo",),), ("志愿",), other_kinds=("宾馆",))
    assert volunteers.evidence("志愿者宾馆", {}) == ""
    assert volunteers.evidence("志愿者宾馆", {"office": "ngo"}) == "C"


@pytest.mark.parametrize(
    ("code", "group", "fits"),
    [
        ("140500", "140500", True),
        ("140501", "140500", True),  # a group stands for all below it
        ("140600", "140500", False),
        ("141205", "140000", True),
        ("120304", "120304", True),
        ("120305", "120304", False),
        ("110101", "110100", True),
        ("1405", "140500", False),
        ("", "140500", False),
        ("14050012", "140500", False),
    ],
)
def test_type_codes_and_their_groups(code: str, group: str, fits: bool) -> None:
    assert Service("x", "甲", "X", typecodes=(group,)).has_code(code) is fits
