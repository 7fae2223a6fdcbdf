"""The services that a plan is for: all, or those that were asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gusu_geo.assessment.rule import State, Verdict
from gusu_geo.errors import StudyError
from gusu_geo.sources.services import services_in
from gusu_geo.study.catalog import names_of
from gusu_geo.tables import Bools
from gusu_geo.words import text


def wanted_of(verdict: Verdict, named: Sequence[str] | None) -> Bools:
    """(K,) the services named: by id, Chinese or English name, or several in one text.

    Raises SourceError: a name that the pack does not know; StudyError: no data of any of them.
    """
    if named is None:
        return np.ones(len(verdict.services), bool)
    pack, where = verdict.rule.pack, text("error.at_services")
    ids = {service for cell in named for service in services_in(cell, pack, where)}
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
