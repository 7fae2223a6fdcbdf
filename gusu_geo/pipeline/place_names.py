"""The compound or street that each home is counted with, by what people call it."""

from __future__ import annotations

import re

import numpy as np

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.assessment.walkable_city import Ground

NUMBER = re.compile(r"\s+\d\S*(\s+(bis|ter|[A-Za-z]))?$", re.IGNORECASE)  # at the end of an address


def places_of(ground: Ground, outcome: Outcome) -> list[tuple[str, str, str]]:
    """Kind, id and name of the place of each home (R,): its compound, if that has a name; else the
    street of its address; else the street that it is linked to; ("", "", "") for none."""
    frame = ground.city.residences.frame
    blank = [""] * len(frame)
    compound, name, address = (
        [str(cell) for cell in frame.get(column, blank)]
        for column in ("compound", "compound_name", "address")
    )
    street = [
        without_number(one) or linked
        for one, linked in zip(address, _linked(ground, outcome), strict=True)
    ]
    return [
        ("compound", key, title) if title else ("street", road, road) if road else ("", "", "")
        for key, title, road in zip(compound, name, street, strict=True)
    ]


def without_number(address: str) -> str:
    """The street of an address.

    >>> [without_number(one) for one in ("平江路 12", "Rue Grimaldi 4 bis", "Avenue Pasteur", "")]
    ['平江路', 'Rue Grimaldi', 'Avenue Pasteur', '']
    """
    return NUMBER.sub("", address)


def _linked(ground: Ground, outcome: Outcome) -> list[str]:
    """The name (R,) of the street at the nearest door of each home, "" for none."""
    judgement = outcome.judgement
    nearest = judgement.links.homes.links.nearest_rows()
    linked = nearest.edge_ix >= 0
    found = np.full(len(ground.city.residences.frame), "", object)
    found[nearest.owner_ix[linked]] = ground.network.name[nearest.edge_ix[linked]]
    return [str(name) for name in found]
