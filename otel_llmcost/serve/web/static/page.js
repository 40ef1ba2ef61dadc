// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Keeps the page fresh and acts at once on what is picked. Everything works without it.
"use strict";

const REFRESH_MS = 15000;
const PANEL_MS = 300000; // what is slow to compute is not computed anew each time

// What is picked takes effect at once; the range that is shown stays. With the keys one walks
// through a list: what it stands at takes effect when it is left, or on Enter.
let walked = null;

function pick(list) {
  walked = null;
  const stood = [...list.options].find((one) => one.defaultSelected) ?? list.options[0];
  if (stood.value === list.value) return;
  const chosen = new URLSearchParams(location.search);
  chosen.delete("after");
  chosen.set(list.name, list.value);
  sessionStorage.setItem("picked", list.id); // is where the reader goes on
  location.search = chosen;
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("select[data-now]") || event.key === "Tab") return;
  if (event.key !== "Enter") walked = event.target;
  else if (walked) pick(event.target);
});
document.addEventListener("pointerdown", () => { walked = null; });
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-now]") && walked !== event.target) pick(event.target);
});
document.addEventListener("focusout", (event) => { if (event.target === walked) pick(walked); });

function goOn() {
  document.getElementById(sessionStorage.getItem("picked") ?? "")?.focus({ preventScroll: true });
  sessionStorage.removeItem("picked");
}

// The zone of the browser, beside those that the server offers.
function offerLocalZone() {
  const list = document.querySelector(".zones");
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!list || !name || [...list.children].some((one) => one.textContent === name)) return;
  const chosen = new URLSearchParams(location.search);
  chosen.set("zone", name);
  const link = document.createElement("a");
  link.href = `?${chosen}`;
  link.textContent = name;
  list.append(link);
}

// Panels that are slow come from pages of their own, where they also are without scripts.
async function loadPanels() {
  const isOld = (box) => !(Date.now() - Number(box.dataset.loaded ?? 0) < PANEL_MS);
  await Promise.all([...document.querySelectorAll("[data-panel]")].filter(isOld).map(async (box) => {
    const source = box.dataset.panel;
    try {
      const reply = await fetch(source);
      const found = new DOMParser().parseFromString(await reply.text(), "text/html");
      const panel = found.querySelector("#page .panel, #page .notice");
      panel.classList.add("later");
      panel.dataset.panel = source;
      panel.dataset.loaded = Date.now();
      const prefix = new URL(source, location.href).pathname.slice(1);
      for (const one of [panel, ...panel.querySelectorAll("[id], [aria-labelledby]")]) {
        if (one.id) one.id = `${prefix}-${one.id}`; // ids of the other page may be here too
        const label = one.getAttribute("aria-labelledby");
        if (label) one.setAttribute("aria-labelledby", `${prefix}-${label}`);
      }
      if (box.isConnected) box.replaceWith(panel);
    } catch {
      box.removeAttribute("aria-busy"); // its link is still there
      box.querySelector(".waiting")?.remove();
    }
  }));
}

function busy() {
  const page = document.getElementById("page");
  const isTyped = [...page.querySelectorAll("input, textarea")].some((one) => one.value !== one.defaultValue);
  return document.hidden || isTyped || sessionStorage.getItem("paused") || String(getSelection()) !== "" || page.contains(document.activeElement)
    || page.querySelector("details[open], .plot:hover, [data-still]") !== null;
}

// Whoever reads may stop the page from changing, until the tab is closed.
function offerPause() {
  const button = document.createElement("button");
  const name = () => { button.textContent = sessionStorage.getItem("paused") ? "Refresh again" : "Pause refresh"; };
  button.type = "button";
  button.addEventListener("click", () => {
    if (sessionStorage.getItem("paused")) sessionStorage.removeItem("paused");
    else sessionStorage.setItem("paused", "yes");
    name();
  });
  name();
  document.querySelector("footer")?.append(button);
}

async function refresh() {
  if (busy()) return;
  try {
    const reply = await fetch(location.href);
    if (!reply.ok || busy()) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    window.llmcostCharts?.disposeAll();
    const loaded = [...document.querySelectorAll("[data-panel]")];
    document.getElementById("page").replaceWith(fresh.getElementById("page"));
    document.querySelector("footer").replaceWith(fresh.querySelector("footer"));
    offerPause();
    document.title = fresh.title;
    for (const panel of loaded) { // stays until the new one is there
      document.querySelector(`[data-panel="${CSS.escape(panel.dataset.panel)}"]`)?.replaceWith(panel);
    }
    window.llmcostCharts?.drawAll();
    await loadPanels();
  } catch {
    // The daemon stopped; the figures stay as they were.
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => window.llmcostCharts?.drawAll());
document.addEventListener("visibilitychange", refresh); // what was hidden is old
setInterval(refresh, REFRESH_MS);
window.llmcostCharts?.drawAll();
loadPanels();
offerLocalZone();
offerPause();
goOn();
