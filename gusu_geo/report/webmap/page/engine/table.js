/* Whether a value fits a table of constants.js: the part of JSON Schema that Python writes there, with needs_some, needs_one
   (keys that must have a value) and lonlat. As strict as Python: true is no number, and a lone half of a character no text. */

/** @typedef {Record<string, any>} Table */

/** @type {Record<string, (value: unknown) => boolean>} */
const TYPES = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string" && !/[\ud800-\udbff](?![\udc00-\udfff])|(?:[^\ud800-\udbff]|^)[\udc00-\udfff]/.test(value),
  integer: Number.isSafeInteger,
  number: Number.isFinite,
  null: (value) => value === null,
};

/** Not what every object inherits; Object.hasOwn is younger than Chrome 80.
 @param {object} thing
 @param {string} key */
const own = (thing, key) => Object.getOwnPropertyDescriptor(thing, key) !== undefined;

/** @param {Table} table
 @param {any} value
 @returns {boolean} */
export function fits(table, value) {
  if (table.lonlat && Array.isArray(value) && !(Math.abs(value[0]) <= 180 && Math.abs(value[1]) <= 90)) return false;
  if (table.anyOf) return table.anyOf.some((/** @type {Table} */ one) => fits(one, value));
  if (table.kinds) return TYPES.object(value) && typeof value.do === "string" && own(table.kinds, value.do) && fits(table.kinds[value.do], value);
  if (own(table, "const") && value !== table.const) return false;
  if (table.enum && !table.enum.includes(value)) return false;
  if (table.type && !TYPES[table.type](value)) return false;
  if (table.type === "object") return fitsObject(table, value);
  if (table.type === "array") return fitsArray(table, value);
  return table.type === "string" ? fitsText(table, value) : fitsNumber(table, value);
}

/** @param {Table} table
 @param {Record<string, unknown>} value */
function fitsObject(table, value) {
  const given = Object.keys(value), has = (/** @type {string} */ key) => own(value, key) && value[key] !== null;
  if (given.some((key) => !own(table.properties, key) || !fits(table.properties[key], value[key]))) return false;
  if (table.needs_some && !table.needs_some.some(has)) return false;
  if (table.needs_one && table.needs_one.filter(has).length !== 1) return false;
  return (table.required ?? []).every((/** @type {string} */ key) => own(value, key));
}

/** @param {Table} table
 @param {unknown[]} value */
function fitsArray(table, value) {
  if (value.length < (table.minItems ?? 0) || value.length > (table.maxItems ?? Infinity)) return false;
  if (table.uniqueItems && new Set(value).size < value.length) return false;
  return value.every((one, i) => fits(table.prefixItems?.[i] ?? table.items ?? {}, one));
}

/** @param {Table} table
 @param {string} value */
function fitsText(table, value) {
  const { minLength = 0, maxLength = Infinity } = table;
  if (value.length > 2 * maxLength) return false; // more than two units a character there are not
  const length = [...value].length;
  return length >= minLength && length <= maxLength;
}

/** @param {Table} table
 @param {number} value */
function fitsNumber(table, value) {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = table;
  return typeof value !== "number" || (value >= minimum && value <= maximum && value > exclusiveMinimum);
}
