/* Telephones and identity numbers in what people write: the check of sources/ledgers/privacy.py. */
import { IDENTITY, IDENTITY_CHECK, IDENTITY_WEIGHTS, PHONE } from "./constants.js";

/** "phone" or "identity", whichever number stands in a text; "" for neither.
 @param {string} words */
export const personalIn = (words) => kindIn(words) || kindIn(words.normalize("NFKC").trim());

/** @param {string} words */
function kindIn(words) {
  if ((words.match(IDENTITY) ?? []).some(isIdentity)) return "identity";
  return words.search(PHONE) >= 0 ? "phone" : "";
}

/** Whether the last digit checks the others (GB 11643) and a date of birth stands inside.
 @param {string} number */
function isIdentity(number) {
  if (!/^[0-9]{17}[0-9Xx]$/.test(number)) return false;
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number), date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (!year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  const total = IDENTITY_WEIGHTS.reduce((sum, weight, i) => sum + weight * Number(number[i]), 0);
  return IDENTITY_CHECK[total % 11] === number[17].toUpperCase();
}
