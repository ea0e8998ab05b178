/* A button that prints the page, for who keeps paper. */
"use strict";

for (const button of document.querySelectorAll("button.print")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
