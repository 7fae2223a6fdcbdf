"""What ``pairing.json`` holds: plain data as types, from which its schema is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict  # pydantic asks for this one

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.pairing_facts import PairingFacts
from gusu_geo.words import Both, Note, note


class ServiceNames(TypedDict):
    """A service of the pack."""

    id: str
    zh: str
    en: str


class PairingDocument(TypedDict):
    """Bodies paired with communities. schema: version of this form. run_id: of the files of the
    pairs; based_on: of the result they were made from. counted: whether somebody counted the
    persons; services: of the pack, in its order."""

    schema: Literal[1]
    run_id: str
    based_on: str
    study: str
    title: Both
    invented: bool
    counted: bool
    services: list[ServiceNames]
    pairing: PairingFacts
    notes: list[Note]


def pairing_document(outcome: Outcome, pairing: PairingFacts, run_id: str) -> PairingDocument:
    """The pairs of a judged study; outcome: what they were made from."""
    summary = outcome.summary
    persons = summary["data"]["persons"]
    counted = bool(persons.get("counted", True))
    notes = [note("invented")] if summary["invented"] else []
    if persons["estimate"]:
        notes.append(note("persons_estimate" if counted else "persons_uncounted"))
    services = outcome.judgement.rule.pack.services
    return {
        "schema": 1,
        "run_id": run_id,
        "based_on": summary["run_id"],
        "study": summary["study"],
        "title": {"zh": summary["title"]["zh"], "en": summary["title"]["en"]},
        "invented": summary["invented"],
        "counted": counted,
        "services": [{"id": each.id, "zh": each.zh, "en": each.en} for each in services],
        "pairing": pairing,
        "notes": notes,
    }


def names_by_id(services: Sequence[ServiceNames]) -> dict[str, Both]:
    """Services in both languages."""
    return {each["id"]: {"zh": each["zh"], "en": each["en"]} for each in services}
