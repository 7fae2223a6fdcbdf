// Builds the page's script, page/bundle.js. With --check: only says whether the committed one is current.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const page = fileURLToPath(new URL("../gusu_geo/report/webmap/page/", import.meta.url));
const checking = process.argv.includes("--check");

// Of the sources, so that tests see a stale bundle without Node (tests/test_map_scripts.py).
const scripts = ["drawing", "engine", "panel"].flatMap((room) => readdirSync(page + room).map((name) => `${room}/${name}`));
const digest = createHash("sha256");
for (const name of scripts.filter((one) => one.endsWith(".js")).sort()) digest.update(`${name}\n${readFileSync(page + name, "utf8")}`);

const { outputFiles } = await build({
  entryPoints: [`${page}panel/page.js`],
  outfile: `${page}bundle.js`,
  bundle: true,
  format: "iife",
  globalName: "gusuPage",
  target: ["chrome80", "firefox113"], // the promise of docs/map.md
  minify: true,
  charset: "utf8",
  legalComments: "none",
  banner: { js: `/* Made from engine, drawing and panel (${digest.digest("hex").slice(0, 16)}): change those, then run make page. */` },
  write: !checking,
});

if (checking && outputFiles[0].text !== readFileSync(`${page}bundle.js`, "utf8")) {
  console.error("page/bundle.js is not what its sources make: run make page");
  process.exit(1);
}
