/* A phone that is looked at: asks each second what changed since the page was made, and shows it.
   `data-on-change` of the page tells how: `show` opens what came, `stay` waits until the request
   that is being answered is over, `tell` says that something waits. Once a form was sent, what it
   brings is shown, and nothing else. Without this script the pages that wait reload themselves. */
"use strict";

(() => {
  const PAUSE = 1000; // milliseconds
  const { state, home, onChange, challenge } = document.body.dataset;
  const news = document.getElementById("news");
  const left = document.getElementById("left");
  let { cursor } = document.body.dataset;
  let isSent = false;

  // Another navigation would end that of the form, and with it what the person is told.
  const open = (query) => {
    if (!isSent) location.replace(query ? `${home}?${query}` : home);
  };

  const tell = (told) => {
    cursor = told.cursor;
    news.hidden = told.waiting.length === 0;
    document.getElementById("news-service").textContent = told.service;
  };

  const show = (told) => {
    if (onChange === "tell") tell(told);
    else if (onChange === "show") open(told.waiting.length > 0 ? "done=arrived" : "");
    else if (!told.waiting.includes(challenge)) open("done=gone");
    else cursor = told.cursor;
    return onChange === "tell" || (onChange === "stay" && told.waiting.includes(challenge));
  };

  const look = async () => {
    let goesOn = true;
    try {
      const answer = await fetch(`${state}?after=${cursor}`);
      if (answer.status === 200) goesOn = show(await answer.json());
      if (answer.status === 403) {
        goesOn = false;
        open(""); // the phone was started again: it asks for its secret
      }
    } catch {
      // The phone is away for a moment: what waits is not.
    }
    if (goesOn || isSent) setTimeout(look, PAUSE);
  };

  document.addEventListener("submit", (event) => {
    isSent = !event.defaultPrevented;
  });
  // The browser kept the page as it was left, and the person went back.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isSent = false;
  });
  if (state) setTimeout(look, PAUSE);

  if (left) {
    const end = Date.now() + 1000 * Number(left.dataset.seconds);
    const count = () => {
      const seconds = Math.max(0, Math.round((end - Date.now()) / 1000));
      left.textContent = left.dataset.words.replace("{seconds}", seconds);
      if (seconds > 0) setTimeout(count, PAUSE);
    };
    setTimeout(count, PAUSE);
  }
})();
