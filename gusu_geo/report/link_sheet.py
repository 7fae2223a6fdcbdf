"""The workbook's sheet of missing links: where they are and what each would give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.report.labels import label, phrase
from gusu_geo.report.sheets import Book, Column


def links_sheet(book: Book, outcome: Outcome) -> None:
    """Every missing link by rank; no sheet where there is none."""
    links = outcome.layers.get("missing_links")
    if links is None or len(links) == 0:
        return
    ends = links.to_crs(4326).geometry.get_coordinates().to_numpy().reshape(-1, 2, 2)
    lon, lat = ends.mean(axis=1).T
    columns = [
        Column("head.rank", links.index.tolist(), "count", 8),
        Column("head.street", [_streets(row) for row in links.itertuples()], width=44),
        Column("head.newly_all", _known(links["gained_persons"]), "persons", 16),
        Column("head.newly_cells", _known(links["gained_service_persons"]), "persons", 16),
        Column("head.door_persons", _known(links["door_persons"]), "persons", 16),
        Column("head.near_persons", links["persons"].tolist(), "persons", 14),
        Column("head.air_m", links["air_m"].tolist(), "metres", 10),
        Column("head.walk_m", links["walk_m"].tolist(), "metres", 10),
        Column("head.between", [phrase(f"map.gap_{key}") for key in links["between"]], width=34),
        Column("head.lon", lon.tolist(), "degrees", 12),
        Column("head.lat", lat.tolist(), "degrees", 12),
    ]
    if (links["gains_missing"] != "").any():
        why = [phrase(f"map.gains_{key}") if key else "" for key in links["gains_missing"]]
        columns.append(Column("head.no_gains", why, width=34))
    book.table(label("map.gaps"), columns, hint=phrase("workbook.hint_links"), fixed=2)


def _known(values: pd.Series[Any]) -> list[float | None]:
    """Numbers, None where they were not worked out."""
    return [None if np.isnan(value) else float(value) for value in values]


def _streets(row: Any) -> str:
    """The names of both streets, each once."""
    names = dict.fromkeys(str(name) for name in (row.name_a, row.name_b) if name)
    return " – ".join(names) or phrase("map.unnamed_street")
