"""Packs are complete and mean what the domain table says; hostile files are refused clearly."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from gusu_geo.errors import StudyError
from gusu_geo.study.catalog import PROFILES, RulePack, Service, list_packs, load_pack

NOTE_1510 = (
    "据苏州工业园区金鸡湖街道2024年公开表述；姑苏区正式清单以主管部门文件为准，可配置。"
    "原文十项中写作“久龄娱乐”，姑苏区作“长者娱乐”；原文以“等功能”结尾，十项未必列全"
)

HEAD = """
[pack]
id = "mine"
version = "1"
title = { zh = "我的", en = "Mine" }
note = { zh = "注", en = "Note" }
source = "me"
minutes = 15
"""
SERVICE = """
[[services]]
id = "library"
zh = "图书馆"
en = "Library"
osm = ["amenity=library", ["amenity=school", "access=yes"]]
keywords = ["书房"]
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    with pytest.raises(StudyError) as caught:
        load_pack(write(folder, text))
    assert "mine.toml" in str(caught.value)
    return str(caught.value)


def service(pack_name: str, service_id: str) -> Service:
    return next(entry for entry in load_pack(pack_name).services if entry.id == service_id)


def test_the_two_built_in_packs() -> None:
    packs = list_packs()
    assert list(packs) == ["everyday-ten", "gusu-1510"]
    assert all(pack.id == name for name, pack in packs.items())


@pytest.mark.parametrize("name", ["everyday-ten", "gusu-1510"])
def test_a_pack_has_ten_named_services_and_a_note(name: str) -> None:
    pack = load_pack(name)
    assert len(pack.services) == len(set(pack.service_ids)) == 10
    assert pack.minutes == 15
    assert pack.version and pack.source
    for zh, en in [(pack.title_zh, pack.title_en), (pack.note_zh, pack.note_en)] + [
        (entry.zh, entry.en) for entry in pack.services
    ]:
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh)
        assert any("a" <= sign <= "z" for sign in en)
    for entry in pack.services:
        assert entry.osm and entry.keywords
        assert len(set(entry.keywords)) == len(entry.keywords)
        assert not set(entry.keywords) & set(entry.exclude)


def test_the_official_note_and_order() -> None:
    pack = load_pack("gusu-1510")
    assert pack.note_zh == NOTE_1510
    assert "Jinji Lake" in pack.note_en and "Gusu" in pack.note_en
    assert "久龄娱乐" in pack.note_en and "等功能" in pack.note_en
    assert "苏州新闻网" in pack.source and "2024-07-26" in pack.source
    assert pack.service_ids == (
        "reading", "red_station", "child_play", "senior_leisure", "culture",
        "sharing", "lounge", "volunteer", "health", "skills",
    )  # fmt: skip
    assert [entry.zh for entry in pack.services] == [
        "先锋书架", "红色驿站", "儿童游乐", "长者娱乐", "文化创意",
        "物品共享", "休闲会客", "志愿服务", "健康诊疗", "技能提升",
    ]  # fmt: skip
    assert all(entry.minutes is None and entry.min_count == 1 for entry in pack.services)


def test_the_everyday_note_says_that_it_is_no_standard() -> None:
    pack = load_pack("everyday-ten")
    assert "OpenStreetMap" in pack.note_zh and "非官方标准" in pack.note_zh
    assert "not an official standard" in pack.note_en


def test_all_of_tags_and_type_codes_are_kept() -> None:
    senior = service("gusu-1510", "senior_leisure")
    assert senior.osm == (
        ("community_centre:for=senior",),
        ("social_facility=day_care", "social_facility:for=senior"),
    )
    assert service("gusu-1510", "child_play").typecodes == ("080501", "072000")
    assert service("gusu-1510", "sharing").typecodes == ()


@pytest.mark.parametrize(
    ("service_id", "name", "tags", "expected"),
    [
        ("reading", "姑苏区图书馆平江分馆", {}, "B"),
        ("reading", "", {"amenity": "library"}, "C"),
        ("reading", "晨光图文书屋", {"amenity": "library"}, ""),
        ("red_station", "海棠花红先锋驿站", {}, "B"),  # 海棠…站
        ("red_station", "站前海棠路", {}, ""),  # the parts in the wrong order
        ("senior_leisure", "", {"social_facility": "day_care"}, ""),
        (
            "senior_leisure",
            "",
            {"social_facility": "day_care", "social_facility:for": "senior;child"},
            "C",
        ),
        ("senior_leisure", "", {"community_centre:for": "child; senior"}, "C"),
        ("senior_leisure", "", {"community_centre:for": "senior_citizens"}, ""),
        ("health", "双塔社区卫生服务站", {}, "B"),
        ("health", "仁爱口腔门诊", {"amenity": "clinic"}, ""),
        ("volunteer", "公益桌球俱乐部", {"office": "association"}, ""),
        ("volunteer", "慈善会所", {}, ""),
        ("volunteer", "台球协会", {"office": "association"}, ""),
        ("volunteer", "公益棋牌室", {}, ""),
        ("volunteer", "苏州市慈善总会", {}, "B"),
        ("lounge", "圆形花坛", {"leisure": "garden"}, ""),
        ("lounge", "校训石", {"leisure": "park"}, ""),
    ],
)
def test_evidence(service_id: str, name: str, tags: dict[str, str], expected: str) -> None:
    assert service("gusu-1510", service_id).evidence(name, tags) == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [({}, ""), ({"access": "private"}, ""), ({"access": "yes"}, "C"), ({"access": "public"}, "C")],
)
def test_only_public_pools_are_sport(tags: dict[str, str], expected: str) -> None:
    pool = {"leisure": "swimming_pool", **tags}
    assert service("everyday-ten", "sport").evidence("", pool) == expected


def test_post_offices_are_public_services_and_places_of_worship_are_not() -> None:
    community = service("everyday-ten", "community")
    assert community.evidence("", {"amenity": "townhall"}) == "C"
    assert community.evidence("", {"amenity": "place_of_worship"}) == ""
    assert community.evidence("", {"amenity": "post_office"}) == "C"


def test_a_garden_counts_only_when_the_public_may_enter() -> None:
    park = service("everyday-ten", "park_lounge")
    assert park.evidence("", {"leisure": "garden"}) == ""
    assert park.evidence("", {"leisure": "garden", "access": "yes"}) == "C"
    assert park.evidence("", {"leisure": "park"}) == "C"
    assert park.evidence("花坛", {"leisure": "park"}) == ""
    assert park.evidence("校训石", {"leisure": "park"}) == ""


def test_profiles() -> None:
    assert {key: profile.speed_mps for key, profile in PROFILES.items()} == {
        "standard": 1.0, "adult": 1.2, "child": 0.9, "elder": 0.8, "frail": 0.6, "wheelchair": 0.8,
    }  # fmt: skip
    assert [key for key, profile in PROFILES.items() if profile.wheels] == ["wheelchair"]
    assert {key for key, profile in PROFILES.items() if profile.steps_factor != 2} == {"frail"}
    for key, profile in PROFILES.items():  # only the standard walk leans on a standard
        assert ("not taken from a standard" in profile.source) == (key != "standard")
    assert all(p.id == key and p.zh and p.en and p.source for key, p in PROFILES.items())
    with pytest.raises(TypeError):
        PROFILES["run"] = PROFILES["adult"]  # type: ignore[index]


def test_a_pack_of_ones_own_is_a_file_seen_from_root(tmp_path: Path) -> None:
    write(tmp_path, "\ufeff" + HEAD + SERVICE + "minutes = 5\nmin_count = 2\n")
    pack = load_pack("mine.toml", tmp_path)
    assert isinstance(pack, RulePack)
    (library,) = pack.services
    assert (library.minutes, library.min_count) == (5.0, 2)
    assert library.osm == (("amenity=library",), ("amenity=school", "access=yes"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        pack.minutes = 1  # type: ignore[misc]


def test_unknown_packs_name_the_nearest() -> None:
    with pytest.raises(StudyError, match="Did you mean 'gusu-1510'"):
        load_pack("gusu1510")
    with pytest.raises(StudyError, match=r"nowhere/else\.toml.*Known: everyday-ten, gusu-1510"):
        load_pack("nowhere/else.toml")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("minutes = 15", f"minutes = {'9' * 400}", "pack.minutes: must be minutes"),
        ("minutes = 15", "minutes = nan", "pack.minutes: must be minutes"),
        ("minutes = 15", "minuts = 15", "'pack.minuts'. Did you mean 'minutes'?"),
        ("minutes = 15", "", "'pack.minutes' is missing"),
        ("minutes = 15", "minutes = 0", "pack.minutes: must be minutes above 0"),
        ("minutes = 15", "minutes = -3.5", "Got -3.5"),
        ("minutes = 15", "minutes = nan", "Got nan"),
        ("minutes = 15", "minutes = inf", "Got inf"),
        ("minutes = 15", "minutes = 900", "at most 120"),
        ("minutes = 15", "minutes = true", "Got True"),
        ("minutes = 15", 'minutes = "15"', "Got '15'"),
        ('id = "mine"', 'id = "My Pack"', "pack.id: must be 1 to 40 lower-case"),
        ('source = "me"', 'source = "  "', "pack.source: must be text and not blank"),
        ('note = { zh = "注", en = "Note" }', "", "'pack.note' is missing"),
        ('note = { zh = "注", en = "Note" }', 'note = { zh = "注" }', "'pack.note.en' is missing"),
        ('note = { zh = "注", en = "Note" }', 'note = "注"', "pack.note: must be a table"),
        ('en = "Mine" }', 'en = "Mine", ne = "" }', "unknown key 'pack.title.ne'"),
        ("[[services]]", "[[service]]", "unknown key 'service'. Did you mean 'services'?"),
        ("[[services]]", "[services]", "services: must be a list of tables"),
        ('id = "library"', 'id = ""', "services[1].id: must be text"),
        ('zh = "图书馆"', 'zhh = "图书馆"', "'services[1].zhh'. Did you mean 'zh'?"),
        ('"amenity=library"', '"amenity:library"', "Got 'amenity:library'"),
        ('"amenity=library"', '"amenity="', "Got 'amenity='"),
        ('"amenity=library"', '"=library"', "Got '=library'"),
        ('"amenity=library"', '"amenity = library"', 'must read "key=value"'),
        ('"amenity=library"', '"amenity=library;school"', "with one value"),
        ('"amenity=library"', "[]", "all-of group must not be empty"),
        ('"amenity=library"', "[[]]", "services[1].osm"),
        ('"amenity=library"', "7", "Got 7"),
        ('["书房"]', '"书房"', "services[1].keywords: must be a list"),
        ('["书房"]', '["书房", ""]', "none blank"),
        ('["书房"]', '["…"]', "none blank"),
        ('["书房"]', '["书房"]\nmin_count = 0', "Got 0"),
        ('["书房"]', '["书房"]\nmin_count = 1.5', "Got 1.5"),
        ('["书房"]', '["书房"]\nmin_count = true', "Got True"),
        ('["书房"]', '["书房"]\nminutes = 0', "services[1].minutes: must be minutes above 0"),
        ('["书房"]', '["书房"]\ntypecodes = [140500]', "Got 140500"),
        ('["书房"]', '["书房"]\ntypecodes = ["1405"]', "six-digit"),
    ],
)
def test_hostile_values(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = HEAD + SERVICE
    assert old in text
    assert expected in refusal(tmp_path, text.replace(old, new, 1))


def test_hostile_files(tmp_path: Path) -> None:
    assert "already taken. Got 'library'" in refusal(tmp_path, HEAD + SERVICE + SERVICE)
    assert "services[2].id" in refusal(tmp_path, HEAD + SERVICE + SERVICE)
    assert "'services' is missing" in refusal(tmp_path, HEAD)
    assert "services: must not be empty" in refusal(tmp_path, "services = []" + HEAD)
    assert "'pack' is missing" in refusal(tmp_path, SERVICE)
    assert "'pack' is missing" in refusal(tmp_path, "")
    assert "not UTF-8" in refusal(tmp_path, (HEAD + SERVICE).encode("gb18030"))
    assert "not valid TOML" in refusal(tmp_path, HEAD + "[[")
    assert "not valid TOML" in refusal(tmp_path, "a = " + "[" * 10_000)


def test_importing_the_catalog_loads_no_heavy_library() -> None:
    code = (
        "import sys; import gusu_geo.study.catalog;"
        "print([m for m in ('numpy', 'pandas', 'pydantic', 'shapely') if m in sys.modules])"
    )
    # The package's own __init__ may load more; here only the catalogue is looked at.
    stub = "import sys, types; p = types.ModuleType('gusu_geo'); p.__path__ = [sys.argv[1]];"
    stub += "sys.modules['gusu_geo'] = p;" + code
    package = Path(__file__).parents[2] / "gusu_geo"
    done = subprocess.run(
        [sys.executable, "-c", stub, str(package)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_tag_of_the_files_is_read() -> None:
    """The loader drops nothing: counts in the raw TOML equal counts in the pack."""
    folder = Path(__file__).parents[2] / "gusu_geo" / "study" / "packs"
    for path in folder.glob("*.toml"):
        raw = tomllib.loads(path.read_text(encoding="utf-8"))["services"]
        for entry, read in zip(raw, load_pack(path.stem).services, strict=True):
            for key in ("osm", "keywords", "exclude", "typecodes", "types"):
                assert len(entry.get(key, [])) == len(getattr(read, key))
