"""Which buildings are homes, and how many levels they have.

``building=apartments`` and similar values are homes wherever they stand. ``building=yes`` counts as
a home unless something shows another use: its tags or name, a venue of the same name inside, the
ground it stands on (works, a school, a park). On commercial and retail ground it is of a kind of
its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gusu_geo.geometry import Shapes, inner_points, valid
from gusu_geo.sources.area import StudyArea
from gusu_geo.sources.building_names import use_in_name
from gusu_geo.sources.osm.extract import OsmExtract
from gusu_geo.sources.osm.grounds import HOUSING, MIXED, ground_of
from gusu_geo.study.params import RegionParams, ResidenceParams
from gusu_geo.tables import Bools, Floats, Ints

# Default levels by kind, for buildings without levels when fewer than KNOWN_MIN of the kind in the
# study have them. A choice of gusu_geo, not a standard. 6 for blocks of flats: GB 50096-2011 asks
# for lifts from the seventh level up, so six is the tallest walk-up; "residential" covers blocks
# and villas.
HOME_LEVELS: Mapping[str, float] = MappingProxyType(
    {
        "apartments": 6.0,
        "dormitory": 6.0,
        "residential": 4.0,
        "terrace": 2.0,
        "house": 2.0,
        "detached": 2.0,
        "semidetached_house": 2.0,
        "semi": 2.0,
        "villa": 2.0,
        "farm": 2.0,
        "bungalow": 1.0,
        "cabin": 1.0,
        "static_caravan": 1.0,
        "houseboat": 1.0,
        "yes": 2.0,
    }
)
KNOWN_MIN = 5
LEVELS_MAX = 200.0  # the tallest building has 163: more is a year or a typing error
FOOTPRINT_MIN_M2 = 40.0  # of building=yes: smaller ones are garages, kiosks and sheds
TWIN_SHARE = 0.9  # overlap / union of two outlines: from it on they are one building
COMMON_MIN = 0.47  # twins share as much of the sum of both: a little less than 0.9 / 1.9

# A building=yes with one of these keys is used for something else.
USE_KEYS = (
    *("amenity", "shop", "office", "tourism", "leisure", "healthcare", "craft", "industrial"),
    *("club", "military", "railway", "public_transport", "aeroway", "power", "man_made"),
    *("emergency", "telecom", "religion", "denomination", "government", "sport"),
    *("social_facility", "community_centre", "education", "attraction", "harbour", "historic"),
)
# Of historic=*: listed, but not said to be used for anything.
_JUST_OLD = frozenset(
    ("yes", "building", "house", "heritage", "manor", "farm", "residential", "apartments")
)
# A building=yes with one of these is tagged residential.
_DWELLING_KEYS = ("residential", "building:flats", "addr:flats", "building:units")
_SAYS_NOTHING = frozenset(("", "yes", "no", "mixed"))
_DWELLING_USES = frozenset(
    ("residential", "apartments", "apartment", "house", "housing", "dwelling", "dwellings", "flats")
)
HOLDS_SHARE = 0.9  # ground / footprint: smaller areas (a shop inside) do not hold the building
_NAME_KEYS = ("name", "name:zh", "name:en")
_DISUSED = ("disused", "abandoned", "ruins", "demolished", "razed")
_KIND_KEYS = frozenset(  # no other tag says whether a building is a home
    ("building", "location", "building:use", *_DISUSED, *_DWELLING_KEYS, *USE_KEYS, *_NAME_KEYS)
)
_NUMBER = r"\d+(?:\.\d+)?"
_LEVELS = re.compile(rf"{_NUMBER}(?:\s*[;,/\-–~]\s*{_NUMBER})*")


def levels_of(text: str | None) -> float:
    """Levels as a number, the highest of several ("2;3", "3-5"); NaN when the text has none.

    >>> levels_of("2;3"), levels_of("3.5")
    (3.0, 3.5)
    """
    if not text:
        return np.nan
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _LEVELS.fullmatch(plain):
        return np.nan
    most = max(float(number) for number in re.findall(_NUMBER, plain))
    return most if 0 < most <= LEVELS_MAX else np.nan


def home_kind(tags: Mapping[str, str]) -> str:
    """ "tagged", "assumed", or why the building is not a home: "other_use",
    "named_other_use", "disused", "underground".

    >>> home_kind({"building": "yes"}), home_kind({"building": "yes", "shop": "bakery"})
    ('assumed', 'other_use')
    """
    value = tags.get("building", "no")
    if value not in HOME_LEVELS:
        return "other_use"
    if any(tags.get(key, "no") != "no" for key in _DISUSED):
        return "disused"
    if value != "yes":
        return "tagged"
    if tags.get("location") == "underground":
        return "underground"
    uses = {use.strip() for use in tags.get("building:use", "").split(";")} - _SAYS_NOTHING
    if uses & _DWELLING_USES or any(
        tags.get(key, "no") not in ("no", "0") for key in _DWELLING_KEYS
    ):
        return "tagged"
    if uses or any(_says_use(tags, key) for key in USE_KEYS):
        return "other_use"
    return (
        "named_other_use"
        if any(use_in_name(tags.get(key, "")) for key in _NAME_KEYS)
        else "assumed"
    )


def _home_kinds(tags: Iterable[Mapping[str, str]]) -> list[str]:
    """``home_kind`` of each, asked once for buildings that are tagged alike."""
    known: dict[tuple[tuple[str, str], ...], str] = {}
    found = []
    for each in tags:
        key = tuple([tag for tag in each.items() if tag[0] in _KIND_KEYS])
        if key not in known:
            known[key] = home_kind(each)
        found.append(known[key])
    return found


def _says_use(tags: Mapping[str, str], key: str) -> bool:
    value = tags.get(key, "no")
    return value != "no" and not (key == "historic" and value in _JUST_OLD)


def address_of(tags: Mapping[str, str]) -> str:
    """Street and house number, "" without a street.

    >>> address_of({"addr:street": "平江路", "addr:housenumber": "12"})
    '平江路 12'
    """
    street = tags.get("addr:street") or tags.get("addr:place") or ""
    return f"{street} {tags.get('addr:housenumber', '')}".strip() if street else ""


def home_buildings(
    params: ResidenceParams, extract: OsmExtract, area: StudyArea, elsewhere: Collection[str] = ()
) -> tuple[gpd.GeoDataFrame, dict[str, int], gpd.GeoDataFrame]:
    """Homes inside the area (columns tags, kind, levels, footprint, footprint_m2, name, address,
    point geometry); the number of buildings inside it that are not homes, by reason; and the homes
    beyond it, within reach: what is drawn twice is told across the border too.

    kind: "tagged", "assumed", or "mixed" for a building without a use of its own on commercial or
    retail ground: whether it counts is for ``params.mixed_ground`` to say. elsewhere: ids of homes
    on the border that count as beyond it.
    """
    shapes = area.houses_of(extract)
    points = inner_points(shapes)
    inside = shapely.intersects(area.outline, points)
    if elsewhere:
        inside &= ~extract.buildings.index.isin(elsewhere)
    near = inside | shapely.intersects(area.reach, points)
    shapes, points, inside = shapes[near], points[near], inside[near]
    tags = extract.buildings["tags"].to_numpy()[near]
    ids = extract.buildings.index.to_numpy()[near]
    area_m2 = shapely.area(shapes)
    kind = np.array(_home_kinds(tags), object)
    levels = np.array([levels_of(tag.get("building:levels")) for tag in tags], float)

    assumed = kind == "assumed"
    ground = _grounds(points, area_m2, extract, area)
    kind[assumed & (ground == MIXED)] = "mixed"
    used = assumed & ~np.isin(ground, ("", HOUSING, MIXED))
    kind[used] = [f"ground_{name}" for name in ground[used]]
    kind[assumed & _names_venue(tags, shapes, extract, area)] = "other_use"
    kind[assumed & (area_m2 < FOOTPRINT_MIN_M2)] = "small"
    if params.unclassified == "exclude":
        kind[kind == "assumed"] = "unclassified"
    kind[_mapped_twice(shapes, kind, levels, ids)] = "drawn_twice"

    home = np.isin(kind, ("tagged", "assumed", "mixed"))
    dropped = dict(sorted(Counter(kind[inside & ~home].tolist()).items()))
    columns = {
        "tags": tags[home],
        "kind": kind[home],
        "levels": levels[home],
        "footprint": shapes[home],
        "footprint_m2": area_m2[home],
        "name": [tag.get("name", "") for tag in tags[home]],
        "address": [address_of(tag) for tag in tags[home]],
    }
    index = pd.Index(ids[home], dtype=object)
    frame = gpd.GeoDataFrame(columns, index=index, geometry=points[home], crs=area.crs)
    return frame[inside[home]], dropped, frame[~inside[home]]


def _grounds(points: Any, area_m2: Floats, extract: OsmExtract, area: StudyArea) -> Any:
    """Class (n,) of the smallest ground that holds each building by its inner point (see
    ``ground_of``), "" where none is known. A piece of housing within works is housing again."""
    shapes = valid(area.to_metres(extract.grounds.geometry))
    size = shapely.area(shapes)
    names = np.array([ground_of(tags) for tags in extract.grounds["tags"]], object)
    ground, building = shapely.STRtree(points).query(shapes, predicate="intersects")
    holds = size[ground] >= HOLDS_SHARE * area_m2[building]
    ground, building = ground[holds], building[holds]
    order = np.argsort(-size[ground], kind="stable")  # the last written is the smallest
    found = np.full(len(points), "", object)
    found[building[order]] = names[ground[order]]
    return found


def _names_venue(tags: Any, shapes: Any, extract: OsmExtract, area: StudyArea) -> Bools:
    """Whether each building carries the name of a venue that is drawn inside it."""
    has_name = np.array([bool(tag.get("name")) for tag in extract.places["tags"]], bool)
    places = extract.places[has_name]
    names = np.array([tag["name"] for tag in places["tags"]], object)
    own = np.array([tag.get("name", "") for tag in tags], object)
    named = np.flatnonzero(own != "")
    spots = inner_points(area.to_metres(places.geometry))
    building, place = shapely.STRtree(spots).query(shapes[named], predicate="intersects")
    hit = np.zeros(len(shapes), bool)
    hit[named[building[own[named][building] == names[place]]]] = True
    return hit


def _mapped_twice(shapes: Shapes, kind: Shapes, levels: Floats, ids: Any) -> Bools:
    """Which homes map a building again, for example the outline way of a relation.

    Outlines are compared without courtyards, which the way often lacks. Of two the first is kept,
    in this order: tagged home, other use, assumed home; levels known; relation, way; id.
    """
    solid = _without_courtyards(shapes)
    one, two = shapely.STRtree(solid).query(solid)  # boxes only: most neighbours are no twins
    pairs = one < two
    one, two, size = one[pairs], two[pairs], shapely.area(solid)
    alike = np.minimum(size[one], size[two]) >= TWIN_SHARE * np.maximum(size[one], size[two])
    alike &= _common_box(shapely.bounds(solid), one, two) >= COMMON_MIN * (size[one] + size[two])
    one, two = one[alike], two[alike]
    meet = shapely.intersects(solid[one], solid[two])
    one, two = one[meet], two[meet]
    common = shapely.area(shapely.intersection(solid[one], solid[two]))
    twins = common >= TWIN_SHARE * (size[one] + size[two] - common)
    one, two = one[twins], two[twins]
    open_use = np.isin(kind, ("assumed", "mixed"))
    grade = np.select([kind == "tagged", open_use], [0, 2], default=1)
    keys = (ids.astype(str), [key[:1] != "r" for key in ids], np.isnan(levels), grade)
    rank = np.argsort(np.lexsort(keys))  # lexsort: the last key comes first
    dropped: Bools = np.zeros(len(ids), bool)
    dropped[np.where(rank[one] < rank[two], two, one)] = True
    dropped &= grade != 1
    return dropped


def _common_box(boxes: Floats, one: Ints, two: Ints) -> Floats:
    """Area (n,) that the boxes (B,4) of two shapes share: these share no more."""
    low = np.maximum(boxes[one, :2], boxes[two, :2])
    high = np.minimum(boxes[one, 2:], boxes[two, 2:])
    wide, tall = np.maximum(high - low, 0.0).T
    return np.asarray(wide * tall)


def _without_courtyards(shapes: Shapes) -> Shapes:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    solid = np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)), object)
    single: Shapes = np.array(shapes, object)
    counts = np.bincount(owner, minlength=len(shapes))
    single[owner[counts[owner] == 1]] = solid[counts[owner] == 1]
    return single


def filled_levels(frame: pd.DataFrame, region: RegionParams | None = None) -> Floats:
    """Levels (R,): as known, else the median of the kind in the study, or in the region that it is
    a part of, else ``HOME_LEVELS``."""
    value = building_values(frame)
    if region is not None and region.levels is not None:
        default = value.map(dict(region.levels)).fillna(value.map(dict(HOME_LEVELS)))
        return frame["levels"].fillna(default).to_numpy(float)
    known = frame["levels"].groupby(value)
    median = known.median().where(known.count() >= KNOWN_MIN)
    default = value.map(median).fillna(value.map(dict(HOME_LEVELS)))
    return frame["levels"].fillna(default).to_numpy(float)


def building_values(frame: pd.DataFrame) -> pd.Series[Any]:
    """What kind of building each home is (R,)."""
    return pd.Series([tag["building"] for tag in frame["tags"]], index=frame.index, dtype=object)
