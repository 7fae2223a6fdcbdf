/* Made by gusu_geo/report/webmap/constants.py: change the Python side, then run make page. */
export const INF_CS = 2147483647;
export const CS_PER_MIN = 6000;
export const LEVEL_PM = 1000;
export const HOURS = 168;
export const EVIDENCE = "ABC";
export const GATE_KINDS = ["public", "residents", "locked"];
export const GROUPS = ["elders", "children"];
export const MODES = ["union", "one_stop"];
export const PRIVATE_WAYS = ["ends", "open", "closed"];
export const SCENARIO_SCHEMA = "gusu-geo-scenario/1";
export const FARTHEST_CM = 100000000;
export const MIN_SPEED_MPS = 0.1;
export const MAX_SPEED_MPS = 5.0;
export const State = Object.freeze({ FAIL: 0, PASS: 1, UNKNOWN: 2 });
export const Reason = Object.freeze({ LINKED: 0, TOO_FAR: 1, ISLAND: 2, WATER: 3, WALL: 4, RAILWAY: 5, MOTORWAY: 6 });
export const Open = Object.freeze({ CLOSED: 0, OPEN: 1, UNKNOWN: 2 });
export const WayFlag = Object.freeze({ STEPS: 1, PRIVATE: 2, TUNNEL: 4, BRIDGE: 8, AREA: 16, FORWARD_ONLY: 32, BACKWARD_ONLY: 64, ESTIMATED: 128, LIFT: 256, FERRY: 512, NO_WHEELS: 1024, ON_FOOT: 2048, ENCLOSED: 4096, OPENING: 8192 });
export const NodeFlag = Object.freeze({ CLOSED: 1, GATE: 2, RESIDENTS: 4, CROSSING: 8, SIGNALS: 16, LIFT: 32 });
export const StreetClass = Object.freeze({ WIDE: 0, NARROW: 1, PATH: 2, STEPS: 3, UNDRAWN: 4 });
/** What may stand in each kind of change of a scenario file. */
export const SCENARIO_FIELDS = Object.freeze({
  add_venue: ["at", "on", "id", "name", "services", "leg_cm"],
  move_venue: ["at", "on", "venue", "leg_cm"],
  close_venue: ["venue"],
  open_gate: ["node"],
  add_link: ["from", "to", "length_cm"],
  set_walk: ["profile", "speed_mps"],
  set_rule: ["minutes", "mode"],
});
