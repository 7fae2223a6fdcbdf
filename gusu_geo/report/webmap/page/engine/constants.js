/* Made by gusu_geo/report/webmap/constants.py: change the Python side, then run make page. */
export const INF_CS = 2147483647;
export const CS_PER_MIN = 6000;
export const LEVEL_PM = 1000;
export const HOURS = 168;
export const EVIDENCE = "ABC";
export const COMPOUND = "compound";
export const GATE_KINDS = ["public", "residents", "locked"];
export const GROUPS = ["elders", "children"];
export const TIER_WORDS = {"\u533a": 0, "\u8857\u9053": 1, "\u793e\u533a": 2, "\u5c0f\u533a": 3, "district": 0, "subdistrict": 1, "community": 2, "compound": 3, "unknown": -1, "\u4e0d\u660e": -1};
export const LABEL_KINDS = ["town", "quarter", "island", "water", "park", "station", "landmark", "compound", "locality", "entrance", "house", "trunk", "primary", "secondary", "tertiary", "street", "path", "waterway", "stream"];
export const LABEL_STEPS = 4;
export const MODES = ["union", "one_stop"];
export const PRIVATE_WAYS = ["ends", "open", "closed"];
export const SCENARIO_SCHEMA = "gusu-geo-scenario/2";
export const LONGEST_COMMENT = 500;
export const IDENTITY_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
export const IDENTITY_CHECK = "10X98765432";
export const SCENARIO_UNITS = 5000000;
export const State = Object.freeze({ FAIL: 0, PASS: 1, UNKNOWN: 2, NOT_ASKED: 3 });
export const Reason = Object.freeze({ LINKED: 0, TOO_FAR: 1, ISLAND: 2, WATER: 3, WALL: 4, RAILWAY: 5, MOTORWAY: 6 });
export const Room = Object.freeze({ UNKNOWN: 0, ROOM: 1, FULL: 2, NONE_NEAR: 3 });
export const Open = Object.freeze({ CLOSED: 0, OPEN: 1, UNKNOWN: 2 });
export const WayFlag = Object.freeze({ STEPS: 1, PRIVATE: 2, TUNNEL: 4, BRIDGE: 8, AREA: 16, FORWARD_ONLY: 32, BACKWARD_ONLY: 64, ESTIMATED: 128, LIFT: 256, FERRY: 512, NO_WHEELS: 1024, ON_FOOT: 2048, ENCLOSED: 4096, OPENING: 8192, BEYOND: 16384 });
export const NodeFlag = Object.freeze({ CLOSED: 1, GATE: 2, RESIDENTS: 4, CROSSING: 8, SIGNALS: 16, LIFT: 32, BEYOND: 64 });
export const StreetClass = Object.freeze({ WIDE: 0, NARROW: 1, PATH: 2, STEPS: 3, UNDRAWN: 4 });
/** What each change of a scenario file may hold: the table by which compare reads it. */
export const SCENARIO_CHANGE = { kinds: {
  add_link: {"additionalProperties": false, "required": ["do", "from", "to"], "type": "object", "properties": {"do": {"const": "add_link", "type": "string"}, "from": {"additionalProperties": false, "needs_some": ["at", "on"], "type": "object", "properties": {"at": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"}, {"type": "null"}], "lonlat": true}, "on": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"maximum": 9007199254740991, "minimum": 0, "type": "integer"}, {"maximum": 9007199254740991, "minimum": 0, "type": "integer"}], "type": "array"}, {"type": "null"}]}}}, "to": {"additionalProperties": false, "needs_some": ["at", "on"], "type": "object", "properties": {"at": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"}, {"type": "null"}], "lonlat": true}, "on": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"maximum": 9007199254740991, "minimum": 0, "type": "integer"}, {"maximum": 9007199254740991, "minimum": 0, "type": "integer"}], "type": "array"}, {"type": "null"}]}}}, "length_cm": {"anyOf": [{"maximum": 100000000, "minimum": 0, "type": "integer"}, {"type": "null"}]}}},
  add_venue: {"additionalProperties": false, "needs_some": ["at", "on"], "required": ["do", "id", "services"], "type": "object", "properties": {"at": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"}, {"type": "null"}], "lonlat": true}, "on": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"maximum": 9007199254740991, "minimum": 0, "type": "integer"}, {"maximum": 9007199254740991, "minimum": 0, "type": "integer"}], "type": "array"}, {"type": "null"}]}, "do": {"const": "add_venue", "type": "string"}, "id": {"maxLength": 200, "minLength": 1, "type": "string"}, "name": {"maxLength": 1000, "type": "string"}, "services": {"items": {"maxLength": 1000, "type": "string"}, "maxItems": 1000, "minItems": 1, "type": "array", "uniqueItems": true}, "tier": {"anyOf": [{"enum": ["\u533a", "\u8857\u9053", "\u793e\u533a", "\u5c0f\u533a", "district", "subdistrict", "community", "compound", "unknown", "\u4e0d\u660e"], "type": "string"}, {"type": "null"}]}}},
  close_venue: {"additionalProperties": false, "required": ["do", "venue"], "type": "object", "properties": {"do": {"const": "close_venue", "type": "string"}, "venue": {"maxLength": 1000, "type": "string"}}},
  move_venue: {"additionalProperties": false, "needs_some": ["at", "on"], "required": ["do", "venue"], "type": "object", "properties": {"at": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"}, {"type": "null"}], "lonlat": true}, "on": {"anyOf": [{"maxItems": 2, "minItems": 2, "prefixItems": [{"maximum": 9007199254740991, "minimum": 0, "type": "integer"}, {"maximum": 9007199254740991, "minimum": 0, "type": "integer"}], "type": "array"}, {"type": "null"}]}, "do": {"const": "move_venue", "type": "string"}, "venue": {"maxLength": 1000, "type": "string"}}},
  open_gate: {"additionalProperties": false, "required": ["do", "node"], "type": "object", "properties": {"do": {"const": "open_gate", "type": "string"}, "node": {"maximum": 9007199254740991, "minimum": 0, "type": "integer"}}},
  set_rule: {"additionalProperties": false, "needs_some": ["minutes", "mode"], "required": ["do"], "type": "object", "properties": {"do": {"const": "set_rule", "type": "string"}, "minutes": {"anyOf": [{"exclusiveMinimum": 0, "maximum": 120.0, "type": "number"}, {"type": "null"}]}, "mode": {"anyOf": [{"enum": ["union", "one_stop"], "type": "string"}, {"type": "null"}]}}},
  set_walk: {"additionalProperties": false, "needs_one": ["profile", "speed_mps"], "required": ["do"], "type": "object", "properties": {"do": {"const": "set_walk", "type": "string"}, "profile": {"anyOf": [{"maxLength": 1000, "type": "string"}, {"type": "null"}]}, "speed_mps": {"anyOf": [{"maximum": 5.0, "minimum": 0.1, "type": "number"}, {"type": "null"}]}}},
} };
/** What a comment may hold. */
export const SCENARIO_COMMENT = {"additionalProperties": false, "required": ["text", "at"], "type": "object", "properties": {"text": {"maxLength": 500, "minLength": 1, "type": "string"}, "at": {"lonlat": true, "maxItems": 2, "minItems": 2, "prefixItems": [{"type": "number"}, {"type": "number"}], "type": "array"}, "home": {"anyOf": [{"maxLength": 1000, "type": "string"}, {"type": "null"}]}, "venue": {"anyOf": [{"maxLength": 1000, "type": "string"}, {"type": "null"}]}, "by": {"maxLength": 20, "type": "string"}, "when": {"maxLength": 40, "type": "string"}}};
/** What the file may hold beside its changes and comments, by its schema. */
export const SCENARIO_FILES = {"gusu-geo-scenario/1": {"additionalProperties": false, "required": ["schema", "study", "changes"], "type": "object", "properties": {"schema": {"const": "gusu-geo-scenario/1", "type": "string"}, "study": {"maxLength": 1000, "type": "string"}, "network": {"anyOf": [{"maxLength": 1000, "type": "string"}, {"type": "null"}]}, "title": {"maxLength": 1000, "type": "string"}, "changes": {"maxItems": 10000, "type": "array"}}}, "gusu-geo-scenario/2": {"additionalProperties": false, "required": ["schema", "study", "changes"], "type": "object", "properties": {"schema": {"const": "gusu-geo-scenario/2", "type": "string"}, "study": {"maxLength": 1000, "type": "string"}, "network": {"anyOf": [{"maxLength": 1000, "type": "string"}, {"type": "null"}]}, "title": {"maxLength": 1000, "type": "string"}, "changes": {"maxItems": 10000, "type": "array"}, "comments": {"maxItems": 1000, "type": "array"}}}};
/** Telephones, and what may be an identity number: the check of ledgers. */
export const PHONE = /(?<![\p{Nd}.])(?:\+?86[ -]?)?1[3-9]\p{Nd}(?:[ -]?\p{Nd}{4}[ -]?|\.\p{Nd}{4}\.)\p{Nd}{4}(?!\p{Nd})|(?<![\p{Nd}.])(?:\+?86[ -]|\(?0)[1-9]\p{Nd}{1,2}(?:\) ?|[ -]?)\p{Nd}{3,4}[ -]?\p{Nd}{4}(?!\p{Nd})|(?:(?<=电话)|(?<=座机)|(?<=手机)|(?<=tel)|(?<=phone))[:.]? ?\p{Nd}{3,4}[ -]?\p{Nd}{4}(?!\p{Nd})/giu;
export const IDENTITY = /(?<![\p{Nd}A-Za-z.])\p{Nd}{17}[\p{Nd}Xx](?![\p{Nd}A-Za-z])/gu;
