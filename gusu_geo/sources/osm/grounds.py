"""What ground is used for: the class of an area by its tags, and whether people live on it.

A building without a use of its own shares that of the ground it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping

HOUSING = "residential"  # class of ground that people live on
MIXED = "mixed"  # shops and offices: flats above are common, and seldom tagged as such
ANY = frozenset(("*",))  # every value but "no"


def _values(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Classes by tags; where one object has tags of several, the first row counts. A school that is
# also tagged landuse=residential is a school; old streets tagged tourism=attraction and
# landuse=residential are housing. Left out on purpose: what covers whole villages (nature
# reserves, danger areas), and leisure=garden, which is mostly private (see ``ground_of``).
_CLASSES: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = (
    (
        "school",
        {
            "amenity": _values(
                "school kindergarten college university music_school language_school "
                "driving_school training research_institute childcare"
            ),
            "education": ANY,
            "landuse": _values("education"),
        },
    ),
    (
        "health",
        {
            "amenity": _values("hospital clinic doctors nursing_home veterinary"),
            "healthcare": ANY,
        },
    ),
    (
        "worship",
        {"amenity": _values("place_of_worship monastery"), "landuse": _values("religious")},
    ),
    ("market", {"amenity": _values("marketplace")}),
    (
        "civic",
        {
            "amenity": _values(
                "prison police fire_station townhall courthouse public_building embassy "
                "community_centre social_centre social_facility conference_centre events_venue "
                "exhibition_centre post_office animal_shelter"
            ),
            "landuse": _values("institutional civic_admin"),
            "government": ANY,
            "office": _values("government diplomatic"),
            "social_facility": ANY,
        },
    ),
    (
        "museum",
        {
            "amenity": _values("library theatre arts_centre cinema planetarium"),
            "tourism": _values("museum gallery aquarium"),
        },
    ),
    (HOUSING, {"landuse": _values("residential")}),
    (
        "attraction",
        {
            "tourism": _values("attraction zoo theme_park"),
            "attraction": ANY,
            "historic": _values(
                "castle fort fortress palace monastery archaeological_site ruins city_gate "
                "citywalls monument memorial tomb church chapel cathedral mosque temple shrine "
                "pagoda mine"
            ),
        },
    ),
    (
        "hotel",
        {
            "tourism": _values(
                "hotel hostel motel guest_house resort camp_site caravan_site alpine_hut"
            ),
            "leisure": _values("resort beach_resort summer_camp"),
        },
    ),
    (
        "park",
        {
            "leisure": _values(
                "park stadium sports_centre sports_hall pitch track golf_course water_park "
                "ice_rink playground horse_riding miniature_golf recreation_ground dog_park "
                "fitness_centre swimming_area"
            ),
            "landuse": _values("recreation_ground winter_sports fairground"),
        },
    ),
    (
        "cemetery",
        {
            "landuse": _values("cemetery"),
            "amenity": _values("grave_yard crematorium funeral_hall mortuary"),
        },
    ),
    (
        "military",
        {
            "landuse": _values("military"),
            "military": _values(
                "base barracks airfield naval_base office training_area range ammunition depot "
                "academy bunker checkpoint yes"
            ),
        },
    ),
    (
        "port",
        {
            "landuse": _values("port harbour"),
            "industrial": _values("port shipyard container_terminal"),
            "harbour": ANY,
            "port": ANY,
            "leisure": _values("marina"),
            "man_made": _values("pier quay"),
        },
    ),
    (
        "railway",
        {
            "landuse": _values("railway"),
            "railway": _values("station halt yard depot workshop engine_shed roundhouse facility"),
            "public_transport": _values("station"),
        },
    ),
    (
        "transport",
        {
            "aeroway": _values("aerodrome terminal apron hangar heliport helipad"),
            "amenity": _values("bus_station ferry_terminal bus_depot fuel car_wash car_rental"),
        },
    ),
    ("quarry", {"landuse": _values("quarry salt_pond")}),
    (
        "farmyard",
        {
            "landuse": _values(
                "farmyard greenhouse_horticulture plant_nursery animal_keeping aquaculture "
                "allotments"
            )
        },
    ),
    ("garages", {"landuse": _values("garages")}),
    ("construction", {"landuse": _values("construction brownfield")}),
    (
        "industrial",
        {
            "landuse": _values("industrial depot landfill logistics"),
            "industrial": ANY,
            "man_made": _values(
                "works wastewater_plant water_works pumping_station gasometer storage_tank"
            ),
            "power": _values("plant substation generator"),
            "amenity": _values("recycling waste_transfer_station waste_disposal"),
            "craft": ANY,
        },
    ),
    (
        MIXED,
        {
            "landuse": _values("commercial retail"),
            "shop": ANY,
            "office": ANY,
        },
    ),
)
GROUND_KEYS = tuple(sorted({"leisure", *(key for _, table in _CLASSES for key in table)}))
CLASSES = tuple(name for name, _ in _CLASSES)
_KEYS = frozenset(GROUND_KEYS)


def ground_of(tags: Mapping[str, str]) -> str | None:
    """The class of an area as ground (one of ``CLASSES``), None where its tags name no use.

    What lies underground is no ground of the buildings above.

    >>> ground_of({"landuse": "industrial"}), ground_of({"landuse": "grass"})
    ('industrial', None)
    """
    if _KEYS.isdisjoint(tags) or _is_below(tags):
        return None
    for name, table in _CLASSES:
        for key in table.keys() & tags.keys():
            wanted, given = table[key], set(tags[key].split(";"))
            if wanted & given or (wanted is ANY and "no" not in given):
                return name
    # Gardens of houses have no name; 拙政园 and the like do.
    return "park" if tags.get("leisure") == "garden" and "name" in tags else None


def _is_below(tags: Mapping[str, str]) -> bool:
    """Whether this lies underground. A layer of land use says nothing: it is drawing order."""
    below = tags.get("layer", "").startswith("-") and "landuse" not in tags
    return below or tags.get("location") == "underground" or tags.get("tunnel", "no") != "no"
