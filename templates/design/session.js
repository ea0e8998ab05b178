/* A page that stays open warns before the session is cut, and says so when it was. Who reads it
   without script is told by the first page within the last minutes, and by the page of the cut. */
"use strict";

const warning = document.querySelector("form[data-warn-after]");
if (warning) {
  const near = warning.querySelector("[data-session=near]");
  const over = warning.querySelector("[data-session=over]");
  const again = warning.querySelector("[data-over]");
  const goOn = again.textContent;
  const later = (seconds) => Date.now() + Number(seconds) * 1000;
  let limits = { warnAt: later(warning.dataset.warnAfter), cutAt: later(warning.dataset.cutAfter) };

  // By the clock rather than by a timer: a computer that slept is told at once.
  const look = () => {
    const isOver = Date.now() >= limits.cutAt;
    warning.hidden = Date.now() < limits.warnAt;
    near.hidden = isOver;
    over.hidden = !isOver;
    again.textContent = isOver ? again.dataset.over : goOn;
  };

  // A page of this service in another tab is a use of the same session: it knows the limits better.
  const tabs = new BroadcastChannel("session");
  tabs.onmessage = (message) => {
    limits = message.data;
    look();
  };
  tabs.postMessage(limits);

  look();
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
}
