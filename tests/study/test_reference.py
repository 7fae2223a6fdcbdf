"""The reference of the study file: current, whole, and true of what the reader does with a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from gusu_geo.errors import StudyError
from gusu_geo.study.reference import study_reference
from gusu_geo.study.study_file import parse_study

FILES = {"zh": "docs/study-file.zh.md", "en": "docs/study-file.md"}


@pytest.mark.parametrize("lang", FILES)
def test_the_document_is_current(lang: str) -> None:
    kept = (ROOT / FILES[lang]).read_text(encoding="utf-8")
    assert kept == study_reference(lang), "rebuild it: make schemas"


def rows(lang: str) -> list[tuple[str, str, str]]:
    """(part, key, default) of the parts with a line in square brackets."""
    found = []
    for part in study_reference(lang).split("\n## ")[1:]:
        name = re.match(r"`\[+(\w+)\]+`", part)
        for key, default in re.findall(r"^\| `(\w+)` \| .* \| (.*) \| .* \|$", part, re.M):
            found += [(name[1], key, default)] if name else []
    return found


def test_the_example_names_every_key_and_every_key_it_names_is_explained() -> None:
    """studies/monaco.toml: a # before a key switches it off."""
    words = (ROOT / "studies" / "monaco.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w.-])([a-z]\w*) += |\[\[\w+\.(\w+)\]\]", words))
    named = {one or other for one, other in named}
    explained = set(re.findall(r"^\| `(\w+)` \|", study_reference("en"), re.MULTILINE))
    tables = study_reference("en").partition("## Walking profiles")[0]
    keys = set(re.findall(r"^\| `(\w+)` \|", tables, re.MULTILINE))
    assert len(keys) > 60
    assert named - explained == set() == keys - named


@pytest.mark.parametrize("lang", FILES)
def test_defaults_and_requirements_are_those_of_the_reader(lang: str) -> None:
    """What is given as the default may be written, and changes nothing."""
    required = {"zh": "必填", "en": "required"}[lang]
    whole: dict[str, Any] = {
        "study": {"name": "x"},
        "area": {"bbox": [7.4, 43.7, 7.5, 43.8]},
        "network": {"osm": "x.osm.pbf"},
        "facilities": [{}],
        "zones": [{"level": "a", "source": "a.geojson"}],
        "signals": {"source": "a.csv"},
        "pairing": {"bodies": {"source": "a.csv"}},
        "capacity": {},
    }
    plain, tried = parse_study(whole, root=Path()), 0
    for part, key, default in rows(lang):
        table = whole.get(part, {})
        inside = table[0] if isinstance(table, list) else table
        if default == required:
            less = {k: v for k, v in inside.items() if k != key}
            spoilt = {**whole, part: [less] if isinstance(table, list) else less}
            with pytest.raises(StudyError, match=key):
                parse_study(spoilt, root=Path())
        elif default != "—":
            value = {"`true`": True, "`false`": False}.get(default)
            text = default.startswith('`"')
            value = value if value is not None else default.strip('`"') if text else float(default)
            more = {**inside, key: value}
            written = {**whole, part: [more] if isinstance(table, list) else more}
            assert parse_study(written, root=Path()) == plain, (part, key)
        else:
            continue
        tried += 1
    assert tried > 30
