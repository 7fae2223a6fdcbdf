"""The reference of the study file: every key with what it may be, its default and its meaning, made
from the models as the schema for editors is.

``make schemas`` writes docs/study-file.md and docs/study-file.zh.md; ``python -m
gusu_geo.study.reference zh`` prints the Chinese one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from gusu_geo.study.catalog import PROFILES, list_packs
from gusu_geo.study.params import Ledger
from gusu_geo.study.schema import MODELS, key_of, study_schema
from gusu_geo.words import COMMA, LANGUAGES, text

Kind = dict[str, Any]  # of a key, as the schema has it
NONE = "—"


def study_reference(lang: str) -> str:
    """The document in the language "zh" or "en", as Markdown.

    >>> "| `buffer_m` | number, 0 to 20000 | 1800 |" in study_reference("en")
    True
    """
    return "\n".join(_Reference(lang).lines()) + "\n"


class _Reference:
    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._space = " " if lang == "en" else ""  # between sentences
        self._schema = study_schema()
        self._defs: dict[str, Kind] = self._schema["$defs"]
        self._used = self._uses()

    def _say(self, key: str, **values: Any) -> str:
        return text(f"reference.{key}", **values).in_language(self._lang)

    def _means(self, key: str) -> str:
        """What a part or a key means; documents that it names are linked."""
        words = text(f"study_key.{key}").in_language(self._lang)
        return re.sub(r"docs/([\w.-]+\.md)", r"[docs/\1](\1)", words)

    def lines(self) -> Iterator[str]:
        """All lines: head, the parts in the order of the models, what they share, service ids."""
        yield f"# {self._say('title')}"
        for key in ("other", "made", "how", "paths"):
            yield from ("", self._say(key))
        for key, kind in self._schema["properties"].items():
            yield from self._part(key, kind)
        yield from ("", f"## {self._say('ledger_heading')}", "", self._means("Ledger"), "")
        shared = self._defs["FacilitySource"]["properties"]
        yield from self._table("FacilitySource", {key: shared[key] for key in Ledger.model_fields})
        yield from ("", f"## {self._say('tables')}", "", self._say("tables_how"))
        for name in self._used:
            yield from ("", f"### {self._heading(name)}", "", self._with_ledger(name))
            yield from ("", *self._table(name, self._own(name)))
        yield from self._profiles()
        yield from self._services()

    def _part(self, key: str, kind: Kind) -> Iterator[str]:
        """A part that has a line of its own in square brackets."""
        if key == "study":
            yield from ("", f"## `[study]` {self._means('Study').rstrip('。.')}", "")
            yield from self._table("Study", kind["properties"])
            return
        both = "anyOf" in kind  # one table, or several
        kind = kind["anyOf"][0] if both else kind
        several = kind.get("type") == "array"
        name = _name(kind["items"] if several else kind)
        label = self._means(f"Study.{key}").rstrip("。.")
        said = [self._with_ledger(name)]
        said += [] if key in self._schema["required"] else [self._say("optional")]
        head = f"[{key}]` / `[[{key}]]" if both else f"[[{key}]]" if several else f"[{key}]"
        yield from ("", f"## `{head}` {label}", "")
        yield from (self._space.join(said), "")
        yield from self._table(name, self._own(name))

    def _with_ledger(self, name: str) -> str:
        """What a part is, and whether the keys of a ledger stand in it."""
        if not issubclass(MODELS[name], Ledger):
            return self._means(name)
        more = self._say("ledger_keys", anchor=_anchor(self._say("ledger_heading")))
        return f"{self._means(name)}{self._space}{more}"

    def _own(self, name: str) -> dict[str, Kind]:
        """The keys of a part but for those of a ledger."""
        shared = Ledger.model_fields if issubclass(MODELS[name], Ledger) else ()
        keys: dict[str, Kind] = self._defs[name]["properties"]
        return {key: kind for key, kind in keys.items() if key not in shared}

    def _table(self, name: str, keys: dict[str, Kind]) -> Iterator[str]:
        heads = [self._say(key) for key in ("key", "value", "default", "meaning")]
        yield f"| {' | '.join(heads)} |"
        yield "|---|---|---|---|"
        for key, kind in keys.items():
            default = _toml(kind["default"]) if "default" in kind else NONE
            if MODELS[name].model_fields[key].is_required():
                default = self._say("required")
            meaning = self._means(key_of(MODELS[name], key))
            yield f"| `{key}` | {self._kind(kind)} | {default} | {meaning} |"

    def _kind(self, kind: Kind) -> str:
        """What may be written."""
        if "anyOf" in kind:
            kinds = [one for one in kind["anyOf"] if one.get("type") != "null"]
            return f" {self._say('either')} ".join(map(self._kind, kinds))
        if "$ref" in kind:
            return (
                f"[`{{ {', '.join(self._inside(kind))} }}`](#{_anchor(self._heading(_name(kind)))})"
            )
        if "enum" in kind:
            return f" {self._say('either')} ".join(map(_toml, kind["enum"]))
        if kind["type"] == "object":
            values = kind.get("additionalProperties", {})
            if "$ref" in values:
                return self._say("table_of", kind=self._kind(values))
            inner = values.get("type")
            if inner == "boolean":
                return self._say("flag_table")
            return self._say("number_table" if inner == "number" else "word_table")
        if kind["type"] == "array" and "maxItems" in kind:
            return self._say("several_numbers", count=kind["maxItems"])
        if kind["type"] == "array":
            return self._say("list", kind=self._kind(kind["items"]))
        if kind["type"] == "boolean":
            return self._say("yes_no")
        plain = kind.get("format", kind["type"].replace("string", "text"))
        bounds = self._bounds(kind)
        return ("，" if self._lang == "zh" else ", ").join(filter(None, (self._say(plain), bounds)))

    def _inside(self, kind: Kind) -> list[str]:
        """The keys of a table; of many, the first three."""
        name = _name(kind)
        own = list(self._own(name))
        return own[:3] + ["…"] * (len(own) > 3 or issubclass(MODELS[name], Ledger))

    def _bounds(self, kind: Kind) -> str:
        most, least = kind.get("maximum"), kind.get("minimum")
        above = kind.get("exclusiveMinimum")
        if "maxLength" in kind:
            return self._say("at_most_letters", most=kind["maxLength"])
        if above is not None:
            key = "above" if most is None else "above_to"
            values = {"least": f"{above:g}"} | ({"most": f"{most:g}"} if most is not None else {})
            return self._say(key, **values)
        if least is not None and most is not None:
            return self._say("from_to", least=f"{least:g}", most=f"{most:g}")
        return "" if least is None else self._say("at_least", least=f"{least:g}")

    def _uses(self) -> dict[str, list[str]]:
        """The tables in braces, each with the keys whose values they are."""
        found: dict[str, list[str]] = {}
        for table in (self._schema["properties"]["study"], *self._defs.values()):
            for key, kind in table["properties"].items():
                held = (kind.get("items", {}), kind.get("additionalProperties", {}))
                for one in (kind, *kind.get("anyOf", ()), *held):
                    if not isinstance(one, dict):
                        continue
                    if "$ref" in one and key not in found.setdefault(_name(one), []):
                        found[_name(one)].append(key)
        return found

    def _heading(self, name: str) -> str:
        return COMMA[self._lang].join(f"`{key}`" for key in self._used[name])

    def _profiles(self) -> Iterator[str]:
        heads = [self._say(key) for key in ("id", "name", "speed", "steps", "wheels")]
        yield from ("", f"## {self._say('profiles')}", "", f"| {' | '.join(heads)} |")
        yield "|---|---|---|---|---|"
        for one in PROFILES.values():
            numbers = f"{one.speed_mps:g} | {one.steps_factor:g} | {_toml(one.wheels)}"
            yield f"| `{one.id}` | {one.zh if self._lang == 'zh' else one.en} | {numbers} |"

    def _services(self) -> Iterator[str]:
        yield from ("", f"## {self._say('services')}", "", self._say("services_how"))
        for pack in list_packs().values():
            heads = f"| `{pack.id}`: {self._say('id')} | {self._say('service')} |"
            yield from ("", heads, "|---|---|")
            for service in pack.services:
                yield f"| `{service.id}` | {service.zh if self._lang == 'zh' else service.en} |"


def _name(kind: Kind) -> str:
    return str(kind["$ref"]).rsplit("/", 1)[-1]


def _toml(value: object) -> str:
    """A value as the study file writes it."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f'`"{value}"`' if isinstance(value, str) else f"{value:g}"


def _anchor(heading: str) -> str:
    """How a link names a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


if __name__ == "__main__":
    lang = sys.argv[1] if sys.argv[1:] and sys.argv[1] in LANGUAGES else "en"
    sys.stdout.write(study_reference(lang))
