/* A page on which nobody does anything warns before the session is cut. Who reads it without script
   is told so by the first page within the last minutes, and by the page of the cut. */
"use strict";

const warning = document.getElementById("session-idle-warning");
if (warning) {
  const announce = () => {
    warning.hidden = false;
  };
  setTimeout(announce, Number(warning.dataset.after) * 1000);
}
