/* Paper: the map as large and as sharp as style.css prints it, and as it was on the screen afterwards. */
import { byId } from "./dom.js";

const WIDTH_PX = 703, HEIGHT_PX = 460; // as in style.css: A4 between its margins
const SHARPNESS = 3; // canvas pixels per CSS pixel, about 290 per inch

/** @param {App} app */
export function listen({ map, layer }) {
  const box = map.getContainer(), legend = byId("legend", HTMLDetailsElement);
  /** @type {{ centre: L.LatLng, zoom: number, legend: boolean } | null} */
  let before = null;
  addEventListener("beforeprint", () => {
    if (before) return;
    before = { centre: map.getCenter(), zoom: map.getZoom(), legend: legend.open };
    const shown = map.getBounds();
    legend.open = true;
    layer.sharpness = SHARPNESS;
    resize(map, box, `${WIDTH_PX}px`, `${HEIGHT_PX}px`);
    map.fitBounds(shown, { animate: false });
  });
  addEventListener("afterprint", () => {
    if (!before) return;
    legend.open = before.legend;
    layer.sharpness = 0;
    resize(map, box, "", "");
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
  });
}

/** @param {L.Map} map
 @param {HTMLElement} box
 @param {string} width
 @param {string} height */
function resize(map, box, width, height) {
  box.style.width = width;
  box.style.height = height;
  map.invalidateSize({ animate: false, pan: false });
}
