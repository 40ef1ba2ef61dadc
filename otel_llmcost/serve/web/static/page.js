// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Comfort only: the page works without this file.
"use strict";

const REFRESH_MS = 15000;
const tip = document.getElementById("tip");

// The environment takes effect when it is picked; the range that is shown stays.
document.getElementById("environment")?.addEventListener("change", (event) => {
  const chosen = new URLSearchParams(location.search);
  chosen.set("environment", event.target.value);
  location.search = chosen;
});

// Chart tips follow the pointer instead of waiting for the browser's own.
document.addEventListener("pointermove", (event) => {
  const spot = event.target.closest?.(".spot");
  tip.hidden = !spot;
  if (!spot) return;
  const title = spot.querySelector("title");
  if (title) {
    spot.dataset.tip = title.textContent;
    title.remove();
  }
  tip.textContent = spot.dataset.tip;
  const side = event.clientX > innerWidth / 2 ? -tip.offsetWidth - 14 : 14;
  tip.style.left = `${event.clientX + side}px`;
  tip.style.top = `${Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8)}px`;
});

async function refresh() {
  const busy = document.hidden || !tip.hidden || String(getSelection()) !== "";
  if (busy) return;
  try {
    const reply = await fetch(location.href);
    if (!reply.ok) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.getElementById("page").replaceWith(fresh.getElementById("page"));
    document.querySelector("footer").replaceWith(fresh.querySelector("footer"));
    document.title = fresh.title;
  } catch {
    // The daemon stopped; the figures stay as they were.
  }
}

setInterval(refresh, REFRESH_MS);
