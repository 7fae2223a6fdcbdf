"""Homes by what people call them: id, name, pinyin, address, compound, or the street nearby."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo.errors import InputError
from gusu_geo.geometry import Shapes
from gusu_geo.report.webmap.pinyin import spelled
from gusu_geo.streets.network import WalkNetwork
from gusu_geo.tables import Bools, City, Ints
from gusu_geo.words import Text, folded, text

LISTED = 10  # homes that a message lists
COMPARED = 20_000  # ids that are searched for a similar one
SPELLED = re.compile(r"(?=(?:.*[a-z]){2})[a-z0-9]+")  # what may be pinyin or initials


@dataclass(frozen=True, eq=False)
class Homes:
    """The homes of a city (R,), and the streets that they may be named by."""

    city: City
    net: WalkNetwork

    def find(self, asked: str, where: str) -> int:
        """Position of the home with this id; else of the one whose name or address this is; else
        compound; else by pinyin; else by a part of any. ``where``: name of the study.

        Raises InputError: several homes (up to ten are listed), or none.
        """
        ids = self.city.residences.frame.index
        if asked in ids:
            return int(np.flatnonzero(ids == asked)[0])
        rows = next((rows for rows in self._tiers(asked) if len(rows)), np.zeros(0, np.int64))
        if len(rows) == 1:
            return int(rows[0])
        if len(rows) == 0:
            raise InputError(
                text("error.no_residence"), where=where, got=asked, fix=self._similar(asked)
            )
        listed = tuple(
            text("error.home_listed", id=str(ids[r]), name=self.called(r))
            for r in rows[:LISTED].tolist()
        )
        more = ("…",) if len(rows) > LISTED else ()
        what = text("error.several_homes", count=len(rows))
        fix = text("error.give_one_id", homes=(*listed, *more))
        raise InputError(what, where=where, got=asked, fix=fix)

    def called(self, r: int) -> Text | str:
        """What a home is called: its name, else its compound's, else its address, else the street
        nearby, else its id."""
        frame = self.city.residences.frame
        own = self.names[r] or self.compounds[r] or self.addresses[r]
        return own or self.near(frame.geometry.iloc[r]) or str(frame.index[r])

    def near(self, point: shapely.Point) -> Text | str:
        """ "near" the nearest street with a name, "" where no street has one."""
        street = self.street_near(point)
        return text("console.near_street", street=street) if street else ""

    @cached_property
    def names(self) -> list[str]:
        """(R,) names, "" for none."""
        return [str(name) for name in self.city.residences.frame["name"]]

    @cached_property
    def addresses(self) -> list[str]:
        """(R,) street and house number, "" where unknown."""
        frame = self.city.residences.frame
        return [str(name) for name in frame["address"]] if "address" in frame else [""] * len(frame)

    @cached_property
    def compounds(self) -> list[str]:
        """(R,) name of the smallest compound with a name that holds each home, "" for none."""
        frame, homes = self.city.compounds, self.city.residences.frame
        shapes = np.asarray(frame.geometry.to_numpy(), object)
        names = frame["name"].astype(str).to_numpy(object)
        order = np.argsort(-shapely.area(shapes), kind="stable")
        order = order[names[order] != ""]
        points = np.asarray(homes.geometry.to_numpy(), object)
        home, compound = shapely.STRtree(shapes[order]).query(points, predicate="intersects")
        found = np.full(len(homes), "", object)
        by = np.lexsort((compound, home))  # the last written is the smallest
        found[home[by]] = names[order][compound[by]]
        return [str(name) for name in found]

    def street_near(self, point: shapely.Point) -> str:
        """The nearest street with a name, "" where no street has one."""
        tree, names = self._named_streets
        nearest = tree.nearest(point) if len(names) else None
        return "" if nearest is None else str(names[int(nearest)])

    @cached_property
    def _named_streets(self) -> tuple[shapely.STRtree, npt.NDArray[np.object_]]:
        named = np.flatnonzero(self.net.name.astype(str) != "")
        lines: Shapes = self.net.edge_lines[named]
        return shapely.STRtree(lines), self.net.name[named]

    def _tiers(self, asked: str) -> list[Ints] | tuple[Ints, ...]:
        """Positions of homes that fit, the strictest reading first."""
        wanted = _bare(asked)
        if not wanted:
            return []
        names, compounds = (list(map(_bare, part)) for part in (self.names, self.compounds))
        forth, back = zip(*map(_both_ways, self.addresses), strict=True)
        spoken = wanted.replace("ü", "v")
        by_sound = bool(SPELLED.fullmatch(spoken))
        spellings = [part for part in map(spelled, (self.names, self.compounds)) if part]
        heard = [(part, spoken) for part in spellings if by_sound]
        if by_sound and (streets := spelled(forth)):  # as they are compared: without 号 (hao)
            heard.append((streets, re.sub(r"(?<=\d)h(ao)?$", "", spoken)))
        whole = _any([[name == wanted for name in part] for part in (names, forth, back)])
        compound = _any([[name == wanted for name in compounds]])
        said = _any([[sound in words.split() for words in part] for part, sound in heard])
        parts = (names, forth, back, compounds)
        within = _any([[wanted in name for name in part] for part in parts])
        sounds = _any([[sound in words for words in part] for part, sound in heard])
        return tuple(map(np.flatnonzero, (whole, compound, said, within, sounds)))

    def _similar(self, asked: str) -> Text:
        """A hint that names what is written alike."""
        ids = list(map(str, self.city.residences.frame.index))
        pools = [ids if len(ids) <= COMPARED else []]
        pools += [sorted(set(part) - {""}) for part in (self.names, self.compounds)]
        found = [difflib.get_close_matches(asked, pool, n=3, cutoff=0.6) for pool in pools]
        close = list(dict.fromkeys([*found[0][:1], *found[1], *found[2]]))
        if not close:
            return text("error.ids_on_cards")
        if len(close) == 1:
            return text("error.did_you_mean", name=close[0])
        return text("error.did_you_mean_one", names=tuple(close))


def _any(marks: list[list[bool]]) -> Bools:
    """Where any of the rows of marks is set; nowhere without rows."""
    return np.any(np.array(marks, bool), axis=0) if marks else np.zeros(0, bool)


def _bare(name: str) -> str:
    """A name for comparison: letters and digits alone, 12号 as 12."""
    return re.sub(r"[\W_]+|(?<=\d)号", "", folded(name))


def _both_ways(address: str) -> tuple[str, str]:
    """An address as it is, and with its number first, as people write it."""
    street, _, number = address.rpartition(" ")
    turned = f"{number} {street}" if number[:1].isdigit() else address
    return _bare(address), _bare(turned)
