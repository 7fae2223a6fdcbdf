/* As much of Leaflet 1.9.4 as the page uses. Names that start with _ are its own, read on purpose: a
renderer cannot be made without them. */

declare namespace L {
  class Point {
    x: number;
    y: number;
    add(other: Point): Point;
    subtract(other: Point): Point;
    divideBy(by: number): Point;
  }
  class LatLng {
    lat: number;
    lng: number;
  }
  class LatLngBounds {
    extend(other: LatLngBounds): this;
    getNorthWest(): LatLng;
    getSouthEast(): LatLng;
    pad(share: number): LatLngBounds;
    getWest(): number;
    getSouth(): number;
    getEast(): number;
    getNorth(): number;
  }
  class Bounds {
    min: Point;
    getSize(): Point;
  }
  interface MouseEvent {
    containerPoint: Point;
  }
  type Move = { animate?: boolean };
  interface Fit extends Move {
    padding?: [number, number];
    paddingTopLeft?: [number, number];
    paddingBottomRight?: [number, number];
    maxZoom?: number;
  }
  class Map {
    attributionControl: { setPrefix(text: string): void; addAttribution(text: string): void };
    dragging: { enable(): void; disable(): void; moving(): boolean };
    _animatingZoom: boolean;
    _loaded: boolean;
    getContainer(): HTMLElement;
    getSize(): Point;
    getZoom(): number;
    getMinZoom(): number;
    getMaxZoom(): number;
    getCenter(): LatLng;
    getBounds(): LatLngBounds;
    getPixelOrigin(): Point;
    invalidateSize(how: Move & { pan?: boolean }): this;
    fitBounds(bounds: LatLngBounds, how?: Fit): this;
    panInside(place: [number, number], how?: Fit): this;
    setView(centre: LatLng, zoom: number, how?: Move): this;
    containerPointToLayerPoint(point: Point): Point;
    latLngToContainerPoint(place: LatLng): Point;
    latLngToLayerPoint(place: LatLng | [number, number]): Point;
    mouseEventToContainerPoint(event: globalThis.MouseEvent): Point;
    on(types: string, listener: (event: MouseEvent) => void): this;
  }
  class Renderer {
    constructor(options: { padding: number });
    _map: Map | null;
    _bounds: Bounds;
    _container: HTMLCanvasElement;
    _update(): void;
    _updateTransform(centre: LatLng, zoom: number): void;
    addTo(map: Map): this;
  }
  interface Polygon {
    addTo(map: Map): this;
    on(type: string, listener: (event: { originalEvent: globalThis.MouseEvent }) => void): this;
    getBounds(): LatLngBounds;
    getElement(): SVGElement | undefined;
    bringToFront(): this;
  }
  interface Marker {
    addTo(map: Map): this;
    remove(): this;
  }
  type Icon = object;
  function polygon(rings: [number, number][][][], how: { renderer: SvgRenderer; className: string; fillOpacity: number; fillColor: string }): Polygon;
  function marker(place: [number, number], how: { icon: Icon; interactive: boolean; keyboard: boolean }): Marker;
  function divIcon(how: { className: string; html: HTMLElement; iconSize: [number, number] }): Icon;
  function svg(options: { padding: number }): SvgRenderer;
  interface SvgRenderer {
    addTo(map: Map): this;
    _container: SVGElement;
  }
  interface TileLayer {
    addTo(map: Map): this;
    remove(): this;
  }
  function tileLayer(address: string, how: { subdomains: string; maxNativeZoom: number; maxZoom: number; attribution: string }): TileLayer;
  interface Control {
    addTo(map: Map): this;
    getContainer(): HTMLElement;
  }
  const control: {
    zoom(options: { position: string }): Control;
    scale(options: { position: string; imperial: boolean; maxWidth: number }): Control;
  };
  const CRS: { EPSG3857: { unproject(point: Point): LatLng } };
  const DomUtil: { setPosition(element: HTMLElement, point: Point): void };
  const Util: { throttle<T>(call: (event: T) => void, ms: number): (event: T) => void };
  function point(x: number, y: number): Point;
  function latLngBounds(a: LatLng, b: LatLng): LatLngBounds;
  function latLngBounds(all: LatLng[]): LatLngBounds;
}
