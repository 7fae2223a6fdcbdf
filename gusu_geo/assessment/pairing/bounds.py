"""What stands in the way where no pairs are within the bounds, and how to mend it."""

from __future__ import annotations

import numpy as np

from gusu_geo.assessment.pairing.fit import Sides
from gusu_geo.assessment.pairing.flow import placed
from gusu_geo.assessment.pairing.model import PairingModel
from gusu_geo.errors import StudyError
from gusu_geo.tables import Bools, Ints
from gusu_geo.words import text


def refuse(model: PairingModel, sides: Sides) -> StudyError:
    """The error that names the bound which cannot be kept; the model has no pairs."""
    names = [str(name) for name in sides.bodies["name"]]
    zones = sides.communities.names
    return _of_sums(model) or _of_kept(model, names, zones) or _of_shut(model, names, zones)


def _of_sums(model: PairingModel) -> StudyError | None:
    """Too few places for all bodies, or too few bodies for all communities."""
    least, room = int(model.body_low.sum()), int(model.zone_high.sum())
    if least > room:
        return StudyError(
            text("error.pairing_few_places", least=least, most=room),
            where="pairing.max",
            fix=text("error.pairing_raise_max"),
        )
    least, most = int(model.zone_low.sum()), int(model.body_high.sum())
    if least > most:
        count = len(model.zone_low)
        return StudyError(
            text("error.pairing_few_bodies", count=count, least=least, most=most),
            where="pairing.min",
            fix=text("error.pairing_lower_min"),
        )
    return None


def _of_kept(model: PairingModel, names: list[str], zones: list[str]) -> StudyError | None:
    """A body or a community for which more pairs are kept than it may have."""
    own, theirs = model.kept.sum(axis=1), model.kept.sum(axis=0)
    for at in np.flatnonzero(own > model.body_high).tolist():
        most = int(model.body_high[at])
        return StudyError(
            text("error.pairing_kept_body", name=names[at], count=int(own[at]), most=most),
            where="pairing.keep",
            fix=text("error.pairing_raise_most"),
        )
    for at in np.flatnonzero(theirs > model.zone_high).tolist():
        most = int(model.zone_high[at])
        return StudyError(
            text("error.pairing_kept_zone", name=zones[at], count=int(theirs[at]), most=most),
            where="pairing.keep",
            fix=text("error.pairing_keep_fewer"),
        )
    return None


def _of_shut(model: PairingModel, names: list[str], zones: list[str]) -> StudyError:
    """Bodies or communities that have too few partners left together (Hall 1935)."""
    body_low, body_high, zone_low, zone_high = model.rest()
    allowed = model.above(None)
    short = _short(allowed, body_low, zone_high)
    key, who = "error.pairing_shut_bodies", names
    if not short:
        short = _short(allowed.T, zone_low, body_high)
        key, who = "error.pairing_shut_zones", zones
    return StudyError(
        text(key, names=tuple(who[at] for at in short)),
        where="pairing",
        fix=text("error.pairing_forbid_fewer"),
    )


def _short(allowed: Bools, least: Ints, most: Ints) -> list[int]:
    """Rows that cannot all have their least number of columns; a set from which none can be left
    out. Empty where all can."""
    if placed(allowed, least, most) == int(least.sum()):
        return []
    rows = list(range(len(least)))
    for row in list(rows):  # whoever is not needed for the contradiction goes
        fewer = [other for other in rows if other != row]
        if placed(allowed[fewer], least[fewer], most) < int(least[fewer].sum()):
            rows = fewer
    return rows
