// Builds the scripts of the pages: page/bundle.js of a study, page/overview.js of a province. With --check: only says
// whether the committed ones are current.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = fileURLToPath(new URL("../gusu_geo/report/webmap/page/", import.meta.url));
const checking = process.argv.includes("--check");

/** The bundle and what it is made of: the folders of its scripts, the one that starts it. */
const PAGES = [
  { bundle: "bundle.js", rooms: ["drawing", "engine", "panel"], start: "panel/page.js", from: "engine, drawing and panel" },
  { bundle: "overview.js", rooms: ["drawing", "engine", "overview", "panel"], start: "overview/page.js", from: "engine, drawing, panel and overview" },
];

for (const { bundle, rooms, start, from } of PAGES) {
  // Of the sources, so that tests see a stale bundle without Node (tests/webmap/test_map_scripts.py).
  const scripts = rooms.flatMap((room) => readdirSync(page + room).map((name) => `${room}/${name}`));
  const digest = createHash("sha256");
  for (const name of scripts.filter((one) => one.endsWith(".js")).sort()) digest.update(`${name}\n${readFileSync(page + name, "utf8")}`);

  const { outputFiles } = await build({
    entryPoints: [page + start],
    outfile: page + bundle,
    bundle: true,
    format: "iife",
    globalName: "gusuPage",
    target: ["chrome80", "firefox113"], // the promise of docs/map.md
    minify: true,
    charset: "utf8",
    legalComments: "none",
    banner: { js: `/* Made from ${from} (${digest.digest("hex").slice(0, 16)}): change those, then run make page. */` },
    write: !checking,
  });

  if (checking && outputFiles[0].text !== readFileSync(page + bundle, "utf8")) {
    console.error(`page/${bundle} is not what its sources make: run make page`);
    process.exit(1);
  }
}
