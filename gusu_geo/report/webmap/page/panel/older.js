/* Classes for older.css: what a browser lacks in style sheets. */
import { el } from "./dom.js";

/** Marks the page where flex boxes know no gap (before Chrome 84). */
export function markOlder() {
  const box = el("div", {}, el("div", {}), el("div", {}));
  Object.assign(box.style, { display: "flex", flexDirection: "column", position: "absolute", rowGap: "1px" });
  document.body.append(box);
  document.documentElement.classList.toggle("no-flex-gap", box.scrollHeight !== 1);
  box.remove();
}
