"""``province.json``: figures of districts as their summaries have them, and totals of all homes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Literal

import shapely

from gusu_geo.assessment.summary import MeanServices, Share, Summary
from gusu_geo.pipeline.output_sets import OutputSet
from gusu_geo.province.parts import District, Failed
from gusu_geo.province.sums import Sums
from gusu_geo.report.labels import is_counted
from gusu_geo.report.province_answer import answer_of
from gusu_geo.report.province_document import (
    Basis,
    DistrictFigures,
    DistrictRow,
    DistrictService,
    ProvinceDocument,
    RegionData,
    RegionService,
    RegionTotals,
)
from gusu_geo.report.summary import undetermined
from gusu_geo.tables import Both, Note
from gusu_geo.words import note

SCHEMA = 1
MOST_MISSED = 3  # services named of a district
NAMED = 12  # districts or homes named in a note


@dataclass(frozen=True)
class Head:
    """What a province is called and made of. name: of its files; title: for people; region: name of
    its OSM file, "" where every district has its own; lang: the language its map starts in, "" for
    the locale's; shared: whether the districts share in a total of persons; partial: boundaries
    that are no districts, see ``FoundDistricts``."""

    name: str
    title: Both
    region: str = ""
    lang: str = ""
    shared: bool = False
    partial: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Judged:
    """A district whose outputs are whole: where they are, their summary, and what its homes add up
    to."""

    outputs: OutputSet
    summary: Summary
    sums: Sums


@dataclass(eq=False)
class Gathered:
    """What is known of all districts. twice: ids of homes that more than one district counts."""

    districts: Sequence[District]
    judged: dict[str, Judged] = field(default_factory=dict)
    failed: dict[str, Failed] = field(default_factory=dict)
    twice: Sequence[str] = ()


def document_of(head: Head, all_of: Gathered) -> ProvinceDocument:
    """The whole of ``province.json``, without its run id; districts by key."""
    rows = _told_apart([_row(district, all_of) for district in all_of.districts])
    judged = [all_of.judged[row["key"]] for row in rows if row["key"] in all_of.judged]
    order = sorted((-row["figures"]["lacking"], row["key"]) for row in rows if row["figures"])
    summaries = [one.summary for one in judged]
    numbers = {summary["report"]["review_number"] for summary in summaries}
    document: ProvinceDocument = {
        "schema": SCHEMA,
        "run_id": "",
        "province": head.name,
        "title": head.title,
        "version": version("gusu-geo"),
        "invented": any(summary["invented"] for summary in summaries),
        "internal": any(summary["report"]["internal"] for summary in summaries),
        "review_number": numbers.pop() if len(numbers) == 1 else "",
        "answer": {"zh": "", "en": ""},
        "data": _data(head, summaries),
        "totals": _totals(rows, judged),
        "ranking": [key for _, key in order],
        "districts": rows,
        "notes": [],
    }
    document["data"]["persons_incomplete"] = head.shared and bool(_unread(document))
    document["answer"] = answer_of(document)
    document["notes"] = list(_notes(document, all_of, head))
    return document


def _row(district: District, all_of: Gathered) -> DistrictRow:
    name: Both = {"zh": district.name, "en": district.name}
    found = all_of.judged.get(district.key)
    at = shapely.point_on_surface(district.outline)
    row: DistrictRow = {
        "key": district.key,
        "name": name,
        "code": district.code,
        "state": "failed",
        "lonlat": [round(at.x, 6), round(at.y, 6)],
        "figures": None,
        "failure": None,
    }
    if found is not None:
        title = found.summary["title"]
        named: Both = {
            "zh": title["zh"] or district.name,
            "en": title["en"] or district.name,
        }
        return {**row, "state": "done", "name": named, "figures": _figures(found)}
    why = all_of.failed[district.key]
    message: Both = {"zh": why.message.zh, "en": why.message.en}
    return {**row, "failure": {"stage": why.stage, "message": message, "ours": why.ours}}


def _told_apart(rows: Sequence[DistrictRow]) -> list[DistrictRow]:
    """The rows; several of one name, such as the two Gulou of Jiangsu, with their code or key."""
    langs: tuple[Literal["zh", "en"], ...] = ("zh", "en")
    counts = {lang: Counter(row["name"][lang] for row in rows) for lang in langs}
    found: list[DistrictRow] = []
    for row in rows:
        zh, en = row["name"]["zh"], row["name"]["en"]
        more = row["code"] or row["key"]
        alike = any(counts[lang][row["name"][lang]] > 1 for lang in langs)
        name: Both = {"zh": f"{zh}（{more}）", "en": f"{en} ({more})"} if alike else row["name"]
        found.append({**row, "name": name})
    return found


def _figures(found: Judged) -> DistrictFigures:
    summary, outputs = found.summary, found.outputs
    services: list[DistrictService] = [
        {
            "id": row["id"],
            "state": row["state"],
            "venues": row["venues"],
            "asked_persons": row.get("asked_persons", summary["residences"]["persons"]),
            "covered_persons": row["covered_persons"],
            "share": row["share"],
            "missing_persons": row["missing_persons"],
            "unknown_persons": row["unknown_persons"],
        }
        for row in summary["services"]
    ]
    most = sorted(services, key=lambda row: -row["missing_persons"])[:MOST_MISSED]
    return {
        "run_id": summary["run_id"],
        "map": outputs.map_path.name,
        "data": f"../{outputs.folder.name}",
        "survey": summary["survey"],
        "basis": _basis(summary),
        "residences": summary["residences"]["total"],
        "persons": summary["residences"]["persons"],
        "passed": summary["passed"],
        "passed_known": summary["passed_known"],
        "failed": summary["failed"],
        "unknown": summary["unknown"],
        "undetermined": undetermined(summary),
        "mean_services": summary["mean_services"],
        "services": services,
        "lacking": round(found.sums.persons["lacking"].value, 2),
        "most_missed": [row["id"] for row in most if row["missing_persons"] > 0],
        "next": summary["next"],
    }


def _basis(summary: Summary) -> Basis:
    rule, data = summary["rule"], summary["data"]
    return {
        "pack": rule["pack"],
        "version": rule["version"],
        "minutes": rule["minutes"],
        "mode": rule["mode"],
        "profile": summary["walk"]["profile"],
        "speed_mps": summary["walk"]["speed_mps"],
        "own_rules": len(summary["own_rules"]["rules"]) - 1 if "own_rules" in summary else 0,
        "osm_file": data["osm_file"],
        "osm_sha256": data["osm_sha256"],
        "osm_date": data["osm_date"],
        "persons_source": data["persons"]["source"],
        "persons_estimate": bool(data["persons"]["estimate"]),
        "persons_counted": is_counted(data),
        "licence": data["licence"],
    }


def _data(head: Head, summaries: Sequence[Summary]) -> RegionData:
    dates = sorted(filter(None, (summary["data"]["osm_date"] for summary in summaries)))
    licences = dict.fromkeys(summary["data"]["licence"] for summary in summaries)
    persons = [summary["data"]["persons"] for summary in summaries]
    return {
        "osm_file": head.region,
        "osm_date": dates[0] if dates else "",
        "osm_date_last": dates[-1] if dates else "",
        "persons_estimate": any(one["estimate"] for one in persons),
        "persons_counted": all(one.get("counted", True) for one in persons),
        "persons_incomplete": False,
        "licence": " · ".join(licences),
    }


def _totals(rows: Sequence[DistrictRow], judged: Sequence[Judged]) -> RegionTotals:
    whole = Sums.nothing()
    for one in judged:
        whole.join(one.sums)
    persons = whole.persons["persons"].value
    services = [_service(key, whole, judged, names) for key, names in _named(judged).items()]

    def share(key: str) -> Share:
        return _share(whole.homes[key], whole.persons[key].value, persons)

    unknown = share("unknown")
    blank = any(_lacks_data(one.summary) for one in judged)
    return {
        "districts": len(rows),
        "done": len(judged),
        "failed": len(rows) - len(judged),
        "residences": whole.homes["persons"],
        "persons": round(persons, 2),
        "passed": share("passed"),
        "passed_known": share("passed_known"),
        "lacking_any": share("lacking_any"),
        "unknown": unknown,
        "undetermined": blank or 0 < round(persons, 2) <= unknown["persons"],
        "mean_services": _mean(whole, services),
        "lacking": round(whole.persons["lacking"].value, 2),
        "services": services,
    }


def _lacks_data(summary: Summary) -> bool:
    """Whether a service has no data where persons live."""
    blank = any(row["state"] == "no_data" for row in summary["services"])
    return blank and summary["residences"]["persons"] > 0


def _share(homes: int, persons: float, total: float) -> Share:
    share = round(persons / total, 6) if total else None
    return {"residences": homes, "persons": round(persons, 2), "share": share}


def _named(judged: Sequence[Judged]) -> dict[str, Both]:
    """Names of all services by id, in the order in which they first come."""
    found: dict[str, Both] = {}
    for one in judged:
        for row in one.summary["services"]:
            found.setdefault(row["id"], {"zh": row["zh"], "en": row["en"]})
    return found


def _service(key: str, whole: Sums, judged: Sequence[Judged], names: Both) -> RegionService:
    rows = [row for one in judged for row in one.summary["services"] if row["id"] == key]
    known = any(row["state"] == "known" for row in rows)
    values = {name: part.value for name, part in whole.services.get(key, {}).items()}
    asked, covered = values.get("asked", 0.0), values.get("covered", 0.0)
    return {
        "id": key,
        **names,
        "state": "known" if known else "no_data",
        "venues": sum(row["venues"] for row in rows),
        "no_data": sum(row["state"] == "no_data" for row in rows),
        "asked_persons": round(asked, 2),
        "covered_persons": round(covered, 2),
        "share": round(covered / asked, 6) if known and asked else None,
        "missing_persons": round(values.get("missing", 0.0), 2),
        "unknown_persons": round(values.get("unknown", 0.0), 2),
    }


def _mean(whole: Sums, services: Sequence[RegionService]) -> MeanServices:
    """Services in time per person, of those with data in a person's own district."""
    persons, known = whole.persons["persons"].value, sum(s["state"] == "known" for s in services)
    mean = whole.persons["reached"].value / persons if persons > 0 and known else math.nan
    return {"mean": None if math.isnan(mean) else round(mean, 4), "known": known}


def _unread(document: ProvinceDocument) -> int:
    """How many districts failed before they gave the facts that the others are judged by."""
    lost = [row["failure"]["stage"] for row in document["districts"] if row["failure"]]
    return sum(stage in ("cut", "facts") for stage in lost)


def _notes(document: ProvinceDocument, all_of: Gathered, head: Head) -> Iterable[Note]:
    """What a reader must know before quoting a number of the whole."""
    rows, data = document["districts"], document["data"]
    if document["invented"]:
        yield note("invented")
    if lost := [row["name"] for row in rows if row["failure"]]:
        yield note("province_failed", count=len(lost), **_some(lost))
    if (unread := _unread(document)) and document["totals"]["done"]:
        yield note("province_shares" if head.shared else "province_facts_lack", count=unread)
    if head.partial:
        yield note("province_partial", **_some(head.partial))
    if not data["persons_counted"]:
        yield note("persons_uncounted")
    elif data["persons_estimate"]:
        yield note("persons_estimate")
    figures = [row["figures"] for row in rows if row["figures"]]
    rules = ("pack", "version", "minutes", "mode", "profile", "speed_mps")
    if len({repr([one["basis"][key] for key in rules]) for one in figures}) > 1:  # type: ignore[literal-required]
        yield note("province_rules_differ")
    totals = document["totals"]
    if blank := [row for row in totals["services"] if 0 < row["no_data"] < totals["done"]]:
        names: tuple[Both, ...] = tuple({"zh": row["zh"], "en": row["en"]} for row in blank)
        yield note("province_data_differ", services=names)
    if data["osm_date"][:10] != data["osm_date_last"][:10]:
        yield note(
            "province_dates_differ", first=data["osm_date"][:10], last=data["osm_date_last"][:10]
        )
    if all_of.twice:
        yield note("province_twice", count=len(all_of.twice), **_some(all_of.twice))


def _some(names: Sequence[Both] | Sequence[str]) -> Mapping[str, object]:
    """The first of the names, and a mark if there are more."""
    return {"names": tuple(names[:NAMED]), "more": "" if len(names) <= NAMED else " …"}
