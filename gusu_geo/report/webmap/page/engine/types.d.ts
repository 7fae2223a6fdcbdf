/* What the engine works on: the packed arrays, the texts beside them, streets and verdicts.

Axes as in Python: E edges, N nodes, R homes, F facilities, K services. */

type Whole = Int32Array | Int8Array | Uint8Array;
type Numbers = Int32Array | Float64Array;
type XY = [number, number];
/** A place on a street: edge, centimetres from its first end. */
type On = [number, number];
type Pair = { zh: string; en: string };
type Key = string;
type Model = import("./model.js").Model;

/** What content.py packs, by name; lines and polygons are read by shapes.js. */
interface Arrays {
  edge_u: Int32Array;
  edge_span: Int32Array;
  edge_cm: Int32Array;
  edge_flags: Int32Array;
  edge_door: Int32Array;
  slope_pm: Int32Array;
  node_flags: Int32Array;
  street_class: Int32Array;
  home_door_owner: Int32Array;
  home_door_edge: Int32Array;
  home_door_cm: Int32Array;
  home_door_span: Int32Array;
  home_door_leg: Int32Array;
  venue_door_owner: Int32Array;
  venue_door_edge: Int32Array;
  venue_door_cm: Int32Array;
  venue_door_span: Int32Array;
  venue_door_leg: Int32Array;
  venue_door_walled: Int32Array;
  hours: Int32Array;
  venue_week: Int32Array;
  gate_node: Int32Array;
  gate_sizes: Int32Array;
  gate_x: Int32Array;
  gate_y: Int32Array;
  home_x: Int32Array;
  home_y: Int32Array;
  home_zone: Int32Array;
  persons: Float64Array;
  elders?: Float64Array;
  children?: Float64Array;
  /** 1: a home that nobody calls one (building=yes). */
  home_assumed: Int32Array;
  reason: Int32Array;
  /** By home and service, where capacities are known: `Room`, and thousandths of what 1,000 persons have (-1 unknown). */
  home_room?: Int32Array;
  home_room_pm?: Int32Array;
  /** Position of each home's rule in the texts, where homes have rules of their own. */
  home_rule?: Int32Array;
  state: Whole;
  nearest_cs: Int32Array;
  nearest_ix: Int32Array;
  counted_cs: Int32Array;
  one_stop_cs: Int32Array;
  one_stop_ix: Int32Array;
  one_stop_state: Whole;
  threshold_cs: ArrayLike<number>;
  venue_x: Int32Array;
  venue_y: Int32Array;
  venue_service: Int32Array;
  venue_evidence: Int32Array;
  site_x: Int32Array;
  site_y: Int32Array;
  candidate_x: Int32Array;
  candidate_y: Int32Array;
  door_x: Int32Array;
  door_y: Int32Array;
  door_kind: Int32Array;
  bare_rings: Int32Array;
  sign_kind: Int32Array;
  sign_name: Int32Array;
  spot_x: Int32Array;
  spot_y: Int32Array;
  spot_kind: Int32Array;
  spot_name: Int32Array;
  spot_zoom: Int32Array;
  detour_pm: Int32Array;
  /** State of each home by the pairs of `texts.tiers`. */
  tier_state: Whole;
  /** Position of each facility's tier in `texts.tier_names`, -1 unknown. */
  venue_tier: ArrayLike<number>;
  detour_beyond_pm: Int32Array;
  gap_a_x: Int32Array;
  gap_a_y: Int32Array;
  gap_b_x: Int32Array;
  gap_b_y: Int32Array;
  gap_air_m: Int32Array;
  gap_walk_m: Int32Array;
  gap_persons: Float64Array;
  gap_gained: Float64Array;
  gap_cells: Float64Array;
  gap_doors: Float64Array;
  gap_cut_off: Int32Array;
  gap_levels: Int32Array;
}

/** Lines: vertices start[i]..start[i + 1]; box: west, south, east, north of each. */
interface Lines {
  x: Int32Array;
  y: Int32Array;
  start: Int32Array;
  count: number;
  box: Float64Array;
}

/** Polygons: rings ring[i]..ring[i + 1]. */
interface Polygons {
  rings: Lines;
  ring: Int32Array;
  count: number;
  box: Float64Array;
}

/** Homes (of) in hexagons: by row and column (at) the position of each, and their centres. */
interface Cells {
  of: Int32Array;
  at: Map<number, number>;
  x: number[];
  y: number[];
  count: number;
  width: number;
}

/** Sums by hexagon; known: share of persons who could be judged; group: its colour class. */
interface HexSums {
  homes: Int32Array;
  persons: Float64Array;
  known: Float64Array;
  group: Uint8Array;
}

interface Grid {
  west_m: number;
  south_m: number;
  unit_m: number;
}

interface Count {
  residences: number;
  persons: number;
  share: number | null;
}

type Heads = Omit<Count, "share">;

interface Service extends Pair {
  id: string;
  venues: number;
  state: "known" | "no_data";
  min_count: number;
  covered_persons: number;
  missing_persons: number;
  share: number | null;
}

interface Zone {
  level: string;
  id: string;
  name: string;
  name_zh: string;
  name_en: string;
  persons: number;
  passed_persons: number;
  passed_known_persons: number;
  unknown_persons: number;
  share: number | null;
  missing: Record<string, number>;
}

/** summary.json, as far as the page reads it. */
interface Summary {
  study: string;
  invented: boolean;
  version: string;
  title: Pair;
  rule: { pack: string; version: string; mode: Mode; title: Pair; note: Pair; source: string };
  report: { review_number: string; internal: boolean };
  walk: { speed_mps: number; snap_max_m: number; model: Pair };
  data: {
    osm_date: string | null;
    licence: string;
    persons: { estimate: boolean; counted?: boolean; source: string; method: Pair };
  };
  residences: { total: number; linked: number; persons: number; ledger: number };
  passed: Count;
  passed_known: Count;
  unknown: Count;
  assumed: Count;
  mixed_ground: { included: boolean; buildings: number; persons: number };
  mean_services: { mean: number | null; known: number };
  services: Service[];
  zones: Zone[];
  notes: (Pair & { code: string })[];
  complaints?: { standard: string; unknown: string[]; rows: Complaint[] };
  signals?: SignalFacts;
  capacity?: CapacityFacts;
  pairing?: PairingFacts;
}

interface Named {
  ids: string[];
  names: string[];
  spelled: string[];
}

type Mode = "union" | "one_stop";
type Strings = Record<string, Pair>;

/** How people walk: the whole numbers of graph.py. */
interface Walk extends Pair {
  id: string;
  speed_mmps: number;
  steps_pm: number;
  ferry_pm: number;
  ferry_mps: number;
  wheels: boolean;
  slope: boolean;
  lifts: boolean;
  ferries: boolean;
  private: "ends" | "open" | "closed";
  half_cs: { crossing: number; signal: number; lift: number; ferry: number };
  /** At a speed of its own, which no profile has. */
  custom?: boolean;
}

/** The texts of the page; see texts_of in content.py. */
/** A plan of new venues, as plan.json has it. */
interface Plan {
  suggested: boolean;
  old: boolean;
  status: string;
  objective_persons: number;
  /** null: nothing was proven. */
  bound_persons: number | null;
  /** Objective and bound are sums of weights, no plain persons. */
  weighted?: true;
  gap: number | null;
  /** Persons who surely lack something today, and with those of whom that is unknown. */
  gained_persons: [number, number];
  /** Ids of the services it is for, which alone are counted; null: all. */
  asked_services: string[] | null;
  before: { passed_known_persons: number; share: number | null };
  after: { passed_known_persons: number; share: number | null };
}

/** Persons who would lack something without a site alone, and the first places that it completes. */
interface SiteWhy {
  lost_persons: number;
  complete: { name: string; gained_persons: number }[];
  complete_count: number;
}

interface Texts {
  lang: Lang;
  strings: Strings;
  grid: Grid;
  cutoff_cs: number;
  summary: Summary;
  undetermined: boolean;
  /** Buildings that are no homes, by reason. */
  left_out: (Pair & { count: number })[];
  profile: Pair;
  homes: Named;
  venues: Named & { hours: string[] };
  zones: { level: string; id: string }[];
  /** Services and the tiers at which each must exist; of: position of the tier, accepts: of those that
   will do. */
  tiers: { service: string; tier: Pair; of: number; accepts: number[] }[];
  tier_names: Pair[];
  /** Sums of compounds, as the summary has those of zones. */
  compounds: Zone[];
  sources: Pair[];
  zones_spelled: string[];
  /** null: no plan; suggested: nobody asked for it; old: made on other data or settings. */
  plan: Plan | null;
  /** Names on the map, each once, and by position what some are in Chinese and English. */
  labels: { names: string[]; spelled: string[]; zh: Record<number, string>; en: Record<number, string> };
  /** A basemap from the network, where the file was made with one; key: whether readers need their own. */
  online?: { name: Pair; credit: Pair; layers: string[]; servers: string; zoom: number; key: boolean };
  /** Compounds as they are drawn. */
  outlines: Named;
  sites: { id: string; name: string; services: string[]; gained_persons: number; lonlat: XY; on: On | null; leg_cm: number; kind: string; why: SiteWhy | null }[];
  /** Places that a plan chose from, by kind. */
  candidates: { kind: string; count: number }[];
  network: string;
  gates: number[];
  walks: Walk[];
  known: boolean[];
  own_minutes: boolean[];
  week: { monday: string; stay_min: number; holidays: boolean };
  single: boolean;
  /** Where homes have rules of their own: these, the pack's first. */
  rules?: ToldRule[];
  /** Why the page cannot judge by them again. */
  whatif_off?: "" | "several" | "streets";
  detour: { near_m: number; far_m: number; cutoff_m: number; edges_pm: number[] } | null;
  /** Limits of the funnel of complaints. */
  funnel?: Funnel;
  gaps_why: string;
  gaps: { between: string; why: string; names: string[] }[];
  scenario?: object;
}

/** One rule; by service: the limit in centiseconds, below 0 where it is not asked for, and whether
 it is of its own, so that the slider leaves it; walk: null for that of the study. */
interface Rule {
  walk: Walk | null;
  limits: number[];
  sets: boolean[];
}

interface ToldRule extends Rule {
  name: Pair;
  terms: Pair;
  min_count: number[];
}

type Lang = "zh" | "en";

/** The streets: edges with their ends, flags, slopes, lines. */
interface Graph {
  u: Int32Array;
  v: Int32Array;
  cm: Int32Array;
  flags: Int32Array;
  slope: ArrayLike<number>;
  nodeFlags: Int32Array;
  door: Int32Array;
  edges: number;
  nodes: number;
  x: Float64Array;
  y: Float64Array;
  lines: Lines;
  /** Nodes that a private way ends at; made when first asked for. */
  privates?: Set<number>;
  /** Nodes where one gets on a lift or a ferry; made when first asked for. */
  boards?: { lift: Uint8Array; ferry: Uint8Array };
  /** By what walkers may use; made when first asked for. */
  forms?: Map<string, Form>;
}

/** Per edge and direction: factor per mille, whether one may walk so, wait at either end; own (E):
 a private way that only its residents and visitors walk; inside (E): such a way, or a public one that
 they enclose. */
interface Impedance {
  walk: Walk;
  factor: Int32Array;
  may: Uint8Array;
  wait: Int32Array;
  own: Uint8Array;
  inside: Uint8Array;
}

/** Called with an arc; back: against the direction of its edge. */
type Visit = (tail: number, head: number, cs: number, back?: number) => void;

/** Arcs without their times: those that end at node h are tail [ptr[h]..ptr[h + 1]), along edge and direction 2e + back. */
interface Form {
  leaving: Int32Array;
  arriving: Int32Array;
  nodes: number;
  ptr: Int32Array;
  tail: Int32Array;
  along: Int32Array;
}

/** Arcs by their tails. */
interface Forward {
  ptr: Int32Array;
  head: Int32Array;
  cs: Int32Array;
  edge: Int32Array;
  back: Uint8Array;
}

/** Unchanged streets as some people walk them: the arcs that end at node h are tail, cs [ptr[h]..ptr[h + 1]). */
interface Net {
  g: Graph;
  walk: Walk;
  way: Impedance;
  leaving: Int32Array;
  arriving: Int32Array;
  nodes: number;
  ptr: Int32Array;
  tail: Int32Array;
  cs: Int32Array;
  forward?: Forward;
}

/** Where an arc runs along an old edge, in centimetres from its first end. */
type Shape = { edge: number; from: number; to: number };

/** Arcs that changes add, in chains by their heads. */
interface More {
  first: Int32Array;
  tail: number[];
  head: number[];
  cs: number[];
  next: number[];
  shape: (Shape | null)[];
}

/** A piece of an edge that links cut. */
interface Part {
  u: number;
  v: number;
  cm: number;
  from: number;
  waitU: number;
  waitV: number;
}

/** Streets under changes: base with further arcs; parts: cut edges by position. */
interface EditedNet extends Net {
  base: Net;
  more: More | null;
  parts: Map<number, Part[]>;
}

/** What a search walks on. */
interface Arcs {
  ptr: Int32Array;
  tail: Int32Array;
  cs: Int32Array;
  more?: Pick<More, "first" | "tail" | "cs" | "next"> | null;
}

interface Door {
  edge: number;
  cm: number;
  span: number;
  leg: number;
}

/** A door of facility f. */
interface Found extends Door {
  f: number;
}

/** Doors in rows. */
interface Doors {
  owner: Int32Array;
  edge: Int32Array;
  cm: Int32Array;
  span: Int32Array;
  leg: Int32Array;
  count: number;
}

/** A placed end of a change: degrees, and where it is on the streets. */
interface Place {
  at: XY;
  on: On;
  leg_cm?: number;
}

type AddVenue = Place & { do: "add_venue"; id: string; name: string; services: string[]; tier?: string | null };
type MoveVenue = Place & { do: "move_venue"; venue: string };
type CloseVenue = { do: "close_venue"; venue: string };
type OpenGate = { do: "open_gate"; node: number };
type AddLink = { do: "add_link"; from: Place; to: Place; length_cm: number };
type Change = AddVenue | MoveVenue | CloseVenue | OpenGate | AddLink;

/** What a reviewer says of a place, as a scenario file holds it. */
interface Remark {
  text: string;
  at: XY;
  home?: string | null;
  venue?: string | null;
  by?: string;
  when?: string;
}

/** What is asked: who walks, limit in minutes (null: the study's), reading, evidence ("A", "AB",
 "ABC"), hour of the week (null: any), changes. */
interface Settings {
  walk: Walk;
  minutes: number | null;
  mode: Mode;
  evidence: string;
  hour: number | null;
  changes: Change[];
  /** They change no verdict. */
  comments: Remark[];
  /** Of the step of the history that made it. */
  tag?: string;
}

interface Added extends Found {
  id: string;
  k: number;
}

/** Who counts: facilities left out and those of unknown hours, doors of new ones, ids of venues with
 all services, names of new facilities. */
interface Supply {
  out: Set<number>;
  unsure: Set<number>;
  added: Added[];
  complete: Set<string>;
  names: Map<number, string>;
}

/** Least labels of one service at nodes and homes. */
interface Field {
  /** Of the doors it leads to. */
  rows: number[];
  label: Float64Array;
  found: Found[];
  home: Float64Array;
}

/** What one rule compares: its services, limits and the least of them, who counts, and the least times
 of its walkers; blank: a service of its own has no data. */
interface RulePart {
  asked: number[];
  limits: number[];
  least: number;
  blank: boolean;
  stock: Supply;
  homeNet: ReturnType<import("./fields.js").Fields["netOf"]>;
  net: EditedNet;
  fields: Field[];
  possible: Field[] | null;
}

/** Times and venues as whole numbers. */
interface Times {
  cs: Int32Array;
  ix: Int32Array;
}

/** Services in time, perhaps in time, and in time of those with data, by home. */
interface Seen {
  met: Uint8Array;
  possible: Uint8Array;
  knownMet: Uint8Array;
}

/** A question but for its limits, and the times that answer it. */
interface Asked extends Pick<Settings, "walk" | "evidence" | "hour" | "changes"> {
  rule: Rule;
  times: Omit<RulePart, "limits" | "least">;
}

/** Services that fail, that are unknown, and that are not asked for, by home. */
interface StateCounts {
  missing: Uint8Array;
  unknown: Uint8Array;
  unasked: Uint8Array;
}

/** A verdict: arrays as in the pack, under the settings. */
interface Verdict {
  settings: Settings;
  threshold_cs: number[];
  state: Int8Array;
  nearest_cs: Int32Array;
  nearest_ix: Int32Array;
  counted_cs: Int32Array;
  one_stop_cs: Int32Array;
  one_stop_ix: Int32Array;
  one_stop_state: Int8Array;
  residence_state: Int8Array;
  known_met: Uint8Array;
  counts: StateCounts;
  added: Added[];
  names: Map<number, string>;
  /** By rule; the first is that of the pack, whose streets and fields are drawn. */
  parts: RulePart[];
  net: EditedNet;
  fields: Field[];
}

/** Figures of the panel. */
interface Totals {
  persons: number;
  passed: Count;
  known: Count;
  unknown: Count;
  /** Services in time per person, of the known ones. */
  mean: number | null;
  known_services: number;
  services: Service[];
  zones: Zone[];
  undetermined: boolean;
}

/** Streets in reach: whole (E), 1 where all of an edge is; parts: [edge, from, to] of the others. */
interface Covered {
  whole: Uint8Array;
  parts: [number, number, number][];
}
