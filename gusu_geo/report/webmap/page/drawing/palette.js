/* Colours of ground and names, on light and on dark paper. */

/** @typedef {typeof LIGHT} Palette */

export const LIGHT = {
  unknown: "#e2e0d9", land: "#f9f7f2", sea: "#b5d3e4", water: "#c8e0ec", green: "#dfe9d8", house: "#e6e2da", houseRim: "#cfc9bd", mixed: "#ece8ee", mixedRim: "#8d8296",
  coast: "#6fa5c4", waterway: "#a3c6da", stream: "#b5d0de", railway: "#a8a3a0", motorway: "#cdb98f",
  streets: ["#cfc5b1", "#d9d3c6", "#d9d4ca", "#b3a994"], veil: "rgba(240,238,233,0.42)", border: "#4a5560", zone: "rgba(60,70,92,0.7)",
  halo: "rgba(255,255,255,0.9)",
  ink: { place: "#2b3644", street: "#5a5246", water: "#1f5f86", green: "#33661f", station: "#1d4f9c", landmark: "#6b3f1d", zone: "#3a4656", venue: "#222c38" },
};

/** @type {Palette} */
export const DARK = {
  unknown: "#12161a", land: "#20272d", sea: "#133a52", water: "#17384c", green: "#203326", house: "#2c333a", houseRim: "#414a52", mixed: "#3b3543", mixedRim: "#8d8296",
  coast: "#3b6e8c", waterway: "#28536c", stream: "#234659", railway: "#5d5f63", motorway: "#6d6248",
  streets: ["#565c61", "#444b51", "#3c434a", "#6a644f"], veil: "rgba(16,20,24,0.42)", border: "#9aa7b3", zone: "rgba(170,184,204,0.6)",
  halo: "rgba(18,23,28,0.88)",
  ink: { place: "#eef2f6", street: "#cfc9bd", water: "#8cc4e4", green: "#9ed08b", station: "#9fc2f5", landmark: "#e2b48f", zone: "#c6d0dc", venue: "#e6ebf0" },
};
