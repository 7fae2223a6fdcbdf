"""What a child process hands over: numbers, texts and bytes as npz, the rest as JSON. No pickles.

Values are taken apart and put together by the declared types of their fields, so a new field of a
dataclass needs no line here. Known are dataclasses, named tuples, numpy arrays, mappings, lists,
sets and tuples, paths, bytes in long columns, and what JSON holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from gusu_geo import errors
from gusu_geo.errors import InputError
from gusu_geo.words import Text

ARRAYS, ANSWER = "arrays.npz", "answer.json"
_NUMBERS = {int: np.int64, float: np.float64}
_ENDS = ".ends"
_LETTER: Mapping[Any, str] = {str: "t", bytes: "b"}  # that names of columns of them begin with


@dataclass
class Box:
    """The long columns of a value: arrays of numbers, and lists of texts or bytes."""

    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    texts: dict[str, list[Any]] = field(default_factory=dict)

    def keep(self, array: npt.NDArray[Any]) -> str:
        """Name under which the array is kept; one of texts if it holds objects."""
        if array.dtype == object:
            return self.keep_texts(array.tolist())
        name = f"a{len(self.arrays)}"
        self.arrays[name] = array
        return name

    def keep_texts(self, texts: list[Any], kind: type = str) -> str:
        """Name under which the texts, or bytes, are kept."""
        name = f"{_LETTER[kind]}{len(self.texts)}"
        self.texts[name] = texts
        return name

    def array(self, name: str) -> npt.NDArray[Any]:
        """The array of that name; texts as objects."""
        if name in self.arrays:
            return self.arrays[name]
        found = np.empty(len(self.texts[name]), object)
        found[:] = self.texts[name]
        return found

    def save(self, folder: Path) -> None:
        """Write all columns into the folder; the texts of a column joined, and their lengths."""
        joined: dict[str, npt.NDArray[Any]] = {}
        for name, texts in self.texts.items():
            whole = "".join(texts).encode() if name[0] == "t" else b"".join(texts)
            joined[name] = np.frombuffer(whole, np.uint8)
            joined[f"{name}{_ENDS}"] = np.cumsum([len(each) for each in texts], dtype=np.int64)
        np.savez(folder / ARRAYS, allow_pickle=False, **self.arrays, **joined)

    @classmethod
    def load(cls, folder: Path) -> Box:
        """The columns that ``save`` wrote."""
        with np.load(folder / ARRAYS, allow_pickle=False) as kept:
            arrays = dict(kept)
        texts = {}
        for name in [name for name in arrays if name.endswith(_ENDS)]:
            ends, name = arrays.pop(name).tolist(), name.removesuffix(_ENDS)
            whole: Any = arrays.pop(name).tobytes()
            whole = whole.decode() if name[0] == "t" else whole
            texts[name] = [whole[a:b] for a, b in zip([0, *ends], ends, strict=False)]
        return cls(arrays, texts)


def pack(value: Any, kind: Any, box: Box | None) -> Any:
    """The value, declared as ``kind``, as JSON; its long columns go into the box.

    Without a box, everything becomes JSON: so it is inside of lists, whose members are many.
    """
    kind, origin = _kind(kind, value)
    if is_dataclass(origin):
        hints = get_type_hints(origin)
        return {f.name: pack(getattr(value, f.name), hints[f.name], box) for f in fields(origin)}
    if box is not None and origin is np.ndarray:
        return box.keep(value)
    if issubclass(origin, Mapping):
        keys, values = _pair(kind)
        both = (list(value), list[keys]), (list(value.values()), list[values])  # type: ignore[valid-type]
        return [pack(each, side, box) for each, side in both]
    member = _member(kind, origin)
    if member is not None:
        return _pack_members(list(value), member, box)
    if issubclass(origin, tuple):
        return [pack(each, hint, None) for each, hint in zip(value, _parts(kind), strict=True)]
    return str(value) if issubclass(origin, Path) else value


def unpack(packed: Any, kind: Any, box: Box | None) -> Any:
    """The value that ``pack`` took apart."""
    kind, origin = _kind(kind, packed)
    if is_dataclass(origin) and isinstance(origin, type):
        hints = get_type_hints(origin)
        return origin(**{name: unpack(packed[name], hints[name], box) for name in packed})
    if box is not None and origin is np.ndarray:
        return box.array(packed)
    if issubclass(origin, Mapping):
        sides = zip(packed, _pair(kind), strict=True)
        keys, values = (unpack(side, list[hint], box) for side, hint in sides)  # type: ignore[valid-type]
        return origin(dict(zip(keys, values, strict=True)))
    member = _member(kind, origin)
    if member is not None:
        return origin(_unpack_members(packed, member, box))
    if issubclass(origin, tuple):
        return origin(unpack(e, hint, None) for e, hint in zip(packed, _parts(kind), strict=True))
    return Path(packed) if issubclass(origin, Path) else packed


def _pack_members(members: list[Any], kind: Any, box: Box | None) -> Any:
    """Members of one type: numbers and texts into the box, tuples column by column."""
    if box is not None and kind in _LETTER:
        return box.keep_texts(members, kind)
    if box is not None and kind in _NUMBERS:
        return box.keep(np.array(members, _NUMBERS[kind]))
    if box is not None and (parts := _parts(kind)):
        columns = ([member[ix] for member in members] for ix in range(len(parts)))
        return [_pack_members(*column, box) for column in zip(columns, parts, strict=True)]
    return members if _as_json(kind) else [pack(each, kind, None) for each in members]


def _unpack_members(packed: Any, kind: Any, box: Box | None) -> Iterable[Any]:
    if box is not None and kind in _LETTER:
        return box.texts[packed]
    if box is not None and kind in _NUMBERS:
        numbers: list[Any] = box.arrays[packed].tolist()
        return numbers
    if box is not None and (parts := _parts(kind)):
        columns = (
            _unpack_members(each, part, box) for each, part in zip(packed, parts, strict=True)
        )
        rows = zip(*columns, strict=True)
        named = getattr(kind, "_make", None)
        return map(named, rows) if named else rows
    return packed if _as_json(kind) else (unpack(each, kind, None) for each in packed)


def fault_as_json(error: InputError) -> str:
    """One of our errors as JSON, its texts as keys and values: the reader's language is unknown."""
    parts = {name: _plain(getattr(error, name)) for name in ("what", "where", "got", "fix")}
    return json.dumps({"kind": type(error).__name__, **parts})


def fault_of(packed: str) -> InputError:
    """The error that ``fault_as_json`` took apart."""
    parts = {name: _whole(part) for name, part in json.loads(packed).items()}
    kind: type[InputError] = getattr(errors, parts.pop("kind"))
    return kind(parts.pop("what"), **parts)


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"text": value.key, "values": {name: _plain(each) for name, each in value.values}}
    if isinstance(value, tuple):
        return {"tuple": [_plain(each) for each in value]}
    return value if value is None or isinstance(value, int | float | list) else str(value)


def _whole(packed: Any) -> Any:
    if not isinstance(packed, dict):
        return packed
    if "tuple" in packed:
        return tuple(map(_whole, packed["tuple"]))
    values = {name: _whole(each) for name, each in packed["values"].items()}
    return Text(packed["text"], tuple(sorted(values.items())))


def _kind(kind: Any, value: Any) -> tuple[Any, Any]:
    """The declared type, of "... | None" the member that fits, and its class without brackets."""
    if get_origin(kind) in (Union, UnionType):
        members = [each for each in get_args(kind) if (each is NoneType) == (value is None)]
        kind = members[0]
    return kind, get_origin(kind) or kind


@cache
def _as_json(kind: Any) -> bool:
    """Whether values of this type stand in JSON as they are: texts, numbers, and lists and dicts
    by text of them. It saves asking for each of many members."""
    args, origin = get_args(kind), get_origin(kind) or kind
    if origin is list:
        return _as_json(args[0])
    if origin is dict:
        return args[0] is str and _as_json(args[1])
    return origin in (str, int, float, bool)


def _pair(kind: Any) -> tuple[Any, Any]:
    """Types of the keys and values of a mapping; a Counter names only its keys."""
    keys, *values = get_args(kind)
    return keys, values[0] if values else int


def _member(kind: Any, origin: type) -> Any:
    """The type of all members of a list, set or tuple of any length, else None."""
    args = get_args(kind)
    if issubclass(origin, list | set | frozenset) or (issubclass(origin, tuple) and ... in args):
        return args[0]
    return None


@cache
def _parts(kind: Any) -> tuple[Any, ...]:
    """The types of the members of a tuple of fixed length or a named tuple, else none."""
    origin, args = get_origin(kind) or kind, get_args(kind)
    if not (isinstance(origin, type) and issubclass(origin, tuple)) or ... in args:
        return ()
    return args or tuple(get_type_hints(kind).values())
