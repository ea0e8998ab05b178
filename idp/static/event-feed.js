/* The feed of events: asks every few seconds what came, and puts it above what is there.
   The button suspends it (RGAA 13.8). Without this script a link shows the page anew. */
"use strict";

(() => {
  const MOST = 200; // rows kept on the page
  const feed = document.getElementById("feed");
  const pause = document.getElementById("pause");
  const state = document.getElementById("feed-state");
  const rows = document.getElementById("rows");
  const template = document.getElementById("row");
  if (!feed.dataset.feed) return;

  let { cursor } = feed.dataset;
  let next;
  const known = new Set([...rows.children].map((row) => row.dataset.seq));

  const tell = (name) => {
    const text = state.dataset[name];
    if (state.textContent !== text) state.textContent = text;
  };

  const isPaused = () => pause.getAttribute("aria-pressed") === "true";

  const rowOf = (event) => {
    const row = template.content.querySelector("tr").cloneNode(true);
    const cell = (name) => row.querySelector(`[data-cell="${name}"]`);
    row.dataset.seq = event.seq;
    cell("at").textContent = event.at;
    cell("event").href = event.address;
    cell("event").firstElementChild.textContent = event.event;
    cell("sentence").textContent = event.sentence;
    cell("person").textContent = event.person || "–";
    cell("by").textContent = event.by || "–";
    const badge = row.querySelector(".badge");
    badge.className = `badge ${event.kind}`;
    badge.textContent = event.outcome;
    return row;
  };

  // What was committed late has a lower number: each row finds its place among the others.
  const insert = (event) => {
    known.add(String(event.seq));
    const older = [...rows.children].find((row) => Number(row.dataset.seq) < event.seq);
    rows.insertBefore(rowOf(event), older || null);
  };

  const show = (told) => {
    const last = rows.lastElementChild;
    const oldest = last ? Number(last.dataset.seq) : Number(feed.dataset.cursor);
    const fresh = told.events.filter(
      (event) => event.seq > oldest && !known.has(String(event.seq)),
    );
    fresh.reverse().forEach(insert);
    while (rows.children.length > MOST) rows.lastElementChild.remove();
    if (rows.children.length > 0) document.getElementById("nothing")?.remove();
    ({ cursor } = told);
    tell("live");
  };

  const ask = async () => {
    try {
      const separator = feed.dataset.feed.includes("?") ? "&" : "?";
      const address = `${feed.dataset.feed}${separator}after=${cursor}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.redirected || answer.status === 403) {
        tell("over");
        return;
      }
      if (isPaused()) return;
      if (answer.ok) show(await answer.json());
      else tell("away");
    } catch {
      tell("away");
    }
    if (!isPaused()) next = setTimeout(ask, Number(feed.dataset.interval));
  };

  pause.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", String(!isPaused()));
    clearTimeout(next);
    if (isPaused()) tell("paused");
    else ask();
  });
  pause.hidden = false;
  tell("live");
  next = setTimeout(ask, Number(feed.dataset.interval));
})();
