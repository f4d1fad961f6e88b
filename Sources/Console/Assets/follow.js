// Follows the audit log: new entries come in at the top of the table. Without this script a link loads the page again.
"use strict";

(() => {
  const button = document.getElementById("follow");
  const rows = document.getElementById("entries");
  if (!button || !rows || !rows.dataset.follow) return;
  const words = document.getElementById("following");
  const count = document.getElementById("count");
  // A page that nobody looks at does not keep a session alive for ever.
  const longest = 10 * 60 * 1000;
  const most = 500;
  let running = null;
  let touched = Date.now();
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { touched = Date.now(); });

  function stop(why) {
    if (running) running.abort();
    running = null;
    button.setAttribute("aria-pressed", "false");
    button.textContent = "Follow live";
    words.textContent = why;
  }

  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

  function add(page) {
    const found = page.getElementById("entries");
    rows.dataset.after = found.dataset.after;
    const fresh = [...found.rows];
    for (const row of fresh) {
      for (const time of row.querySelectorAll("time[datetime]")) time.textContent = zone.format(new Date(time.dateTime));
      row.classList.add("fresh");
    }
    for (const row of rows.querySelectorAll(".fresh")) row.classList.remove("fresh");
    rows.prepend(...fresh);
    while (rows.rows.length > most) rows.lastElementChild.remove();
    if (fresh.length) {
      count.textContent = `${rows.rows.length} entries`;
      words.textContent = fresh.length === 1 ? "1 new entry" : `${fresh.length} new entries`;
    }
  }

  async function follow() {
    running = new AbortController();
    const signal = running.signal;
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Following …";
    words.textContent = "Following the log.";
    while (!signal.aborted) {
      if (Date.now() - touched > longest) return stop("Following has stopped, because nobody was here for ten minutes.");
      const address = rows.dataset.follow;
      const mark = address.includes("?") ? "&" : "?";
      try {
        const reply = await fetch(`${address}${mark}after=${rows.dataset.after}`, { signal, redirect: "error" });
        if (!reply.ok) return stop("Following has stopped; load the page again.");
        add(new DOMParser().parseFromString(await reply.text(), "text/html"));
      } catch (error) {
        if (error.name === "AbortError") return;
        return stop("Following has stopped; load the page again.");
      }
    }
  }

  button.hidden = false;
  button.addEventListener("click", () => { if (running) stop("Following has stopped."); else follow(); });
  addEventListener("pagehide", () => { if (running) running.abort(); });
})();
