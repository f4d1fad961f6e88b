// Makes pages nicer that work without it: nothing here decides or keeps anything.
"use strict";

(() => {
  const zone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

  /** Shows moments in the reader's zone; the exact UTC stays as the title. */
  function localise(root) {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      time.textContent = ("date" in time.dataset ? day : zone).format(moment);
    }
  }

  /** Buttons that copy what stands in an element. */
  function addCopying(root) {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy]")) {
      const source = document.getElementById(button.dataset.copy);
      if (!source) continue;
      button.hidden = false;
      const label = button.textContent;
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(source.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not copied";
        }
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  }

  /** Takes a value from the page when its time is over, or the page is left. */
  function countDown() {
    const counter = document.querySelector("[data-countdown]");
    if (!counter) return;
    const end = Date.now() + Number(counter.dataset.countdown) * 1000;
    const hide = () => {
      for (const secret of document.querySelectorAll("[data-secret]")) secret.textContent = "••••••••";
    };
    const tick = setInterval(() => {
      const left = Math.ceil((end - Date.now()) / 1000);
      counter.textContent = String(Math.max(left, 0));
      if (left > 0) return;
      clearInterval(tick);
      hide();
      location.replace(counter.dataset.back);
    }, 250);
    addEventListener("pagehide", hide);
  }

  /** Searches while somebody types. The form does the same when it is sent. */
  function searchLive() {
    const form = document.querySelector("form[data-live]");
    if (!form) return;
    let timer = 0;
    let running = null;
    const run = async () => {
      const fields = new URLSearchParams();
      for (const [name, value] of new FormData(form)) if (value !== "") fields.append(name, value);
      const query = fields.toString();
      const address = form.getAttribute("action") + (query ? "?" + query : "");
      if (running) running.abort();
      running = new AbortController();
      try {
        const reply = await fetch(address, { signal: running.signal, redirect: "error" });
        if (!reply.ok) return;
        const found = new DOMParser().parseFromString(await reply.text(), "text/html");
        const fresh = found.getElementById(form.dataset.live);
        const old = document.getElementById(form.dataset.live);
        if (!fresh || !old) return;
        localise(fresh);
        old.replaceWith(fresh);
        const [told, count] = [document.getElementById("count"), found.getElementById("count")];
        if (told && count) told.textContent = count.textContent;
        history.replaceState(null, "", address);
      } catch (error) {
        if (error.name !== "AbortError") location.assign(address);
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(run, 200);
    });
  }

  /** Says that something takes a while, and keeps a form from being sent twice. */
  function showBusy() {
    for (const form of document.querySelectorAll("form[method=post]")) {
      form.addEventListener("submit", (event) => {
        if (form.dataset.sent) {
          event.preventDefault();
          return;
        }
        form.dataset.sent = "yes";
        if (!form.dataset.busy) return;
        const note = document.createElement("p");
        note.className = "busy";
        note.setAttribute("role", "status");
        const bar = document.createElement("progress");
        bar.setAttribute("aria-label", "Working");
        note.append(bar, form.dataset.busy);
        form.append(note);
      });
    }
  }

  localise(document);
  addCopying(document);
  countDown();
  searchLive();
  showBusy();
  const problems = document.getElementById("problems");
  if (problems) problems.focus();
  // A page that comes back from the browser's own memory may show what is over.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
