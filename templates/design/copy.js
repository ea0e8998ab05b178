/* A button beside a value copies it, and says so. Without clipboard (plain http on a network)
   there is no button: the value can be selected. */
"use strict";

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button.copy")) {
    const said = button.nextElementSibling;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      said.textContent = button.dataset.done;
    });
    button.hidden = false;
  }
}
