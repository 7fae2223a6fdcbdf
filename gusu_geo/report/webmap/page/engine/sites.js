/* Sites of a plan as changes of a scenario: one new venue each, with all its services. */

/** The id of site i as a venue: none that a venue of the study has.
 @param {{ texts: Texts, facilities: number }} model
 @param {number} i */
export function siteId({ texts, facilities }, i) {
  let id = `site-${i + 1}`;
  while (texts.venues.ids.indexOf(id) >= 0 && texts.venues.ids.indexOf(id) < facilities) id += "+";
  return id;
}

/** Site i as a change; null where no street is near it.
 @param {{ texts: Texts, facilities: number }} model
 @param {number} i
 @returns {AddVenue | null} */
export function siteChange(model, i) {
  const { id, name, services, lonlat: at, on, leg_cm } = model.texts.sites[i];
  if (!on) return null;
  /** @type {AddVenue} */
  const change = { do: "add_venue", id: siteId(model, i), name: name || id, services, at, on };
  return leg_cm ? { ...change, leg_cm } : change; // a file says where a door off the street stands
}

/** Whether site i is among the changes, where the plan has it.
 @param {{ texts: Texts, facilities: number }} model
 @param {Change[]} changes
 @param {number} i */
export function isAdopted(model, changes, i) {
  const id = siteId(model, i), on = model.texts.sites[i].on;
  return changes.some((one) => one.do === "add_venue" && one.id === id && String(one.on) === String(on))
    && !changes.some((one) => "venue" in one && one.venue === id);
}

/** The changes with sites, each once.
 @param {{ texts: Texts, facilities: number }} model
 @param {Change[]} changes
 @param {number[]} sites */
export function withSites(model, changes, sites) {
  const added = sites.flatMap((i) => siteChange(model, i) ?? []);
  return [...withoutSites(model, changes, sites), ...added];
}

/** The changes without sites, and without what became of them.
 @param {{ texts: Texts, facilities: number }} model
 @param {Change[]} changes
 @param {number[]} sites */
export function withoutSites(model, changes, sites) {
  const ids = new Set(sites.map((i) => siteId(model, i)));
  return changes.filter((one) => !("id" in one && ids.has(one.id)) && !("venue" in one && ids.has(one.venue)));
}
