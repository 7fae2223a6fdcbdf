"""Why the made-up plan of ``outcomes`` has its sites."""

from __future__ import annotations

from gusu_geo.siting.sections import Complete, SiteWhy, Why


def made_up_reasons(payload: str) -> Why:
    """Without c1 550 persons lack something; it completes one of two streets that are named."""
    place: Complete = {
        "kind": "street", "name": f"桃花坞{payload}", "persons": 90.0, "gained_persons": 80.0,
    }  # fmt: skip
    sites: list[SiteWhy] = [
        {
            "candidate_id": key, "gained_persons": gained, "lost_persons": lost, "by_service": {},
            "by_zone": {}, "elders": None, "children": None, "complete": complete,
            "complete_count": 2 * len(complete),
        }
        for key, gained, lost, complete in (("c1", 500.0, 550.0, [place]), ("c2", 200.0, 200.0, []))
    ]  # fmt: skip
    return {"sites": sites, "complete": [place], "complete_count": 2, "next": []}
