"""The review map: one HTML file that opens anywhere, without a network connection."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from gusu_geo.assessment.outcome import Outcome
from gusu_geo.errors import InputError
from gusu_geo.report.plan_shown import PlanShown
from gusu_geo.report.stamp import stamp_of
from gusu_geo.report.webmap.content import (
    settled_arrays,
    surveyed_arrays,
    surveyed_texts,
    texts_of,
)
from gusu_geo.report.webmap.district import STYLE as DISTRICT_STYLE
from gusu_geo.report.webmap.district import district_parts
from gusu_geo.report.webmap.grid import Grid
from gusu_geo.report.webmap.online import online_map, online_texts
from gusu_geo.report.webmap.packing import Encoded, encoded, pack
from gusu_geo.report.webmap.zone_levels import ZoneLevels
from gusu_geo.words import LANGUAGES, text

if TYPE_CHECKING:
    import folium
    from branca.element import MacroElement

STYLES = ("style.css", "whatif.css", "older.css")
GUARD = "guard.js"  # shows a message in browsers that are too old
BUNDLE = "bundle.js"  # built by make page


class Draft(NamedTuple):
    """What a page holds whatever a survey finds, made once for the pages before and after it:
    texts, and arrays as they are packed."""

    grid: Grid
    texts: dict[str, Any]
    arrays: dict[str, Encoded]


def draft_of(
    outcome: Outcome, *, plan: PlanShown | None = None, lang: str = "zh", lite: bool = False
) -> Draft:
    """The draft of a page of an outcome, surveyed or not; the rest as of ``render_map``."""
    city = outcome.city
    grid = Grid.of(city.crs, city.area.geometry.to_numpy())
    zones = ZoneLevels.of(outcome)
    texts = texts_of(outcome, grid, zones, lang, plan)
    arrays = settled_arrays(outcome, grid, zones, plan=plan, lite=lite)
    return Draft(grid, texts, {name: encoded(name, array) for name, array in arrays.items()})


def render_map(
    outcome: Outcome,
    *,
    plan: PlanShown | None = None,
    lang: str = "zh",
    compressed: bool = True,
    lite: bool = False,
    scenario: dict[str, Any] | None = None,
    online_basemap: str = "",
    draft: Draft | None = None,
) -> str:
    """The page as HTML; the same outcome gives the same bytes.

    plan: proposed sites to show. lang: "zh" or "en", the language the page starts in; it holds
    both. ``compressed=False``: a larger file for browsers without DecompressionStream (Firefox
    before 113). lite: the smallest file, to look at only: merged streets, no footprints, no
    what-if. scenario: the data of a scenario file that the page opens with. online_basemap:
    "tianditu" or "osm": a basemap from the network that readers can switch on; only then may the
    page ask its hosts for pictures. draft: of the same outcome and options, surveyed or not.
    Raises InputError: another language, another basemap, a scenario for a lite page.
    """
    if lang not in LANGUAGES:
        raise InputError(text("error.lang_unknown"), got=lang)
    if lite and scenario is not None:
        raise InputError(text("error.lite_scenario"), fix=text("error.leave_lite_out"))
    made = draft or draft_of(outcome, plan=plan, lang=lang, lite=lite)
    texts = made.texts | (surveyed_texts(outcome) if draft else {})
    if scenario is not None:
        texts["scenario"] = scenario
    if online_basemap:
        texts["online"] = online_texts(online_basemap)
    arrays = made.arrays | surveyed_arrays(outcome, made.grid, lite=lite)
    from gusu_geo.report.webmap.figure import OfflineFigure, web_file  # loads folium's parts

    own = (DISTRICT_STYLE,) if district_parts(outcome.summary) else ()
    figure = OfflineFigure(
        lang=lang,
        styles=(*STYLES, *own),
        first=(GUARD,),
        scripts=(BUNDLE,),
        texts={"gusu-texts": texts},
        blobs={"gusu-arrays": pack(arrays, compressed=compressed)},
        images=online_map(online_basemap).hosts if online_basemap else (),
    )
    figure.add_child(page_part("skeleton", "html", web_file("page.html")))
    figure.add_child(plain_map(outcome.city.area.to_crs(4326).geometry.to_numpy()))
    return figure.render()


def in_notebook(page: str, run_id: str = "") -> str:
    """A page of ``render_map`` for a cell of a notebook: in a frame, so that its scripts and
    security policy do not meet those of the notebook. A sentence instead, if the page is of another
    run than ``run_id``."""
    if run_id != stamp_of(page):
        return f"<p>{html.escape(str(text('fact.map_of_another_run')))}</p>"
    return (
        f'<iframe srcdoc="{html.escape(page)}" title="gusu_geo" '
        'style="width: 100%; height: 720px; border: 1px solid #ccc"></iframe>'
    )


def plain_map(area: npt.NDArray[np.object_], *, least_zoom: int = 9) -> folium.Map:
    """A folium map of an area (polygons in degrees) that has no tiles and loads only Leaflet."""
    import folium

    from gusu_geo.report.webmap.figure import LEAFLET_CSS, LEAFLET_JS, fixed_id

    west, south, east, north = shapely.total_bounds(area)
    base = folium.Map(
        location=[round((south + north) / 2, 6), round((west + east) / 2, 6)],
        zoom_start=14,
        tiles=None,
        zoom_control=False,  # the page adds its own, with titles in the reader's language
        zoom_snap=0.25,
        zoom_delta=0.5,
        min_zoom=least_zoom,
        max_zoom=21,
    )
    # Set on this map, not on the class, where it would leak into every other map.
    base.default_js = [("leaflet", LEAFLET_JS)]
    base.default_css = [("leaflet_css", LEAFLET_CSS)]
    fixed_id(base, "gusu")
    start = "gusuPage.start({{ this._parent.get_name() }});"  # hands the map to our own layer
    base.add_child(page_part("layer", "script", start))
    return base


def page_part(name: str, place: str, text: str) -> MacroElement:
    """An element that puts ``text`` of the package, never of the data, into the page."""
    from branca.element import MacroElement
    from folium.template import Template

    from gusu_geo.report.webmap.figure import fixed_id

    part = MacroElement()  # type: ignore[no-untyped-call]
    part._template = Template(f"{{% macro {place}(this, kwargs) %}}{text}{{% endmacro %}}")
    fixed_id(part, name)
    return part
