/* What the page reads of the district's own systems: signals, capacity, pairs, complaints. See
assessment/signal_facts.py, capacity_facts.py, pairing_facts.py; null: unknown, or too few to be shown. */

interface Rate {
  rate: number | null;
  low: number | null;
  high: number | null;
}

interface SignalCell {
  id: string;
  name: string;
  persons: number;
  visits: number | null;
  signals: number | null;
  per_1000: Rate;
  per_visit: Rate | null;
  expected: number | null;
  shrunk: Rate;
  /** Its shrunk rate over that of the district. */
  relative: number | null;
  /** 1 ... of the scan, 0 for none. */
  cluster: number;
  alone: "" | "high" | "low";
}

interface SignalCluster {
  zones: string[];
  names: string[];
  signals: number | null;
  expected: number;
  times: number | null;
  p: number;
}

interface GapAsked {
  service: string;
  zone: string;
  ratio: number | null;
  low: number | null;
  high: number | null;
  asked: "yes" | "no" | "open";
}

interface SignalFacts {
  level: string;
  until: string;
  total: number | null;
  used: number | null;
  /** The first and the last date. */
  days: string[];
  located: Record<string, number | null>;
  all: Rate;
  all_per_visit: Rate | null;
  cells: SignalCell[];
  scan: { state: "found" | "none" | "too_few" | "one_cell"; power: number | null; doubled: number; aside: string[]; clusters: SignalCluster[] };
  asked: GapAsked[];
  left_out: number | null;
}

interface Norm {
  per_1000: number;
  of: "persons" | "elders" | "children";
  source: string;
}

interface ServiceCapacity {
  service: string;
  unit: string;
  venues: number;
  known: number;
  norm: Norm | null;
  found: { full_persons: number | null; room_persons: number | null; none_persons: number | null; unknown_persons: number | null; access: number | null };
}

interface VenueLoad {
  facility_id: string;
  service: string;
  capacity: number | null;
  unit: string;
  demand: number | null;
  ratio: number | null;
}

interface TeamLoad {
  team: string;
  staff: number;
  fte: number;
  unknown_fte: number;
  per_1000: number | null;
  low_per_1000: number | null;
  low_zone: string;
}

interface CapacityFacts {
  steps_s: number[];
  level: string;
  services: ServiceCapacity[];
  venues: VenueLoad[];
  teams: TeamLoad[];
}

interface BodyPair {
  body: string;
  name: string;
  zone: string;
  zone_name: string;
  fit: number;
  now: boolean;
  kept: boolean;
  uncertain: boolean;
  reasons: Pair[];
  next_zone: string;
  next_name: string;
  loss: number | null;
  projects: string[];
}

interface CommunityNeed {
  id: string;
  name: string;
  low: Record<string, number | null>;
  high: Record<string, number | null>;
  unmet: string[];
  unserved: string[];
}

interface PairingFacts {
  level: string;
  bodies: number;
  communities: number;
  least: number | null;
  value: number;
  now_least: number | null;
  now_value: number | null;
  changes: number;
  uncertain: number;
  bare_now: string[];
  without_functions: string[];
  pairs: BodyPair[];
  needs: CommunityNeed[];
  listed: { id: string; name: string }[];
}

interface Complaint {
  id: string;
  name: string;
  complaints: number | null;
  expected: number | null;
  outside: "" | "black" | "red" | "high" | "low";
}

/** Seen over expected at the limits, by what is expected. */
interface Funnel {
  expected: number[];
  low_95: number[];
  high_95: number[];
  low_998: number[];
  high_998: number[];
}
