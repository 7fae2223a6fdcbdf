"""Study files: what is refused, and whether the message helps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from gusu_geo.errors import StudyError
from gusu_geo.study.params import FacilitySource, Study, Walk
from gusu_geo.study.study_file import builtin_studies, open_study, with_profile

GOOD = """
[study]
name = "x"
[area]
bbox = [7.4, 43.7, 7.5, 43.8]
[network]
osm = "x.osm.pbf"
"""


def study(tmp_path: Path, extra: str = "", text: str = GOOD) -> Study:
    path = tmp_path / "study.toml"
    path.write_text(text + extra, encoding="utf-8")
    return open_study(path)


def test_defaults_are_the_documented_ones(tmp_path: Path) -> None:
    made = study(tmp_path)
    assert made.walk.speed() == 1.0
    assert made.network.snap_max_m == 100
    assert made.rule.cutoff_minutes == 30
    assert made.path("a/b.csv") == tmp_path.resolve() / "a/b.csv"


def test_a_windows_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    assert study(tmp_path, text="\ufeff" + GOOD).name == "x"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("[walk]\nsped_mps = 1.0", r"unknown key 'walk.sped_mps'. Did you mean 'speed_mps'"),
        ("[rul]\nminutes = 15", r"unknown key 'rul'. Did you mean 'rule'"),
        ("[walk]\nspeed_mps = nan", r"walk.speed_mps: Input should be a finite number"),
        ("[walk]\nspeed_mps = 0.0004", r"walk.speed_mps: speed must be"),
        ("[rule]\nminutes = true", r"minutes must be a number, not true"),
        ("[residences]\nm2_per_person = inf", r"m2_per_person"),
        ("facilities = []", r"facilities"),
        ("[walk]\nspeed_mps = 0", r"walk.speed_mps: speed must be"),
        ("[walk]\nspeed_mps = 80", r"walk.speed_mps: speed must be in metres per second"),
        ("[walk]\nspeed_mps = 'fast'", r"walk.speed_mps"),
        ("[walk]\nprofile = 'elders'", r"unknown walking profile 'elders'. Did you mean 'elder'"),
        ("[walk]\nsteps_factor = 0.5", r"walk.steps_factor: .*greater than or equal to 1"),
        ("[walk]\nwheels = 'perhaps'", r"walk.wheels: .*true or false"),
        ("[walk]\nwheels = 'yes'", r"wheels must be true or false, not 'yes'"),
        ("[walk]\nwheels = 1", r"wheels must be true or false, not 1"),
        ("[report]\ninternal = 'off'", r"internal must be true or false, not 'off'"),
        ("[rule]\nminutes = '5'", r"minutes must be a number, not '5'"),
        ("[walk]\nslope = 'naismith'", r"walk.slope: .*'tobler' or 'off'"),
        ("[walk]\ncrossing_s = -1", r"walk.crossing_s: .*greater than or equal to 0"),
        ("[walk]\nsignal_s = 1e9", r"walk.signal_s: .*less than or equal to 600"),
        ("[walk]\nlift_s = true", r"lift_s must be a number, not true"),
        ("[walk]\nlifts = true", r"walk.lifts: .*'open' or 'closed'"),
        ("[walk]\nferry_s = nan", r"walk.ferry_s: .*finite number"),
        ("[walk]\nferry_mps = 1e-9", r"walk.ferry_mps: .*greater than or equal to 0.5"),
        ("[walk]\nprivate = 'end'", r"walk.private: .*'ends', 'open' or 'closed'"),
        ("[walk]\nprofile = 'wheelchairs'", r"Did you mean 'wheelchair'"),
        ("[rule]\nminutes = 0", r"rule.minutes: minutes must be above 0"),
        ("[rule]\nminutes = -5", r"rule.minutes: minutes must be above 0"),
        ("[rule]\nminutes = inf", r"rule.minutes: Input should be a finite"),
        ("[rule]\nmode = 'both'", r"rule.mode"),
        ("[residences]\npersons_total = 100", r"persons_total needs persons_source"),
        (
            "[[zones]]\nlevel = 'ward'\nsource = { osm_admin_leve = 10 }",
            r"unknown key 'zones.0.source.osm_admin_leve'",
        ),
        ("[[facilities]]\nsource = 'osm'\nevidense = 'A'", r"Did you mean 'evidence'"),
        ("[root]\na = 1", r"'root'"),
    ],
)
def test_faults_name_the_key_and_what_came(tmp_path: Path, extra: str, message: str) -> None:
    with pytest.raises(StudyError, match=message) as error:
        study(tmp_path, extra)
    assert "study.toml" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            GOOD.replace("[area]\n", "[area]\nosm_admin = {name = 'a', admin_level = 2}\n"),
            "exactly one",
        ),
        (GOOD.replace("7.4, 43.7, 7.5, 43.8", "7.5, 43.7, 7.4, 43.8"), "west, south, east, north"),
        (GOOD.replace('osm = "x.osm.pbf"', ""), "'network.osm' is missing"),
        (GOOD.replace("[study]", "[studdy]"), r"\[study\] table"),
        (GOOD.replace('name = "x"', 'name = "../../etc/x"'), "name"),
        (GOOD.replace('name = "x"', 'name = ".."'), "name"),
        (
            GOOD.replace("[network]", "centre = [43.7, 97.4]\n[network]"),
            "area.centre: .*longitude and latitude in degrees",
        ),
        (
            GOOD.replace("[7.4, 43.7, 7.5, 43.8]", "[7.4, 43.7, 7.5]"),
            "area.bbox has too few values",
        ),
        ("[study", "not valid TOML"),
    ],
)
def test_broken_studies_are_one_clear_error(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        study(tmp_path, text=text)


def test_study_in_another_encoding_says_so(tmp_path: Path) -> None:
    path = tmp_path / "gbk.toml"
    path.write_bytes(GOOD.replace("x.osm", "苏州.osm").encode("gb18030"))
    with pytest.raises(StudyError, match="not UTF-8"):
        open_study(path)


def test_unknown_study_names_the_nearest() -> None:
    with pytest.raises(StudyError, match="Did you mean 'monaco'"):
        open_study("monacco")


def test_builtin_studies_are_all_valid() -> None:
    assert {"gusu", "monaco"} <= set(builtin_studies())
    for path in builtin_studies().values():
        assert open_study(path).title.zh


def keys_of(part: type[BaseModel]) -> set[str]:
    """Every key of a part and of the parts in it."""
    keys: set[str] = set()
    todo: list[object] = [part]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys |= set(kind.model_fields)
            todo += [field.annotation for field in kind.model_fields.values()]
        todo += getattr(kind, "__args__", ())
    return keys - {"root"}


def test_the_example_study_names_every_key() -> None:
    text = builtin_studies()["monaco"].read_text(encoding="utf-8")
    assert {key for key in keys_of(Study) if not re.search(rf"\b{key}\b", text)} == set()


def test_a_study_with_words_has_a_hash() -> None:
    one, two = (FacilitySource(words={"图书角": "a", "综合": ["a", "b"]}) for _ in range(2))
    assert one == two and hash(one) == hash(two)
    assert one != FacilitySource(words={"图书角": "b"})


def test_profile_replaces_an_own_speed(tmp_path: Path) -> None:
    made = study(tmp_path, "[walk]\nspeed_mps = 1.37")
    assert with_profile(made, "frail").walk.speed() == 0.6
    made = study(tmp_path, "[walk]\nsteps_factor = 1.5\nwheels = true\ncrossing_s = 9")
    frail, chair = with_profile(made, "frail").walk, with_profile(made, "wheelchair").walk
    assert (frail.on_steps(), frail.on_wheels(), chair.on_wheels()) == (3.0, False, True)
    assert frail.crossing_s == 9  # what is said of the streets stays
    with pytest.raises(StudyError, match="Did you mean 'frail'"):
        with_profile(made, "fraill")


def test_speed_has_one_reader() -> None:
    """`walk.speed_mps` and the profiles' speeds are read by `Walk.speed` alone."""
    package = Path(__file__).resolve().parents[2] / "gusu_geo"
    readers = [
        f"{path.name}:{number}"
        for path in package.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "walk.speed_mps" in line and "is None" not in line and not line.lstrip().startswith(('"', "#"))
        and '"""' not in line and "``" not in line
    ]  # fmt: skip
    assert readers == []
    assert Walk(speed_mps=1.3).speed() == 1.3
