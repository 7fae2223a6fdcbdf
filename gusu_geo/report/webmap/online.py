"""Basemaps from the network, for those who have one: only in a file that was asked to hold one.

Both are in Web Mercator on WGS 84 (Tianditu: CGCS2000, the same within a metre), so nothing has to
be moved; maps in GCJ-02 would lie some hundred metres off and are not offered.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gusu_geo.errors import InputError
from gusu_geo.words import both, text


class OnlineMap(NamedTuple):
    """hosts: the only ones that the page may then ask; layers: addresses of tiles, the lowest
    first, with {key} where the reader's key goes."""

    hosts: tuple[str, ...]
    layers: tuple[str, ...]
    servers: str
    zoom: int


def _tianditu(name: str) -> str:
    asked = (
        f"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default&TILEMATRIXSET=w"
        "&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={key}"
    )
    return f"https://t{{s}}.tianditu.gov.cn/{name}_w/wmts?{asked}"


ONLINE = {
    "tianditu": OnlineMap(
        hosts=tuple(f"https://t{number}.tianditu.gov.cn" for number in range(8)),
        layers=(_tianditu("vec"), _tianditu("cva")),  # ground, then its names
        servers="01234567",
        zoom=18,
    ),
    "osm": OnlineMap(
        hosts=("https://tile.openstreetmap.org",),
        layers=("https://tile.openstreetmap.org/{z}/{x}/{y}.png",),
        servers="a",
        zoom=19,
    ),
}


def online_map(name: str) -> OnlineMap:
    """The basemap of that name. Raises InputError: there is none."""
    if name not in ONLINE:
        fix = text("error.online_names", names=tuple(ONLINE))
        raise InputError(text("error.online_unknown"), got=name, fix=fix)
    return ONLINE[name]


def online_texts(name: str) -> dict[str, Any]:
    """What the page needs to know of it."""
    chosen = online_map(name)
    return {
        "name": both(f"online.{name}"),
        "credit": both(f"online.{name}_credit"),
        "layers": list(chosen.layers),
        "servers": chosen.servers,
        "zoom": chosen.zoom,
        "key": any("{key}" in layer for layer in chosen.layers),
    }
