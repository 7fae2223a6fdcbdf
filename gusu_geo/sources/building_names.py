"""Which use the name of a building shows: words by use, and names that only sound like one.

Width, case and accents of names are ignored. In Chinese the last noun says what a thing is:
法院宿舍 is a hostel, 小区幼儿园 a kindergarten. In Spanish and French it is the first, in English
mostly the last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

# Chinese words by use; those of a street's or place's name do not count (学校路, 市场东街).
_ZH: Mapping[str, str] = {
    "court": "法院 检察院 法庭",
    "hotel": "酒店 宾馆 饭店 酒楼 招待所 旅馆 旅社 客栈",
    "office": "写字楼 办公 行政楼 商务楼 科技园 软件园 创意园 创业园 研究所 研究院 设计院 实验室",
    "school": "学校 學校 中学 小学 幼儿园 幼稚园 托儿所 党校 教学楼 实验楼 教室 学堂",
    "health": "医院 醫院 门诊 卫生院 卫生室 诊所 急诊 住院部",
    "police": "派出所 公安 警务 消防 看守所 监狱",
    "culture": "博物馆 图书馆 体育馆 纪念馆 展览馆 美术馆 科技馆 档案馆 文化馆 游泳馆 博览 会展 "
    "影院 影城 剧院 剧场 戏院 音乐厅 体育场 体育中心 礼堂 会堂 文化宫 少年宫 文化中心 活动中心",
    "factory": "工厂 厂房 车间 工业园 产业园 电厂 水厂",
    "storage": "仓库 倉庫 仓储 库房 冷库 粮库 物流 车库 停车",
    "shops": "商场 商場 商城 商厦 商业 购物 百货 超市 市场 市場 菜场 卖场 "
    "专卖店 商店 门市部 奥特莱斯",
    "food": "食堂 餐厅 餐馆 饭馆 酒吧 茶馆 茶楼",
    "worship": "教堂 礼拜堂 清真寺 道观 宝殿 佛塔 宝塔 寺院 宗祠 祠堂 牌坊",
    "military": "兵营 军营 营房 部队 武警 军区 军分区 人武部 司令部 炮台 碉堡",
    "transport": "车站 車站 客运 候车 站房 航站楼 机场 码头 渡口 收费站",
    "public": "政府 市委 区委 党委 委员会 居委会 村委会 管理局 管理处 税务 海关 邮局 大使馆 领事馆 "
    "服务中心 服务大厅 总统府",
    "works": "配电 变电 锅炉房 泵房 泵站 水塔 公厕 厕所 垃圾 传达室 门卫 岗亭 售楼",
}
_WAY_ZH = "(?!.?[路街巷弄里桥坊])"
# Words that count only at the end or before a part of the grounds: 七里庙3幢 is a house in a place
# that is named after a temple, 北京大学燕东园3号楼 a house that belongs to a university.
_LAST_ZH: Mapping[str, str] = {
    "school": "大学 学院",
    "factory": "厂 廠",
    "worship": "殿 祠 寺 庙 廟 庵",
    "transport": "站",
    "public": "局",
}
_END_ZH = r"(?=$|[\s()\[\],.·-]|[大东西南北正后前中偏侧主新老旧]?[殿院门厅房楼])"
# 大厦 alone may hold flats; with one of these it is an office tower.
_TOWER = "证券|银行|商务|写字|科技|网络|创业|创新|保险|电信|移动|软件|信息|传媒|广电|电力|税务|海关"
_TOWER_ZH = f"(?:{_TOWER}).*大厦|大厦.*(?:{_TOWER})"

# English words by use, as patterns; a bare "Court" is a block of flats.
_EN: Mapping[str, str] = {
    "court": r"courthouse|tribunal|court of \w+|"
    r"(?:law|county|district|high|supreme|crown|magistrates|people'?s) courts?",
    "hotel": "hotel|hostel|motel",
    "office": "office (?:tower|building|block)|business (?:center|centre|park)|headquarters"
    "|(?:science|technology) park",
    "school": "(?<!old )(?:school|kindergarten|university|college|academy|ecole|lycee)",
    "health": "(?<!old )(?:hospital|hopital|clinic|surgery)",
    "police": "(?:police|fire) station|prison|jail|comisaria|gendarmerie",
    "culture": "museum|musee|museo|library|biblioteca|bibliotheque|sports (?:hall|center|centre)"
    "|stadium|gymnasium|arena|theater|theatre|teatro|cinema|opera house|concert hall|art gallery",
    "factory": "factory|workshops?|foundry|brewery|refinery|sawmill|power (?:plant|station)"
    "|treatment (?:plant|works)|(?:brick|gas|water|steel|iron|cement) ?works|substation",
    "storage": "warehouse|storehouse|garages?|car park|parking|hangar",
    "shops": "shopping (?:mall|center|centre)|mall|supermarket|hypermarket|department store"
    "|market(?: hall)?|restaurant",
    "worship": "church|chapel|cathedral|basilica|mosque|synagogue|temple|shrine|pagoda|monastery"
    "|convent",
    "military": "barracks|military|garrison",
    "transport": "station|(?:ferry|bus|cruise|airport) terminal|depot",
    "public": "(?:town|city|village|parish|county) hall|ministry|embassy|consulate|parliament"
    "|city council|post office",
}
_WAY_EN = (
    "(?! (?:road|street|lane|hill|close|avenue|house|cottage|place|square|court|gardens?|view|farm"
    r"|mews|row|terrace|way|drive|rise|gate|wharf|quay|towers?)\b)"
)
# Head nouns at the start of Spanish, French, Italian and German names.
_FIRST = (
    "iglesia|ermita|parroquia|catedral|convento|casa parroquial|eglise|chapelle|cathedrale|chiesa"
    "|kirche|colegio|escuela|instituto|universidad|facultad|fundacion|ies|ceip|schule|mercado"
    "|marche|centro comercial|centre commercial|fabrica|usine|almacen|nave|entrepot|cuartel|caserne"
    "|kaserne|estacion|gare|bahnhof|ayuntamiento|mairie|rathaus|juzgados?|delegacion|direcciones|direccion"
    "|junta|centro de|centre de|parque cientifico|polideportivo|pabellon|taller|castillo de"
)
_START = "^(?:el |la |le |les |los |las |l')?"

# Homes named after an institution: 医院宿舍, 法院小区, School House Apartments.
_HOMES_ZH = re.compile(
    "宿舍|家属|小区|公寓|新村|住宅|教工|职工楼|花园|家园|嘉园|[苑墅]|华庭|公馆|大院|干休所|居民楼|人家"
)
_HOMES_EN = re.compile(
    r"\b(?:apartments?|apartamentos|flats|residences?|residencial|viviendas|dormitory|housing"
    r"|homes|condominiums?|lofts)\b"
)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Use and pattern; several of one use."""
    found = [(use, f"(?:{words.replace(' ', '|')}){_WAY_ZH}") for use, words in _ZH.items()]
    found += [(use, f"(?:{words.replace(' ', '|')}){_END_ZH}") for use, words in _LAST_ZH.items()]
    found += [("office", _TOWER_ZH)]
    found += [(use, rf"\b(?:{words})\b{_WAY_EN}") for use, words in _EN.items()]
    found += [("public", rf"{_START}(?:{_FIRST})\b")]
    return tuple((use, re.compile(pattern)) for use, pattern in found)


def bare(name: str) -> str:
    """The name in small letters without accents.

    >>> bare("Centro Cívico")
    'centro civico'
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).strip()


def use_in_name(name: str) -> str:
    """The use that the name of a building shows ("court", "hotel", ...); "" for none.

    >>> use_in_name("姑苏区人民法院"), use_in_name("法院宿舍"), use_in_name("Hôtel Métropole")
    ('court', '', 'hotel')
    """
    plain = bare(name)
    if not plain or _HOMES_EN.search(plain):
        return ""
    for use, words in _patterns():
        ends = [found.end() for found in words.finditer(plain)]
        if ends and not _HOMES_ZH.search(plain, ends[-1]):
            return use
    return ""
