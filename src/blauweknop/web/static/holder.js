/* Courtesies of Mijn Blauwe Knop on top of pages that work without them: a button that prints. */
"use strict";
(() => {
  const print = document.querySelector("[data-print]");
  if (print) {
    print.hidden = false;
    print.querySelector("button").addEventListener("click", () => window.print());
  }
})();
