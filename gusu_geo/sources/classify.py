"""Which services a place offers, and how well that is known. Pure functions; ``venues`` decides
what becomes of places without a service.

A ledger row is classified by the first of these that says something; all its services count:

1. its official service column: names of the pack and the planner's own words (A), keywords (B)
2. its name, by the pack's keywords and exclusions (B)
3. its type codes and type words, and type words that are names of a service (C)

An object of the map is classified by its name (B) and by its tags (C), service by service.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gusu_geo.sources.services import Lexicon, read_cell
from gusu_geo.study.catalog import CODE_DIGITS, RulePack
from gusu_geo.tables import GRADES
from gusu_geo.words import Text, folded, text

COLUMN, NAME, CODE = GRADES
SHOWN_WORDS = 20  # of one note or message

_NAME_KEYS = ("name", "name:zh", "official_name", "alt_name")
# Objects named after a venue without being one, such as the car park of a library. Their name is
# no evidence; tags of the pack still are.
_NAMED_AFTER: Mapping[str, frozenset[str]] = {
    "amenity": frozenset(
        (
            *("parking", "parking_entrance", "parking_space", "bicycle_parking", "fuel"),
            *("motorcycle_parking", "bicycle_rental", "car_rental", "car_sharing", "taxi"),
            *("charging_station", "bus_station", "ferry_terminal", "toilets", "bench", "atm"),
            *("bank", "vending_machine", "waste_basket", "recycling", "post_box", "telephone"),
            *("fountain", "drinking_water", "clock", "loading_dock"),
        )
    ),
    "shop": frozenset(("hairdresser", "beauty", "massage", "car", "car_repair", "copyshop")),
    "tourism": frozenset(("information", "hotel", "hostel", "guest_house", "apartment", "motel")),
}
_BETWEEN_CODES = re.compile(r"[|｜;；,，、/\s]+")
_BETWEEN_KINDS = re.compile(r"[|｜,，、\n]")
_BETWEEN_LEVELS = re.compile(r"[;；/>-]")


@dataclass(frozen=True)
class RowTexts:
    """What a ledger row says of itself; "" where it has no such column.

    service: the official column; typecode: six digits, several with | between; kind: the words of
    that type from group to kind, such as 教育培训;图书馆, several with | between.
    """

    service: str = ""
    name: str = ""
    typecode: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Found:
    """Evidence by service id, best to worst "A" to "C", and words that nobody knows."""

    services: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


def services_of(pack: RulePack, tags: Mapping[str, str]) -> dict[str, str]:
    """Evidence by service id of a map object: "B" by name (and possibly tag), "C" by tag alone."""
    name = " ".join(dict.fromkeys(tags[key] for key in _NAME_KEYS if key in tags))
    trusted = not any(tags.get(key) in values for key, values in _NAMED_AFTER.items())
    found, tagged = {}, pack.tagged(tags)
    for service in pack.services:
        evidence = service.evidence_of(name, tagged=service.id in tagged)
        if evidence == NAME and not trusted and service.id not in tagged:
            continue
        if evidence:
            found[service.id] = evidence
    return found


def services_of_row(row: RowTexts, lexicon: Lexicon, source_evidence: str = COLUMN) -> Found:
    """Services of a ledger row, each with the weaker of the source's evidence and of how it was
    found; the unknown words of its official column in any case."""
    cell = read_cell(row.service, lexicon)
    found = dict.fromkeys(cell.keywords, NAME) | dict.fromkeys(cell.named, COLUMN)
    if not cell.settled:
        found = dict.fromkeys(lexicon.by_keywords(row.name), NAME)
        found = found or dict.fromkeys(_by_type(row, lexicon), CODE)
    return Found({key: max(how, source_evidence) for key, how in found.items()}, cell.unknown)


def _by_type(row: RowTexts, lexicon: Lexicon) -> Iterable[str]:
    """Services by type codes, by types in words, and of these words those that are a service's
    name."""
    for word in filter(None, _BETWEEN_CODES.split(folded(row.typecode))):
        yield from lexicon.by_code(word.rjust(CODE_DIGITS, "0"))  # sheets keep 080501 as 80501
    for kind in _BETWEEN_KINDS.split(row.kind):
        path = [word.strip() for word in _BETWEEN_LEVELS.split(kind) if word.strip()]
        if path:
            yield from lexicon.by_type(path)
        for word in path[1:] or path:  # 医疗 above 药店 is no name of a service
            yield from lexicon.exactly(word) or ()


def unknown_words(found: Iterable[Found], lexicon: Lexicon) -> tuple[Text, ...]:
    """Each unknown word of a ledger: in how many rows it stands, and the known word most like it.

    The most frequent first. Suggestions are for the reader: nothing is taken for what it resembles.
    """
    counts = Counter(word for each in found for word in each.unknown)
    order = sorted(counts, key=lambda word: (-counts[word], word))
    lines = [_line(word, counts[word], lexicon.nearest(word)) for word in order[:SHOWN_WORDS]]
    more = len(order) - len(lines)
    return (*lines, *([text("fact.more_words", count=more)] if more else []))


def _line(word: str, count: int, nearest: str) -> Text:
    hint = text("fact.like_word", word=nearest) if nearest else ""
    return text("fact.word_rows", word=word, count=count, hint=hint)
