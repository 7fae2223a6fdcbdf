"""Bodies that can be paired with communities, their pairs of today, and the projects of these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gusu_geo.errors import StudyError, nearest_name
from gusu_geo.geometry import WGS84, transformer
from gusu_geo.sources.ledgers.files import path_of
from gusu_geo.sources.ledgers.row_sheets import PLACE, Usual
from gusu_geo.sources.ledgers.rows import Rows, read_rows
from gusu_geo.sources.zone_names import OUTSIDE, ZoneNames, plain_name
from gusu_geo.study.catalog import SEPARATORS
from gusu_geo.study.district import BodyPair, PairingParams
from gusu_geo.study.themes import Themes
from gusu_geo.tables.books import AND, joined
from gusu_geo.words import Text, text

if TYPE_CHECKING:  # it calls this module
    from gusu_geo.sources.books import Books, Known

BODY = ("单位", "单位名称", "结对单位", "共建单位", "body")
_COMMUNITY = ("社区", "社区名称", "结对社区", "所属社区", "community")
BODIES: Usual = {
    "id": ("编号", "单位编号", "id"),
    "name": (*BODY, "name"),
    "tier": ("层级", "单位层级", "级别", "tier"),
    "functions": ("职能", "主要职能", "单位职能", "functions"),
    "most": ("上限", "结对上限", "most"),
    **PLACE,
}  # fmt: skip
PAIRS = {"body": BODY, "community": _COMMUNITY}
PROJECTS = {
    "project": ("项目", "项目名称", "project"),
    "body": BODY,
    "community": _COMMUNITY,
    "theme": ("主题", "项目主题", "theme"),
    "status": ("状态", "进展", "status"),
}


class Bodies:
    """The bodies by what ledgers call them: id, if the ledger has any, or name."""

    def __init__(self, table: pd.DataFrame, *, numbered: bool) -> None:
        self.names = [*table["name"], *(table.index if numbered else ())]
        self._found = {plain_name(name): key for key, name in table["name"].items()}
        if numbered:
            self._found |= {plain_name(key): key for key in table.index}

    def find(self, name: object) -> str:
        """The id of a body, "" if there is none of this name."""
        return str(self._found.get(plain_name(name), ""))

    def hint(self, name: str) -> Text:
        """The nearest name."""
        return nearest_name(name, self.names)


def read_pairing(known: Known, params: PairingParams, books: Books) -> None:
    """The tables "bodies", "pairs" and "projects" of the study.

    Raises SourceError, StudyError: as ``read_rows``; a name in ``keep`` or ``forbid`` that is
    unknown, or a pair that is both.
    """
    level = known.level(params.level, "pairing.level")
    zones = known.names(level)
    table, numbered = _read_bodies(known, params, books)
    bodies = Bodies(table, numbered=numbered)
    keep = _named_pairs(params.keep, "keep", bodies, zones)
    forbid = _named_pairs(params.forbid, "forbid", bodies, zones)
    both = sorted(set(keep) & set(forbid))
    if both:
        body, zone = both[0]
        names = f"{table['name'][body]} — {zone}"
        what = text("error.sentence", what=text("error.keep_and_forbid", names=names))
        raise StudyError(what, where="pairing")
    for key, pairs in (("keep", keep), ("forbid", forbid)):
        table[key] = [AND.join(z for b, z in pairs if b == body) for body in table.index]
    _read_pairs(known, params, books, bodies, zones)
    _read_projects(known, params, books, bodies, zones)


def _read_bodies(known: Known, params: PairingParams, books: Books) -> tuple[pd.DataFrame, bool]:
    """The table of bodies, which is added to the books, and whether the ledger has ids."""
    where, ledger = "pairing.bodies", params.bodies
    rows = read_rows(path_of(known.study, ledger.source, where), ledger, where, BODIES, ["name"])
    lonlat = rows.lonlat(ledger, known.evidence)
    most = rows.numbers("most", least=1, blank=True)
    for at in np.flatnonzero(np.isfinite(most) & (most % 1 != 0)).tolist():
        rows.fault(at, "most", "pairing_most_whole")
    seen: set[str] = set()
    for at, name in rows.each("name"):
        plain = plain_name(name)
        if not plain:
            rows.fault(at, "name", "pairing_no_body")
        elif plain in seen:
            rows.fault(at, "name", "pairing_body_again")
        elif at not in rows.faults:
            seen.add(plain)
    ids = rows.ids()
    used = rows.settled()
    cells = rows.cells.iloc[used]
    x, y = transformer(WGS84, known.area.crs).transform(lonlat[used, 0], lonlat[used, 1])
    there = np.isfinite(lonlat[used]).all(axis=1)
    table = pd.DataFrame(
        {
            "name": cells["name"].to_numpy(object),
            "tier": cells["tier"].to_numpy(object),
            "functions": [AND.join(_words(cell)) for cell in cells["functions"]],
            "most": np.where(np.isfinite(most[used]), most[used], 1).astype(np.int64),
            "x": np.where(there, x, np.nan),
            "y": np.where(there, y, np.nan),
        },
        index=pd.Index([ids[at] for at in used], dtype=object, name="id"),
    )
    books.add("bodies", table, rows)
    return table, rows.has("id")


def _read_pairs(
    known: Known, params: PairingParams, books: Books, bodies: Bodies, zones: ZoneNames
) -> None:
    """The pairs of today."""
    where, ledger = "pairing.pairs", params.pairs
    if ledger is None:
        return
    path = path_of(known.study, ledger.source, where)
    rows = read_rows(path, ledger, where, PAIRS, ["body", "community"])
    found, theirs = _bodies_in(rows, bodies), _zones_in(rows, zones)
    seen: set[tuple[str, str]] = set()
    for at, pair in enumerate(zip(found, theirs, strict=True)):
        if at in rows.faults:
            continue
        if pair in seen:
            rows.fault(at, "community", "pairing_pair_again", body=rows.cells["body"].iloc[at])
        seen.add(pair)
    used = rows.settled()
    table = {"body": [found[at] for at in used], "zone": [theirs[at] for at in used]}
    books.add("pairs", pd.DataFrame(table, dtype=object), rows)


def _read_projects(
    known: Known, params: PairingParams, books: Books, bodies: Bodies, zones: ZoneNames
) -> None:
    """The projects of pairs."""
    where, ledger = "pairing.projects", params.projects
    if ledger is None:
        return
    path = path_of(known.study, ledger.source, where)
    rows = read_rows(path, ledger, where, PROJECTS, ["project", "body", "community"])
    found, theirs = _bodies_in(rows, bodies), _zones_in(rows, zones)
    themes, services = _themed(known, rows)
    for at, name in rows.each("project"):
        if not name:
            rows.fault(at, "project", "pairing_no_project")
    used = rows.settled()
    cells = rows.cells.iloc[used]
    table = {
        "name": cells["project"].to_numpy(object),
        "body": [found[at] for at in used],
        "zone": [theirs[at] for at in used],
        "theme": [themes[at] for at in used],
        "services": [services[at] for at in used],
        "status": cells["status"].to_numpy(object),
    }
    books.add("projects", pd.DataFrame(table, dtype=object), rows)


def _themed(known: Known, rows: Rows) -> tuple[list[str], list[str]]:
    """Themes and services of each row: themes as of signals, and what bodies do about a service."""
    signals = known.study.signals
    themes = Themes(known.pack, signals.themes if signals else {}, "signals.themes")
    named, about = [], []
    for at, cell in rows.each("theme"):
        said = themes.read(cell)
        served = {
            word: [each.id for each in known.pack.services if each.served_by(word)]
            for word in said.unknown
        }
        unknown = [word for word, ids in served.items() if not ids]
        if unknown:
            near = themes.nearest(unknown[0])
            hint = text("error.did_you_mean", name=near) if near else None
            hint = hint or nearest_name(unknown[0], [each.zh for each in known.pack.services])
            rows.fault(at, "theme", "pairing_theme_unknown", remedy=hint)
        meant = {*said.services, *(one for ids in served.values() for one in ids)}
        named.append(joined(said.themes))
        about.append(joined([one for one in known.pack.service_ids if one in meant]))
    return named, about


def _bodies_in(rows: Rows, bodies: Bodies) -> list[str]:
    """The body of each row; a fault where it is unknown."""
    found = [bodies.find(cell) for _, cell in rows.each("body")]
    for at, cell in rows.each("body"):
        if not cell:
            rows.fault(at, "body", "pairing_no_body")
        elif not found[at]:
            rows.fault(at, "body", "pairing_body_unknown", remedy=bodies.hint(cell))
    return found


def _zones_in(rows: Rows, zones: ZoneNames) -> list[str]:
    """The community of each row; a fault where no or several communities are called so."""
    found = []
    for at, cell in rows.each("community"):
        match = zones.find_or_beyond(cell)
        if not plain_name(cell):
            rows.fault(at, "community", "pairing_no_community")
        elif match.why == OUTSIDE:
            rows.leave(at, OUTSIDE)
        elif match.why:
            rows.fault(at, "community", f"pairing_community_{match.why}")
        found.append(match.zone_id)
    return found


def _named_pairs(
    given: Sequence[BodyPair], key: str, bodies: Bodies, zones: ZoneNames
) -> list[tuple[str, str]]:
    """Pairs of the study as ids. Raises StudyError: an unknown name."""
    found = []
    for number, (name, community) in enumerate(given, start=1):
        where = f"pairing.{key}[{number}]"
        body, match = bodies.find(name), zones.find(community)
        if not body:
            raise StudyError(
                text("error.pairing_unknown_body"), where=where, got=name, fix=bodies.hint(name)
            )
        if match.why:
            what = text(f"error.pairing_unknown_{match.why}")
            raise StudyError(
                what, where=where, got=community, fix=text("error.pairing_mend_community")
            )
        found.append((body, match.zone_id))
    return list(dict.fromkeys(found))


def _words(cell: str) -> list[str]:
    """The parts of a cell, each once."""
    return list(dict.fromkeys(filter(None, (part.strip() for part in SEPARATORS.split(cell)))))
