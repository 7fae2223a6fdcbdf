/* Runs first and in any browser, so in the JavaScript of 2009: says so where a browser is too old. */
(function () {
  "use strict";
  var root = document.documentElement;

  function refuse() {
    var words = JSON.parse(document.getElementById("gusu-texts").textContent).strings.old_browser;
    var trouble = document.getElementById("trouble");
    root.setAttribute("data-old", "true"); // the page does not start then
    trouble.textContent = words.zh + "\n" + words.en;
    trouble.removeAttribute("hidden");
  }

  var gzipped = document.getElementById("gusu-arrays").textContent.slice(0, 4) === "H4sI";
  if (gzipped && typeof DecompressionStream === "undefined") refuse();
  // A browser that cannot read the page's script has not made its name by then.
  else document.addEventListener("DOMContentLoaded", function () { if (typeof gusuPage === "undefined") refuse(); });
})();
