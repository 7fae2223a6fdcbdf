"""What is kept of the sources is what was read, bit by bit, by today's code, settings and files."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from own_study import STUDY, drawn, ledger

from gusu_geo.pipeline import cache, digests
from gusu_geo.pipeline.cache import PARTS, SEAL, cached_city, digest_of, load_city, save_city
from gusu_geo.pipeline.digests import AFTERWARDS, PACKAGE, code_of, result_id
from gusu_geo.sources.city import read_city
from gusu_geo.study.catalog import RulePack, load_pack
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study, with_profile

FLIPS = 500


def opened(folder: Path) -> tuple[Study, RulePack]:
    study = open_study(folder / "study.toml")
    return study, load_pack(study.rule.pack, study.root)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return drawn(tmp_path)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city in the cache; each test puts back what it changes."""
    folder = drawn(tmp_path_factory.mktemp("kept"))
    place = folder / ".cache" / "city-0123456789abcdef"
    save_city(read_city(*opened(folder)), place)
    return place


def refused(place: Path) -> bool:
    try:
        load_city(place)
    except Exception:
        return True
    return False


def test_every_flipped_bit_is_noticed(kept: Path) -> None:
    paths = sorted(kept.iterdir())
    assert {path.name for path in paths} == {*PARTS, SEAL}
    whole = {path: path.read_bytes() for path in paths}
    draw = random.Random(6)
    noticed = 0
    for number in range(FLIPS):
        # in turn, so that small parts are tried as often as large ones
        path = paths[number % len(paths)]
        spoiled = bytearray(whole[path])
        bit = draw.randrange(8 * len(spoiled))
        spoiled[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoiled)
        noticed += refused(kept)
        path.write_bytes(whole[path])
    assert noticed == FLIPS
    assert not refused(kept)


def cut(place: Path) -> None:
    path = place / "residences.parquet"
    path.write_bytes(path.read_bytes()[:-1])


def swapped(place: Path) -> None:
    """Two parts with the same columns."""
    one, two = place / "home_doors.parquet", place / "venue_doors.parquet"
    first, second = one.read_bytes(), two.read_bytes()
    assert first != second
    one.write_bytes(second)
    two.write_bytes(first)


def older_part(place: Path) -> None:
    """A whole part of an older city: as if an older run had written it last."""
    folder = drawn(place.parent / "older")
    ledger(folder / "homes.csv", {"h1": (100, 0), "h2": (900, 0)}, 人数=[10, 20])
    save_city(read_city(*opened(folder)), folder / place.name)
    shutil.copy(folder / place.name / "residences.parquet", place)


def older_city(place: Path) -> None:
    """A whole city under the name of another."""
    other = place.with_name("city-fedcba9876543210")
    save_city(load_city(place), other)
    shutil.rmtree(place)
    other.rename(place)


def without_seal(place: Path) -> None:
    """As versions before the seal wrote it."""
    (place / SEAL).unlink()


def without_part(place: Path) -> None:
    (place / "plazas.parquet").unlink()


@pytest.mark.parametrize(
    "spoil", [cut, swapped, older_part, older_city, without_seal, without_part]
)
def test_parts_that_do_not_belong_together_are_noticed(
    kept: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    place = shutil.copytree(kept, tmp_path / kept.name)
    assert not refused(place)
    (tmp_path / "older").mkdir()
    spoil(place)
    assert refused(place)


def test_a_spoiled_cache_is_read_again_and_mended(folder: Path) -> None:
    study, pack = opened(folder)
    before = cached_city(study, pack, folder=folder)
    (place,) = (folder / ".cache").glob("city-*")
    path = place / "venue_doors.parquet"
    spoiled = bytearray(path.read_bytes())
    spoiled[len(spoiled) // 3] ^= 4
    path.write_bytes(spoiled)
    again = cached_city(study, pack, folder=folder)
    assert (again.facilities.entrances.xy == before.facilities.entrances.xy).all()
    assert not refused(place)


def test_all_code_that_reads_is_in_the_digest() -> None:
    """Whatever Python loads to read a city, by its own account."""
    code = "import sys, gusu_geo.sources.city\nprint(*(m.__file__ for n, m in sys.modules.items() if n.startswith('gusu_geo')))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(file).relative_to(PACKAGE).as_posix() for file in told.stdout.split()}
    assert {"sources/venues.py", "study/catalog.py", "geometry.py", "tables/__init__.py"} <= loaded
    assert loaded <= set(code_of(PACKAGE, AFTERWARDS))


@pytest.mark.parametrize(
    ("file", "reads"),
    [
        ("study/catalog.py", True),
        ("sources/osm/walk_policy.py", True),
        ("sources/osm/deeper/new.py", True),
        ("words.toml", True),
        ("report/console.py", False),
        ("report/webmap/page/style.css", False),
    ],
)
def test_changed_code_changes_what_it_decides(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, reads: bool
) -> None:
    copy = tmp_path / "gusu_geo"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digests, "PACKAGE", copy)
    study, pack = opened(folder)
    key = digest_of(study, pack)
    result = result_id(study, key)
    (copy / file).parent.mkdir(exist_ok=True)
    with (copy / file).open("a") as stream:
        stream.write("\n")
    code_of.cache_clear()
    assert (digest_of(study, pack) != key) == reads
    assert result_id(study, digest_of(study, pack)) != result


def test_another_library_reads_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, pack = opened(folder)
    key, libraries = digest_of(study, pack), digests._libraries()
    assert {"osmium", "geopandas", "shapely", "pyproj", "geos", "proj"} <= set(libraries)
    monkeypatch.setattr(digests, "_libraries", lambda: libraries | {"osmium": "9"})
    assert digest_of(study, pack) != key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('boundary = "area.geojson"', 'boundary = "area.geojson"\nbuffer_m = 900'),
        ('osm = "street.osm"', 'osm = "street.osm"\npolicy = { drop = ["steps"] }'),
        ("complete = true", 'complete = true\nevidence = "B"'),
        ('source = "homes.csv"', 'source = "homes.csv"\npersons_total = 9\npersons_source = "x"'),
        ('level = "half"', 'level = "part"'),
        ("[candidates]", '[compounds]\ncrs = "gcj02"\n[candidates]'),
    ],
)
def test_every_setting_that_reading_sees_is_in_the_digest(folder: Path, old: str, new: str) -> None:
    key = digest_of(*opened(folder))
    assert STUDY.count(old) == 1
    (folder / "study.toml").write_text(STUDY.replace(old, new), encoding="utf-8")
    assert digest_of(*opened(folder)) != key


def test_what_is_not_in_the_digest_cannot_decide(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, pack = opened(folder)
    head = STUDY.replace("[area]", 'lang = "zh"\n[area]').replace(
        'osm = "street.osm"', 'osm = "street.osm"\nsnap_max_m = 50\nisland_max_m = 0'
    )
    text = head + "[walk]\nspeed_mps = 0.7\n[report]\ninternal = false\n"
    (folder / "study.toml").write_text(text, encoding="utf-8")
    study, _ = opened(folder)
    other = with_profile(study, "elder")
    assert digest_of(plain, pack) == digest_of(study, pack) == digest_of(other, pack)
    assert len({result_id(each, "key") for each in (plain, study, other)}) == 3
    seen: list[Study] = []
    monkeypatch.setattr(cache, "read_city", lambda study, pack: (seen.append(study), read_city(study, pack))[1])  # fmt: skip
    for each in (plain, study, other):
        cached_city(each, pack, folder=folder, force=True)
    assert [each.model_dump(exclude={"root"}) for each in seen[1:]] == [
        seen[0].model_dump(exclude={"root"})
    ] * 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*args: Any) -> Any:
        city = read_city(*args)
        ledger(folder / "homes.csv", {"h1": (100, 0)}, 人数=[7])
        return city

    study, pack = opened(folder)
    monkeypatch.setattr(cache, "read_city", slowly)
    assert len(cached_city(study, pack, folder=folder).residences.frame) == 4
    assert not list((folder / ".cache").glob("city-*"))
    assert len(cached_city(study, pack, folder=folder).residences.frame) == 1
