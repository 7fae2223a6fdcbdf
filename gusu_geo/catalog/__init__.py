"""Rule packs and walking profiles: versioned data files, and their loader."""

from gusu_geo.catalog.loader import (
    PROFILES,
    Profile,
    RulePack,
    Service,
    list_packs,
    load_pack,
)

__all__ = [
    "PROFILES",
    "Profile",
    "RulePack",
    "Service",
    "list_packs",
    "load_pack",
]
