"""Faulty rows of a ledger, all in one message."""

from __future__ import annotations

import numpy as np

from gusu_geo.errors import SourceError
from gusu_geo.tables import Floats

SHOWN_ROWS = 5


def raise_faults(faults: dict[int, str], spot: str, lonlat: Floats | None = None) -> None:
    """Raises SourceError if there are faults by row; lonlat (P,2) shows swapped axes."""
    if not faults:
        return
    shown = "; ".join(f"row {row}: {faults[row]}" for row in sorted(faults)[:SHOWN_ROWS])
    rest = f"; and {len(faults) - SHOWN_ROWS} more" if len(faults) > SHOWN_ROWS else ""
    swapped = lonlat is not None and bool(
        ((np.abs(lonlat[:, 1]) > 90) & (np.abs(lonlat[:, 0]) <= 90)).any()
    )
    fix = "Mend or remove these rows."
    if swapped:
        fix = "Are longitude and latitude swapped?"
    count = f"{len(faults)} bad row" + ("s" if len(faults) > 1 else "")
    raise SourceError(f"{count}: {shown}{rest}.", where=spot, fix=fix)
