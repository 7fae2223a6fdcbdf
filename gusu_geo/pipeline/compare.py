"""Before and after a scenario: judged, written and handed back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.errors import InputError
from gusu_geo.pipeline import files as outputs
from gusu_geo.pipeline.prepare import (
    CityLinks,
    Ground,
    Progress,
    judge_links,
    link_all,
    prepare,
    rule_of,
    tell,
)
from gusu_geo.pipeline.run import judge_ground
from gusu_geo.report.comparison import Comparison, Judged
from gusu_geo.report.comparison_workbook import write_comparison_book
from gusu_geo.report.webmap.render import render_map
from gusu_geo.scenarios.apply import Changed, apply_scenario, settled
from gusu_geo.scenarios.scenario_file import Scenario, read_scenario
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.walking.impedance import Impedance
from gusu_geo.walking.linkage import Linked

STAGES = ("read", "network", "apply", "link", "search", "judge", "compare", "write")


def compare(
    study: str | Path | Study,
    scenario: str | Path | Scenario,
    *,
    out: str | Path = ".",
    lang: str = "",
    force: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """What a scenario changes: ``.before``, ``.after``, and tables ``.residences``, ``.zones``,
    ``.services`` and ``.summary``.

    Writes compare.json, compare.xlsx and compare.gpkg into
    ``out/data/processed/<study>/compare/<scenario>/`` and the map that opens with the scenario,
    ``out/maps/<study>-<scenario>.html``, together at the end.
    Raises InputError and its kin for everything that is wrong with the study or the scenario.
    """
    study = open_study(study)
    if not isinstance(scenario, Scenario):
        scenario = read_scenario(scenario)
    tables, name = outputs.folder_of(study, out), _folder_name(scenario)
    folder, page = tables / "compare" / name, outputs.map_path(f"{study.name}-{name}", tables)
    ground = prepare(study, out=out, force=force, progress=progress)
    tell(progress, "apply")
    changed = apply_scenario(ground, scenario)
    before = judge_ground(ground, progress=progress)
    tell(progress, "compare")
    after = judge_changed(changed, ground, before)
    comparison = Comparison(scenario, before, after, changed.marks, folder, page)
    tell(progress, "write")
    language = lang or ("zh" if study.title.zh else "en")
    with outputs.staging(study, out) as stage:
        write_files(comparison, stage)
        html = render_map(before, lang=language, scenario=settled(ground, scenario))
        (stage / outputs.MAP).write_text(html, encoding="utf-8")
        outputs.move_all(stage, folder, page)
    return comparison


def judge_changed(changed: Changed, ground: Ground, before: Outcome) -> Judged:
    """The study after the changes; ``ground`` and ``before`` are what it was without them."""
    after = changed.ground
    rule = rule_of(after.study)
    trips = after.trips()
    links = changed.links(_doors(ground, after.study, before))
    access, verdict = judge_links(after, trips, rule, links, known=before.known)
    return Judged(
        study=after.study, rule=rule, city=after.city, network=after.network, access=access,
        verdict=verdict, links=links.homes.links, venue_links=links.venues.links,
        known=before.known, closed=changed.venues.closed,
        entered_links=None if links.entered is None else links.entered.links,
    )  # fmt: skip


def _doors(ground: Ground, study: Study, before: Outcome) -> CityLinks:
    """Doors on the streets as they are, for people who walk as ``study`` says."""
    net = ground.network
    closed, then = (Impedance.of(net, one.walk).closed for one in (ground.study, study))
    if not np.array_equal(closed, then):
        return link_all(replace(ground, study=study), ground.trips(study.walk))
    homes, venues = before.access.residence_ids, before.access.facility_ids
    entered = before.entered_links
    return CityLinks(
        Linked(homes, before.links),
        Linked(venues, before.venue_links),
        None if entered is None else Linked(venues, entered),
    )


def write_files(comparison: Comparison, stage: Path) -> None:
    """compare.json, compare.xlsx and compare.gpkg into ``stage``."""
    document = outputs.as_json(comparison.to_dict())
    (stage / "compare.json").write_text(document, encoding="utf-8")
    write_comparison_book(comparison, stage / "compare.xlsx")
    zones = comparison.zones
    layers = {
        "residences": comparison.residences.reset_index(),
        "zones": zones[zones.geometry.notna()],
        "changes": comparison.marks.to_crs(4326),
    }
    layers = {name: frame for name, frame in layers.items() if len(frame)}
    osm_date = comparison.before.summary["data"]["osm_date"]
    outputs.write_layers(layers, stage / "compare.gpkg", osm_date=osm_date)


def _folder_name(scenario: Scenario) -> str:
    """The name of the scenario file, if a folder can be called so."""
    name = scenario.name
    if not name.strip(". ") or Path(name).name != name:
        fix = "Rename the file, e.g. footbridge.json."
        raise InputError(
            "no folder can be named after this.", where=scenario.where, got=name, fix=fix
        )
    return name
