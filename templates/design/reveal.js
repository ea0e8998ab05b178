/* A button beside a password shows what was typed, until it is pressed again or the form is sent:
   a browser keeps what is sent as plain text among what it offers later. */
"use strict";

for (const button of document.querySelectorAll("button.reveal")) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
  };
  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  button.hidden = false;
}
