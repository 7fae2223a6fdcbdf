/* What the map is drawn from. */

type Engine = import("../engine/engine.js").Engine;
type ReviewLayer = import("./layer.js").ReviewLayer;
type Pen = CanvasRenderingContext2D;
type Style = { colour: string; width: number; dash?: number[] };

/** Units to canvas pixels: X = x * s + bx, Y = by - y * s; box: what is in view, in units. */
interface Scope {
  s: number;
  bx: number;
  by: number;
  box: [number, number, number, number];
  zoom: number;
}

type LayerName = "homes" | "zones" | "area" | "streets" | "ground" | "sites" | "gaps" | "bare" | "reach" | "barriers" | "mixed" | "names" | "signals" | "full";
type SortKey = "name" | "persons" | "share" | "worst";

/** A way walked from home r to its venue of service k. */
interface Way {
  k: number;
  r: number;
  points: XY[];
  home: XY;
  venue: XY | null;
}

/** What is shown: read at every repaint, changed by the panel alone. */
interface View {
  on: Record<LayerName, boolean>;
  /** Services whose venues are shown. */
  venues: Set<number>;
  /** Facilities of the open card. */
  near: Set<number>;
  colour: number;
  /** Home of the open card, -1 for none. */
  open: number;
  /** Facility of the open card, -1 for none. */
  venue: number;
  /** Site of the plan whose card is open, -1 for none. */
  site: number;
  /** Zone whose card is open, -1 for none. */
  zone: number;
  /** Sections of the panel that are open. */
  sections: Set<string>;
  way: Way | null;
  around: { r: number; bands: Covered[] } | null;
  /** Whether homes that would run together are drawn as hexagons. */
  hexagons: boolean;
  query: string;
  /** What the search found, in the order of the list: each leads there; and which one is chosen. */
  results: (() => void)[];
  pick: number;
  /** What is drawn round as found. */
  found: { set: "named" | "zone" | "compound"; ixs: number[] } | null;
  /** Only homes that lack this service; -1 for all. */
  only: number;
  level: string;
  sort: { key: SortKey; down: boolean };
  /** How the tables of panel/sorted.js are sorted, by their names. */
  sorts: Record<string, { key: string; down: boolean }>;
  zoneName: (i: number) => string;
  lang: Lang;
  /** Persons that a site brings, as text. */
  siteGain: (i: number) => string;
}

/** What the map shows of a what-if; see panel/whatif.js. */
interface Trial {
  engine: Engine;
  before: Verdict;
  result: Verdict | null;
  gains: Int8Array;
  history: { now: Settings };
  tool: string;
  /** The first end of a link that still lacks the second. */
  from: Place | null;
}

/** Comments as they are drawn: places in units, in their order; see panel/comments.js. */
interface Remarks {
  places(): XY[];
  open: number;
}

interface Hit {
  kind: "site" | "venue" | "gap" | "home" | "hexagon" | "mixed" | "comment" | "cell";
  ix: number;
}
