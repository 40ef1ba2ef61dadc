// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Draws the charts and keeps the page fresh. Without it every chart is the table of its figures.
"use strict";

const REFRESH_MS = 15000;

function layoutOf(given, ink) {
  const axis = { gridcolor: ink("hair"), zerolinecolor: ink("hair") };
  const money = given.unit === "usd";
  return {
    autosize: true,
    bargap: 0.15,
    barmode: "stack",
    dragmode: "zoom",
    font: { color: ink("soft"), family: getComputedStyle(document.body).fontFamily, size: 11.5 },
    hoverlabel: { bgcolor: ink("panel"), bordercolor: ink("hair"), font: { color: ink("ink") } },
    hovermode: "x unified",
    margin: { b: 28, l: 56, r: 8, t: 8 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    showlegend: false,
    xaxis: {
      ...axis,
      hoverformat: "%a %d %b %H:%M",
      range: [given.starts[0], given.ends],
      showgrid: false,
      type: "date",
    },
    yaxis: {
      ...axis,
      fixedrange: true,
      ...(money ? { tickprefix: "$" } : { range: [0, 1.02], tickformat: ".0%" }),
      rangemode: "tozero",
    },
  };
}

function draw(box) {
  const given = JSON.parse(box.dataset.figure);
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => style.getPropertyValue(`--${name}`).trim();
  const money = given.unit === "usd";
  const traces = given.series.map((one) => ({
    type: given.kind === "bar" ? "bar" : "scatter",
    mode: "lines+markers",
    name: one.name,
    x: given.starts,
    y: one.values,
    xperiod: given.kind === "bar" ? given.step : undefined,
    xperiodalignment: "middle",
    marker: { color: ink(one.colour), size: 5 },
    line: { color: ink(one.colour), width: 2 },
    hovertemplate: money ? "%{y:$,.4f}" : "%{y:.1%}",
  }));
  if (money) traces.forEach((trace) => { delete trace.mode; delete trace.line; delete trace.marker.size; });
  const options = { displayModeBar: false, doubleClick: false, responsive: true };
  window.Plotly.react(box, traces, layoutOf(given, ink), options);
  if (box.dataset.listens) return;
  box.dataset.listens = "yes";
  box.on("plotly_relayout", (change) => zoom(given, change["xaxis.range[0]"], change["xaxis.range[1]"]));
  box.on("plotly_click", ({ points }) => {
    const href = given.series[points[0].curveNumber].href;
    if (href) location.assign(href);
  });
}

// What was dragged over becomes the range, in whole buckets.
function zoom(given, from, to) {
  if (!from || !to) return;
  const ends = [...given.starts.slice(1), given.ends];
  const begin = given.starts.findLast((start) => start <= from) ?? given.starts[0];
  const end = ends.find((one) => one >= to) ?? given.ends;
  const chosen = new URLSearchParams(location.search);
  for (const name of ["range", "after"]) chosen.delete(name);
  chosen.set("from", begin.replace(" ", "T"));
  chosen.set("to", end.replace(" ", "T"));
  location.search = chosen;
}

function drawAll() {
  for (const box of document.querySelectorAll(".plot")) {
    if (window.Plotly) {
      draw(box);
    } else { // not installed, or it did not load: the figures stand for the chart
      box.hidden = true;
      box.parentElement.querySelector("details").open = true;
    }
  }
}

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
    || page.querySelector("details[open], .hoverlayer > *") !== null;
}

async function refresh() {
  if (busy()) return;
  try {
    const reply = await fetch(location.href);
    if (!reply.ok || busy()) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.querySelectorAll(".plot").forEach((box) => window.Plotly?.purge(box));
    document.getElementById("page").replaceWith(fresh.getElementById("page"));
    document.querySelector("footer").replaceWith(fresh.querySelector("footer"));
    document.title = fresh.title;
    drawAll();
  } catch {
    // The daemon stopped; the figures stay as they were.
  }
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
setInterval(refresh, REFRESH_MS);
drawAll();
