/* A keypad for codes: its keys type into the field of its form that was chosen last. How many
   digits were typed is said, never which. Without this script the field is typed into. */
"use strict";

for (const pad of document.querySelectorAll(".pad")) {
  const form = pad.closest("form");
  const fields = [...form.querySelectorAll("input[data-code]")];
  const count = pad.querySelector(".count");
  let field = fields[0];

  const tell = () => {
    const { length } = field.value;
    const words = [pad.dataset.none, pad.dataset.one][length] ?? pad.dataset.many;
    count.textContent = words.replace("{count}", length);
  };

  const choose = (chosen) => {
    field = chosen;
    fields.forEach((each) => each.classList.toggle("chosen", fields.length > 1 && each === field));
    tell();
  };

  const type = (digit) => {
    if (field.value.length < field.maxLength) field.value += digit;
    tell();
  };

  const erase = () => {
    field.value = field.value.slice(0, -1);
    tell();
  };

  pad.addEventListener("click", ({ target }) => {
    if (target.dataset.digit) type(target.dataset.digit);
    if ("erase" in target.dataset) erase();
    if ("next" in target.dataset) choose(fields[(fields.indexOf(field) + 1) % fields.length]);
  });
  // Digits of a keyboard count while a key of the pad has the focus.
  pad.addEventListener("keydown", (event) => {
    if (/^[0-9]$/.test(event.key)) type(event.key);
    if (event.key === "Backspace") erase();
  });
  for (const each of fields) {
    each.inputMode = "none"; // the keypad stands in for the one that a phone would open
    each.addEventListener("focus", () => choose(each));
    each.addEventListener("input", tell);
  }
  pad.hidden = false;
  choose(field);
}
