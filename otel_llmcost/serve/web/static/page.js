// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Keeps the page fresh and acts at once on what is picked. Everything works without it.
"use strict";

const REFRESH_MS = 15000;

// What is picked takes effect at once; the range that is shown stays.
document.addEventListener("change", (event) => {
  if (!event.target.matches("select[data-now]")) return;
  const chosen = new URLSearchParams(location.search);
  chosen.delete("after");
  chosen.set(event.target.name, event.target.value);
  location.search = chosen;
});

function busy() {
  const page = document.getElementById("page");
  return document.hidden || String(getSelection()) !== "" || page.contains(document.activeElement)
    || page.querySelector("details[open], .plot:hover, [data-still]") !== null;
}

async function refresh() {
  if (busy()) return;
  try {
    const reply = await fetch(location.href);
    if (!reply.ok || busy()) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    window.llmcostCharts?.disposeAll();
    document.getElementById("page").replaceWith(fresh.getElementById("page"));
    document.querySelector("footer").replaceWith(fresh.querySelector("footer"));
    document.title = fresh.title;
    window.llmcostCharts?.drawAll();
  } catch {
    // The daemon stopped; the figures stay as they were.
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.llmcostCharts?.drawAll());
setInterval(refresh, REFRESH_MS);
window.llmcostCharts?.drawAll();
