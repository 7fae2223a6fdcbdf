"""How metres become minutes: as data, and as one sentence in each language."""

from __future__ import annotations

from functools import reduce

from gusu_geo.assessment.summary import WalkFacts
from gusu_geo.study.params import Study
from gusu_geo.words import Both, Text, both, text


def walk_facts(study: Study, *, heights: str) -> WalkFacts:
    """All settings that turn metres into minutes; heights: name of the raster, "" for none."""
    walk = study.walk
    slope = walk.slope if heights else "no heights"
    facts: WalkFacts = {
        "profile": walk.profile if walk.speed_mps is None else "custom",
        "speed_mps": walk.speed(),
        "steps_factor": walk.on_steps(),
        "wheels": walk.on_wheels(),
        "slope": slope,
        "heights": heights,
        "crossing_s": walk.crossing_s,
        "signal_s": walk.signal_s,
        "lifts": walk.lifts,
        "lift_s": walk.lift_s,
        "ferries": walk.ferries,
        "private": walk.private,
        "gates": study.network.gates,
        "snap_max_m": study.network.snap_max_m,
        "model": {"zh": "", "en": ""},
    }
    facts["model"] = _model(facts)
    return facts


def _model(facts: WalkFacts) -> Both:
    """The same in one sentence."""
    slope = facts["slope"].replace(" ", "_")
    parts = [
        *([text("walk_model.wheels")] if facts["wheels"] else []),
        text("walk_model.steps", factor=facts["steps_factor"]),
        text(f"walk_model.slope_{slope}"),
        text("walk_model.crossing", crossing_s=facts["crossing_s"], signal_s=facts["signal_s"]),
        _lifts(facts),
        text(f"walk_model.ferries_{facts['ferries']}"),
        text(f"walk_model.private_{facts['private']}"),
        text(f"walk_model.gates_{facts['gates']}"),
    ]
    whole = reduce(lambda first, then: text("walk_model.and", first=first, then=then), parts)
    return both("walk_model.sentence", parts=whole)


def _lifts(facts: WalkFacts) -> Text:
    if facts["lifts"] == "closed":
        return text("walk_model.lifts_closed")
    return text("walk_model.lifts_open", lift_s=facts["lift_s"])
