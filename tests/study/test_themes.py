"""Themes of signals: every pack has its words, and each means services that the pack has."""

from __future__ import annotations

import pytest

from gusu_geo.study.catalog import list_packs, load_pack, read_toml
from gusu_geo.study.themes import FILE, Themes, load_themes
from gusu_geo.words import folded

PACKS = sorted(list_packs())


@pytest.mark.parametrize("pack_id", PACKS)
def test_every_service_of_a_pack_has_words_and_no_word_is_both_about_it_and_about_none(
    pack_id: str,
) -> None:
    document = read_toml(FILE)
    section = document[pack_id]
    assert set(section) == {*load_pack(pack_id).service_ids, "none"}
    assert all(section.values())
    about_some = {folded(w) for key, words in section.items() if key != "none" for w in words}
    about_none = [folded(word) for word in (*document["none"], *section["none"])]
    assert not about_some & set(about_none)
    assert len(about_none) == len(set(about_none))
    names = {folded(w) for s in load_pack(pack_id).services for w in (s.id, s.zh, s.en)}
    assert not names & set(about_none)


@pytest.mark.parametrize("pack_id", PACKS)
@pytest.mark.parametrize("theme", ["停车", "物业", "噪音", "环境卫生", "漏水", "电梯"])
def test_usual_complaints_are_about_no_service(pack_id: str, theme: str) -> None:
    said = Themes(load_pack(pack_id), {}).read(theme)
    assert (said.services, said.unknown) == ((), ())


def test_own_words_come_first_and_a_pack_of_ones_own_has_the_usual_ones() -> None:
    pack = load_pack("gusu-1510")
    assert Themes(pack, {"看书": ""}).read("看书").services == ()
    assert Themes(pack, {"停车": ["lounge", "health"]}).read("停车").services == (
        "lounge",
        "health",
    )
    assert load_themes("another") == dict.fromkeys(read_toml(FILE)["none"], ())


def test_the_nearest_word_is_only_suggested() -> None:
    themes = Themes(load_pack("gusu-1510"), {})
    assert themes.read("停车难题").unknown == ("停车难题",)
    assert themes.nearest("停车难题") == "停车难"
    assert themes.nearest("请尽快解决小区里的电梯故障问题") == "电梯故障"
    assert themes.nearest("xyz") == ""
