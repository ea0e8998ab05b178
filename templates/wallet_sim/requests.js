/* The list of requests: asks the same page again, and shows what it holds once that has changed.
   What is being answered stays where it is. Without this script the page reloads itself. */
"use strict";

(() => {
  const PAUSE = 3000; // milliseconds

  const look = async () => {
    const list = document.getElementById("requests");
    const isAnswering = list && list.querySelector("section");
    if (!isAnswering) {
      try {
        const answer = await fetch("/reader/requests", { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.getElementById("requests");
        if (found && found.dataset.shown !== list.dataset.shown) {
          const news = document.getElementById("news");
          // The same element, so that screen readers say what it says now.
          news.textContent = found.querySelector("#news").textContent;
          list.append(...found.querySelectorAll("section"));
          list.dataset.shown = found.dataset.shown;
        }
      } catch {
        // The reader is away for a moment: what waits is not.
      }
    }
    setTimeout(look, PAUSE);
  };

  setTimeout(look, PAUSE);
})();
