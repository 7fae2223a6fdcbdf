/* The overview of a province, as webmap/overview.py writes it. */

/** A service in a district: share null without data; state: "known", "no_data", "" where it is not asked for. */
interface OfService {
  state: string;
  share: number | null;
  missing: number;
}

/** A district that is done; services in the order of the whole. */
interface Figures {
  map: string;
  residences: number;
  persons: number;
  share: number | null;
  known: number;
  unknown: number;
  mean: number | null;
  undetermined: boolean;
  services: OfService[];
  rank: number;
  next: { place: string; services: number[]; persons: number } | null;
}

interface Row {
  key: string;
  name: Pair;
  code: string;
  lonlat: [number, number];
  figures: Figures | null;
  failure: { stage: Pair; message: Pair } | null;
}

interface Overview {
  lang: Lang;
  strings: Strings;
  title: Pair;
  invented: boolean;
  internal: boolean;
  review_number: string;
  answer: Pair;
  counted: boolean;
  estimate: boolean;
  dates: string[];
  licence: string;
  version: string;
  run_id: string;
  basis: Pair;
  totals: { districts: number; failed: number; persons: number; residences: number; share: number | null; unknown: number | null; mean: number | null; known: number; undetermined: boolean };
  services: (Pair & { state: string; share: number | null; missing: number })[];
  rows: Row[];
  notes: Pair[];
  /** By district: polygons, each of rings, each of steps in units of a hundred-thousandth of a degree: lon, lat, lon, lat. */
  outlines: number[][][][];
  spelled: string[];
}

interface Region {
  map: L.Map;
  texts: Overview;
  zoom: L.Control;
  say: ReturnType<typeof import("../panel/dom.js").speaker>;
  districts: import("./districts.js").Districts;
  /** The chosen district, -1 for none. */
  picked: number;
  sort: { key: string; down: boolean };
  query: string;
  results: number[];
  at: number;
  before: Element | null;
  redraw(): void;
  pick(i: number, how?: { zoom?: boolean }): void;
}
