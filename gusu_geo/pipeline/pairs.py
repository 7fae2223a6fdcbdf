"""Bodies paired with communities: judged, solved, and written as one set of files."""

from __future__ import annotations

from pathlib import Path

from gusu_geo.assessment.district import pairs_of
from gusu_geo.assessment.signals.section import signal_facts
from gusu_geo.errors import StudyError
from gusu_geo.pipeline.assess import judge_ground, outcome_of
from gusu_geo.pipeline.digests import derived_id
from gusu_geo.pipeline.files import publish, staging
from gusu_geo.pipeline.output_sets import PAIRING_FILES, data_folder, pairing_set
from gusu_geo.pipeline.prepare import Progress, prepare, report_stage
from gusu_geo.pipeline.rejected import keep_rejected, listing_rejected
from gusu_geo.report.pairing_document import PairingDocument, pairing_document
from gusu_geo.report.pairing_workbook import write_pairing_book
from gusu_geo.study.params import Study
from gusu_geo.study.study_file import open_study
from gusu_geo.tidying import seldom_tidied
from gusu_geo.words import text

STAGES = ("read", "network", "link", "search", "judge", "pair", "write")


@seldom_tidied()
def pair(
    study: str | Path | Study, *, out: str | Path = ".", progress: Progress | None = None
) -> tuple[PairingDocument, Path]:
    """The best pairs of a study with [pairing], and the folder that they were written into.

    Writes pairing.json and pairing.xlsx into ``out/data/processed/<study>/pairing/`` together.
    Raises InputError or a subclass: the study has no such part, no pairs are within its bounds, or
    anything else is wrong with the input.
    """
    study = open_study(study)
    if study.pairing is None:
        what, fix = text("error.pairing_no_part"), text("error.pairing_add_part")
        raise StudyError(what, where=study.name, fix=fix)
    outputs = pairing_set(study, out)
    with listing_rejected(study, out), staging(study, out) as stage:
        ground = prepare(study, out=out, progress=progress)
        outcome = outcome_of(ground, judge_ground(ground, progress=progress))
        report_stage(progress, "pair")
        judgement, zone_of = outcome.judgement, outcome.zone_of
        signals = signal_facts(judgement, zone_of)
        facts = pairs_of(judgement, zone_of, study.pairing, signals, full=True)
        run_id = derived_id(ground.run_id, "pairing")
        document = pairing_document(outcome, facts, run_id)
        report_stage(progress, "write")
        first, book = PAIRING_FILES
        stage.write_json(first, document)
        write_pairing_book(document, outcome, stage.tables / book)
        publish(data_folder(study, out), (stage, outputs))
        keep_rejected(ground.city.facts.get("rejected", []), study, out)
    return document, outputs.folder
