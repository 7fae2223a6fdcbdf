"""What to mend first: the few things that change most of a study's results, each with how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from gusu_geo.assessment.summary import Mend, Summary
from gusu_geo.tables import Both, CityFacts, LedgerAccount, Note, RejectedRow
from gusu_geo.words import Text, both, text

MOST = 5
NAMED = 5  # words, services in a line
OLD_DAYS = 2 * 365
OUTLINES = ("area", "zones", "compounds")  # kinds of files that are compared with streets
# Notes that somebody can act on, and the key of the study file that is concerned.
NOTED = {
    "compounds_without_gate": "compounds.gates",
    "persons_uncounted": "residences.persons_total",
    "zone_unmatched": "zones.aliases",
    "tier_words_unknown": "facilities",
    "hours_beyond_calendar": "hours.calendar",
    "area_beyond_data": "network.osm",
    "data_end_near_border": "network.osm",
}


def to_mend(
    summary: Summary, facts: CityFacts, notes: Sequence[Note], *, today: date
) -> list[Mend]:
    """At most ``MOST`` things, what spoils most results first: places that are shifted, services
    that nobody lists, rows and words that are lost, homes without streets, the rest of the data."""
    return [*_all(summary, facts, notes, today)][:MOST]


def _all(summary: Summary, facts: CityFacts, notes: Sequence[Note], today: date) -> Iterator[Mend]:
    accounts = facts.get("ledgers", [])
    doubtful = {r["source"] for r in summary["sources"] if "system_doubtful" in r["doubted"]}
    for name in sorted(doubtful):
        yield _doubtful(name, accounts)
    blank = [row for row in summary["services"] if row["state"] == "no_data"]
    if blank:
        names: list[object] = [{"zh": row["zh"], "en": row["en"]} for row in blank]
        yield _mend("no_data", "facilities", count=len(blank), names=_some(names))
    yield from _rejected(facts.get("rejected", []))
    for account in accounts:
        if account["unknown_words"]:
            words = _some(account["unknown_words"])
            yield _mend("unknown_words", account["file"], words=words)
    for account in accounts:
        if any(table["known_by"] == "assumed" for table in account["tables"]):
            yield _mend("system_assumed", account["file"])
    yield from _unlinked(summary)
    venues = summary["unlinked_venues"]
    if venues:
        shown = _some(list(dict.fromkeys(row["name"] or row["facility_id"] for row in venues)))
        yield _mend("unlinked_venues", "network.osm", count=len(venues), names=shown)
    by_code = {note["code"]: note for note in notes}
    for code, key in NOTED.items():
        if code in by_code:
            what = Both(zh=by_code[code]["zh"], en=by_code[code]["en"])
            yield {"code": code, "where": key, "what": what, "how": both(f"mend.{code}_how")}
    yield from _old(summary, today)


def _rejected(rows: Iterable[RejectedRow]) -> Iterator[Mend]:
    """One line for each file, with its first row."""
    files: dict[str, list[RejectedRow]] = {}
    for row in rows:
        files.setdefault(row["file"], []).append(row)
    for name, found in sorted(files.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        first = found[0]
        reason, part = first["reason"], first["part"]
        row_at = text("error.row_of_part", part=part, row=first["row"])
        at = row_at if part else text("error.row", row=first["row"])
        yield _mend("rejected", name, count=len(found), at=at, reason=reason)


def _unlinked(summary: Summary) -> Iterator[Mend]:
    """Homes that touch no street, by the most frequent reason."""
    homes = summary["residences"]
    reasons = homes["unlinked"]
    if not reasons:
        return
    reason = max(sorted(reasons), key=lambda key: reasons[key])
    named = text(f"reason.{reason}")
    count, total = homes["total"] - homes["linked"], homes["total"]
    what = both("mend.unlinked_what", count=count, total=total, reason=named, most=reasons[reason])
    how = both("mend.unlinked_wall_how" if reason == "wall" else "mend.unlinked_how")
    yield {"code": "unlinked", "where": "network.osm", "what": what, "how": how}


def _old(summary: Summary, today: date) -> Iterator[Mend]:
    """Data of long ago, or of nobody knows when."""
    data = summary["data"]
    try:
        day = date.fromisoformat(data["osm_date"][:10])
    except ValueError:
        yield _mend("undated", data["osm_file"])
        return
    if (today - day).days > OLD_DAYS:
        yield _mend("old", data["osm_file"], date=day.isoformat())


def _mend(code: str, where: str, **values: object) -> Mend:
    what, how = both(f"mend.{code}_what", **values), both(f"mend.{code}_how")
    return {"code": code, "where": where, "what": what, "how": how}


def _some(names: Sequence[object]) -> Text:
    more = " …" if len(names) > NAMED else ""
    return text("fact.listed", names=tuple(names[:NAMED]), more=more)


def _doubtful(name: str, accounts: Iterable[LedgerAccount]) -> Mend:
    """A file whose declared system fits less than another: the scores of its first table that was
    compared."""
    for account in accounts:
        for table in account["tables"]:
            if account["file"] == name and table["scores"] is not None:
                scores, how = shown_scores(table["scores"]), both("mend.system_doubtful_how")
                what = both("mend.system_doubtful_what", scores=scores)
                if account["kind"] in OUTLINES:
                    what = both("mend.shapes_doubtful_what", scores=scores)
                return {"code": "system_doubtful", "where": name, "what": what, "how": how}
    raise KeyError(name)  # what is doubted was compared


def shown_scores(scores: Mapping[str, int]) -> Text:
    """The scores of the three systems as a text."""
    wgs, gcj, bd = scores["wgs84"], scores["gcj02"], scores["bd09"]
    return text("fact.scores", wgs=wgs, gcj=gcj, bd=bd, tried=scores["tried"])
