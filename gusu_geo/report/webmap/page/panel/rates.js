/* Rates and their intervals in words. */

/** Three digits that count; "∞" without an end, a dash for what is unknown: as district_lines.py writes them.
 @param {number | null | undefined} value */
export function number(value) {
  if (value === null || value === undefined) return "—";
  if (value === Infinity) return "∞";
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 }).format(value);
  if (size >= 10 || value === Math.round(value * 10) / 10) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

/** The ends of an interval; "" where it is unknown.
 @param {{ low: number | null, high: number | null }} rate */
export const ends = ({ low, high }) => (low === null && high === null ? "" : `[${number(low)}, ${number(high ?? Infinity)}]`);

/** A rate with its interval.
 @param {Rate} rate */
export const interval = (rate) => (rate.rate === null && rate.low === null ? "—" : `${number(rate.rate)} ${ends(rate)}`);

/** A count; what stands for one too small to be shown.
 @param {Say} say
 @param {number | null} count */
export const counted = (say, count) => (count === null ? "<10" : say.count(count));
