/* The waiting page: asks how the challenge stands, counts down, then moves on.
   Without this script the page reloads itself. */
"use strict";

(() => {
  const waiting = document.getElementById("waiting");
  const timeLeft = document.getElementById("time-left");
  const { status, page, interval, done } = waiting.dataset;
  const end = performance.now() + Number(timeLeft.dataset.seconds) * 1000;

  const countDown = () => {
    const seconds = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    timeLeft.textContent = `${seconds}\u00a0s`;
  };

  const moveOn = () => {
    waiting.textContent = done;
    location.replace(page);
  };

  const ask = async () => {
    try {
      const answer = await fetch(status, { headers: { Accept: "application/json" } });
      if (answer.ok && (await answer.json()).state === "pending") {
        setTimeout(ask, Number(interval));
        return;
      }
      if (answer.status < 500) {
        moveOn();
        return;
      }
    } catch {
      // The network is away for a moment: the challenge is not.
    }
    setTimeout(ask, Number(interval) * 3);
  };

  countDown();
  setInterval(countDown, 1000);
  setTimeout(ask, Number(interval));
})();
