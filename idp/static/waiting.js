/* The waiting page: asks how the challenge stands, counts down, then moves on; once a form was sent,
   to what the form brings. Without this script the page reloads itself. */
"use strict";

(() => {
  const waiting = document.getElementById("waiting");
  const timeLeft = document.getElementById("time-left");
  const timeBar = document.getElementById("time-bar");
  const { status, page, interval, done } = waiting.dataset;
  const end = performance.now() + Number(timeLeft.dataset.seconds) * 1000;
  let next;
  let isSent = false;

  const countDown = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    timeLeft.textContent = `${seconds}\u00a0s`;
    if (timeBar) timeBar.value = seconds; // the portal shows none
  };

  // The page that follows has a title of its own: a tab in the background tells the outcome by it.
  const moveOn = () => {
    waiting.textContent = done;
    document.title = done;
    location.replace(page);
  };

  const ask = async () => {
    try {
      const answer = await fetch(status, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state === "pending") {
        next = setTimeout(ask, Number(interval));
        return;
      }
      // Another navigation would end that of the form, and with it what was asked.
      if (answer.status < 500 && !isSent) {
        moveOn();
        return;
      }
    } catch {
      // The network is away for a moment: the challenge is not.
    }
    next = setTimeout(ask, Number(interval) * 3);
  };

  // Timers of a tab in the background are slowed: who comes back is answered at once.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      clearTimeout(next);
      ask();
    }
  });
  document.addEventListener("submit", (event) => {
    isSent = !event.defaultPrevented;
  });
  // The browser kept the page as it was left, and the person went back.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isSent = false;
  });
  countDown();
  setInterval(countDown, 1000);
  next = setTimeout(ask, Number(interval));
})();
