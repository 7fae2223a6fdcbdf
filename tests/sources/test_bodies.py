"""Bodies, pairs and projects: what is read, and why a row is set aside. Communities: ``w``
(西社区) and ``e`` (东社区); services: reading (阅读) and health (健康)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from signal_scenes import draw, known_of, place

from gusu_geo.errors import SourceError, StudyError
from gusu_geo.sources.bodies import read_pairing
from gusu_geo.sources.books import Books, Known
from gusu_geo.study.catalog import Service, load_pack
from gusu_geo.study.district import PairingParams

HEAD = "编号,单位,层级,职能,上限,经度,纬度\n"
BODIES = (
    f"b1,图书馆,区,阅读推广、文化,2,{place(100)}\n"
    "b2,卫健委,市,公共健康,,,\n"
    "b3,档案局,区,,1,0,0\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    return known_of(draw(tmp_path_factory.mktemp("street")))


def read(
    known: Known, bodies: str = BODIES, pairs: str = "", projects: str = "", **keys: Any
) -> Books:
    files = {"bodies": HEAD + bodies, "pairs": "单位,社区\n" + pairs,
             "projects": "项目,单位,社区,主题,状态\n" + projects}  # fmt: skip
    given: dict[str, Any] = {"max_rejected": 1.0, "crs": "wgs84"}
    for name, rows in files.items():
        known.study.path(f"{name}.csv").write_text(rows, encoding="utf-8")
    part: dict[str, Any] = {"bodies": given | {"source": "bodies.csv"} | keys.pop("ledger", {})}
    if pairs:
        part["pairs"] = given | {"source": "pairs.csv"}
    if projects:
        part["projects"] = given | {"source": "projects.csv"}
    books = Books()
    read_pairing(known, PairingParams.model_validate(part | keys), books)
    return books


def why(books: Books) -> dict[int, tuple[str, str]]:
    return {row["row"]: (row["column"], row["reason"]["en"]) for row in books.rejected}


def test_bodies_their_functions_limits_and_places(known: Known) -> None:
    books = read(known)
    table = books.tables["bodies"]
    assert table.index.tolist() == ["b1", "b2", "b3"]
    assert table["tier"].tolist() == ["区", "市", "区"]
    assert table["functions"].tolist() == ["阅读推广、文化", "公共健康", ""]
    assert table["most"].tolist() == [2, 1, 1]  # one community where nothing is said
    assert np.isfinite(table["x"]).tolist() == [True, False, False]
    assert not books.rejected and books.accounts[0]["accepted"] == 3


def test_rows_of_bodies_that_are_set_aside(known: Known) -> None:
    rows = (
        "b4,,区,阅读,,,\n" "b5,图 书 馆,区,阅读,,,\n" "b1,文化馆,区,阅读,,,\n"
        "b6,体育局,区,健康,0,,\n" "b7,教育局,区,健康,-1,,\n" "b8,民政局,区,健康,1.5,,\n"
        "b9,团区委,区,健康,两个,,\n" ",妇联,区,健康,,,\n" "b11,残联,区,健康,1,120.6,\n"
    )  # fmt: skip
    books = read(known, BODIES + rows)
    assert why(books) == {
        5: ("单位", "no body"),
        6: ("单位", "body “图 书 馆” again"),
        7: ("编号", "id 'b1' again"),
        8: ("上限", "“0” is below 1"),
        9: ("上限", "“-1” is below 1"),
        10: ("上限", "most “1.5” is no whole number"),
        11: ("上限", "“两个” is no number"),
        12: ("编号", "no id"),
        13: ("纬度", why(books)[13][1]),
    }
    assert books.tables["bodies"].index.tolist() == ["b1", "b2", "b3"]
    account = books.accounts[0]
    assert (account["read"], account["accepted"], account["rejected"]) == (12, 3, 9)


def test_pairs_by_name_or_id_and_those_that_are_set_aside(known: Known) -> None:
    pairs = "图书馆,西社区\nb2,东社区居委会\n图书馆,w\n妇联,西社区\n图书馆,南社区\n,西社区\nb3,\n图书馆,东\n"
    books = read(known, pairs=pairs)
    table = books.tables["pairs"]
    assert list(map(tuple, table.to_numpy())) == [("b1", "w"), ("b2", "e"), ("b1", "e")]
    assert why(books) == {
        4: ("社区", "“图书馆” and “w” again"),
        5: ("单位", "“妇联” is no body of the ledger"),
        6: ("社区", "no community is called “南社区”"),
        7: ("单位", "no body"),
        8: ("社区", "no community"),
    }
    assert books.accounts[1]["read"] == books.accounts[1]["accepted"] + 5


def test_projects_and_their_themes(known: Known) -> None:
    projects = (
        "送书,图书馆,西社区,阅读,在办\n义诊,b2,东社区,health；停车,完成\n讲座,图书馆,东社区,,\n"
        ",图书馆,西社区,阅读,\n修船,图书馆,西社区,航天,\n茶会,茶馆,西社区,阅读,\n"
    )
    books = read(known, projects=projects)
    table = books.tables["projects"]
    assert table["name"].tolist() == ["送书", "义诊", "讲座"]
    assert table["theme"].tolist() == ["阅读", "health、停车", ""]
    assert table["services"].tolist() == ["reading", "health", ""]
    assert table["status"].tolist() == ["在办", "完成", ""]
    assert {row: reason for row, (_, reason) in why(books).items()} == {
        5: "no project",
        6: "theme “航天” is about no service of the pack",
        7: "“茶馆” is no body of the ledger",
    }


def test_kept_and_forbidden_pairs_become_ids(known: Known) -> None:
    keys = {"keep": [["图书馆", "西社区"], ["b1", "e"]], "forbid": [["卫健委", "w"]]}
    table = read(known, **keys).tables["bodies"]
    assert table["keep"].tolist() == ["w、e", "", ""]
    assert table["forbid"].tolist() == ["", "w", ""]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"keep": [["妇联", "西社区"]]}, "pairing.keep[1]: is no body of the ledger"),
        ({"forbid": [["b1", "w"], ["b1", "南"]]}, "pairing.forbid[2]: is no community"),
        ({"keep": [["b1", "w"]], "forbid": [["图书馆", "西社区"]]}, "the same pair: 图书馆"),
        ({"level": "ward"}, "pairing.level: there is no such level"),
    ],
)
def test_names_of_the_study_that_are_wrong(known: Known, keys: Any, words: str) -> None:
    with pytest.raises(StudyError) as stopped:
        read(known, **keys)
    assert words in stopped.value.in_language("en")


def test_persons_are_refused_and_dropped(known: Known) -> None:
    head = "单位,职能,联系人,电话\n"
    rows = "图书馆,阅读,张三,13800138000\n"

    def persons(**ledger: Any) -> Books:
        known.study.path("bodies.csv").write_text(head + rows, encoding="utf-8")
        books = Books()
        part = {"bodies": {"source": "bodies.csv", **ledger}}
        read_pairing(known, PairingParams.model_validate(part), books)
        return books

    with pytest.raises(SourceError, match="联系人"):
        persons()
    table = persons(privacy="drop").tables["bodies"]
    assert "张三" not in table.to_csv() and "138" not in table.to_csv()
    assert table.index.tolist() == ["2"]  # without ids: the row of the file


def test_too_many_bad_rows_stop(known: Known) -> None:
    with pytest.raises(SourceError) as stopped:
        read(known, BODIES + "b4,图书馆,区,,,,\n", ledger={"max_rejected": 0.0})
    assert [row["row"] for row in stopped.value.rejected] == [5]


def test_functions_of_the_packs(tmp_path: Path) -> None:
    pack = load_pack("gusu-1510")
    about = {word: [each.id for each in pack.services if each.served_by(word)]
             for word in ("卫生健康", "文化和旅游", "园林绿化", "市容", "健康诊疗", "")}  # fmt: skip
    assert about == {
        "卫生健康": ["health"], "文化和旅游": ["reading", "culture"], "园林绿化": ["lounge"],
        "市容": [], "健康诊疗": ["health"], "": [],
    }  # fmt: skip
    for name in ("gusu-1510", "everyday-ten"):
        assert all(service.functions for service in load_pack(name).services)
    assert not Service("a", "书", "Books", functions=("卫生",)).served_by("卫")
    with pytest.raises(StudyError, match="functions"):
        path = tmp_path / "p.toml"
        path.write_text(
            '[pack]\nid="p"\nversion="1"\nminutes=15\nsource="s"\ntitle={zh="题",en="t"}\n'
            'note={zh="注",en="n"}\n[[services]]\nid="a"\nzh="书"\nen="b"\nfunctions=["", "x"]\n',
            encoding="utf-8",
        )
        load_pack(path)
