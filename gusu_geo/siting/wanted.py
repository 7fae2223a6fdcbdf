"""The services that a plan is for: all, or those that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.errors import SourceError, StudyError
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools
from gusu_geo.words import text


def wanted_of(verdict: Verdict, named: Sequence[str] | None) -> Bools:
    """(K,) the services named: by id, Chinese or English name, or several in one text.

    Raises StudyError: a name that the pack does not know; no data of any of them.
    """
    if named is None:
        return np.ones(len(verdict.services), bool)
    pack, ids = verdict.rule.pack, set[str]()
    for cell in named:
        try:
            ids.update(services_in(cell, pack, text("error.at_services")))
        except SourceError as error:
            what = text("error.asked_service", id=pack.id)
            raise StudyError(what, got=cell, fix=error.fix) from error
    wanted = np.isin(verdict.services, sorted(ids))
    if not (wanted & known_of(verdict)).any():
        names = names_of([service for service in pack.services if service.id in ids])
        raise StudyError(text("error.services_no_data", services=names))
    return np.asarray(wanted, bool)


def known_of(verdict: Verdict) -> Bools:
    """(K,) the services with data."""
    return np.array([state == "known" for state in verdict.service_state], bool)


def passed_of(verdict: Verdict, linked: Bools, wanted: Bools) -> Bools:
    """(R,) linked homes that have all services with data that are wanted. Who is not asked for a
    service does not lack it."""
    if wanted.all():
        return verdict.passed_known
    met = np.isin(verdict.state, (State.PASS, State.NOT_ASKED))[:, wanted & known_of(verdict)]
    return np.asarray(met.all(axis=1) & linked, bool)
