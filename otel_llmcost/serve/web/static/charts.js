// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Draws the charts of a page with ECharts. Names are written as text, never as HTML.
"use strict";

(() => {
  // Names of one colour, beside the first of them.
  const DECALS = [
    { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 3], rotation: -0.8 },
    { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [3, 3], rotation: 0 },
    { symbol: "circle", dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], symbolSize: 0.7 },
  ];
  const LINES = ["solid", "dotted", [10, 4], [10, 4, 2, 4]];
  const STEPS = { s: 1000, min: 60000, h: 3600000 };

  const short = (value) => new Intl.NumberFormat("en-US",
    { notation: "compact", maximumSignificantDigits: 3 }).format(value);

  const onAxis = {
    usd: (value) => `$${short(value)}`,
    count: short,
    share: (value) => `${Math.round(value * 100)}%`,
    ms: (value) => {
      const [unit, size] = Object.entries(STEPS).findLast(([, ms]) => value >= ms) ?? ["ms", 1];
      return `${short(value / size)} ${unit}`;
    },
  };

  function colourOf() {
    const style = getComputedStyle(document.documentElement);
    return (name) => style.getPropertyValue(`--${name}`).trim();
  }

  function element(tag, text = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  // What is known at one position: every name with its value, the largest first.
  function tip(given, at) {
    const box = element("div");
    box.append(element("b", given.names[at]));
    const table = element("table");
    given.series
      .filter((one) => one.values[at] !== null)
      .sort((a, b) => a.dashed - b.dashed || b.values[at] - a.values[at])
      .forEach((one) => {
        const row = element("tr");
        const name = element("td");
        name.append(element("span", "", `dot ${one.colour}${one.texture ? ` texture-${one.texture}` : ""}${one.dashed ? " dashed" : ""}`), one.name);
        row.append(name, element("td", one.texts[at], "n"));
        table.append(row);
      });
    if (given.totals.length) {
      const row = element("tr", "", "total");
      row.append(element("td", "total"), element("td", given.totals[at], "n"));
      table.append(row);
    }
    box.append(table);
    for (const mark of given.marks.filter((one) => one.at === at)) box.append(element("p", mark.text));
    return box;
  }

  function seriesOf(given, one, colour) {
    const isLine = given.kind === "line" || one.dashed;
    return {
      type: isLine ? "line" : "bar",
      name: one.name,
      data: one.values,
      stack: isLine || !given.stacked ? undefined : "all",
      barCategoryGap: "15%",
      barMaxWidth: 60,
      color: colour(one.colour),
      itemStyle: one.texture ? { decal: { ...DECALS[one.texture - 1], color: colour("panel") } } : undefined,
      lineStyle: isLine ? { width: one.dashed ? 1.5 : 2, type: one.dashed ? "dashed" : LINES[one.texture] } : undefined,
      symbol: one.dashed ? "none" : "circle",
      symbolSize: 5,
      cursor: one.href ? "pointer" : "default",
      emphasis: { focus: "none" },
      silent: !one.href,
    };
  }

  // Marks stand on what the bars or the line reach; levels are lines across.
  function annotations(given, colour) {
    const top = given.names.map((_, at) => given.series
      .filter((one) => !one.dashed)
      .reduce((sum, one) => (given.kind === "bar" && given.stacked ? sum + (one.values[at] ?? 0) : Math.max(sum, one.values[at] ?? 0)), 0));
    return {
      type: "line",
      data: given.names.map(() => null),
      silent: false,
      markPoint: {
        symbol: "pin",
        symbolSize: 26,
        itemStyle: { color: colour("bad") },
        label: { show: true, formatter: "!", color: colour("panel"), fontWeight: 700 },
        data: given.marks.map((mark) => ({ coord: [mark.at, top[mark.at]], href: mark.href })),
      },
      markLine: {
        symbol: "none",
        silent: true,
        lineStyle: { color: colour("soft"), type: "dashed" },
        label: { position: "insideStartTop", color: colour("soft"), formatter: ({ data }) => data.text },
        data: given.levels.map((level) => ({ yAxis: level.value, text: level.text })),
      },
    };
  }

  function bandOf(given, colour) {
    if (!given.band) return [];
    const [low, high] = given.band;
    const between = high.map((value, at) => (value === null || low[at] === null ? null : value - low[at]));
    const common = { type: "line", stack: "band", symbol: "none", silent: true, lineStyle: { opacity: 0 } };
    return [
      { ...common, data: low },
      { ...common, data: between, areaStyle: { color: colour("soft"), opacity: 0.18 } },
    ];
  }

  function optionOf(given) {
    const colour = colourOf();
    const text = { color: colour("soft"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11.5 };
    const hair = { lineStyle: { color: colour("hair") } };
    const highest = Math.max(0, ...given.levels.map((level) => level.value));
    return {
      animation: false,
      textStyle: text,
      grid: { left: 52, right: 10, top: given.marks.length ? 30 : 12, bottom: 24 },
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        className: "tip",
        backgroundColor: colour("panel"),
        borderColor: colour("hair"),
        padding: [8, 12],
        textStyle: { color: colour("ink"), fontSize: 12.5 },
        axisPointer: { type: given.kind === "bar" ? "shadow" : "line" },
        formatter: (points) => tip(given, [].concat(points)[0].dataIndex),
      },
      xAxis: {
        type: "category",
        data: given.ticks.map((tick, at) => ({ value: tick || ` ${at}` })),
        boundaryGap: given.kind === "bar",
        axisLabel: { ...text, hideOverlap: true, interval: (at) => given.ticks[at] !== "" },
        axisTick: { show: false },
        axisLine: hair,
      },
      yAxis: {
        type: "value",
        min: (range) => Math.min(0, range.min),
        max: given.unit === "share" ? 1 : (range) => (highest > range.max ? highest * 1.05 : null),
        splitNumber: 4,
        interval: given.unit === "share" ? 0.25 : undefined,
        axisLabel: { ...text, formatter: onAxis[given.unit] },
        splitLine: hair,
      },
      series: [
        ...given.series.map((one) => seriesOf(given, one, colour)),
        ...bandOf(given, colour),
        annotations(given, colour),
      ],
    };
  }

  // What was dragged over becomes the range, in whole buckets.
  function zoom(given, from, to) {
    const chosen = new URLSearchParams(location.search);
    for (const name of ["range", "after"]) chosen.delete(name);
    chosen.set("from", given.edges[from]);
    chosen.set("to", given.edges[to + 1]);
    location.search = chosen;
  }

  function letZoom(box, chart, given) {
    const last = given.names.length - 1;
    const shade = element("div", "", "brush");
    let begin = null;
    const x = (event) => event.clientX - box.getBoundingClientRect().left;
    const position = (at) => {
      const found = Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, at));
      return Math.min(last, Math.max(0, found));
    };
    box.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && chart.containPixel("grid", [x(event), event.offsetY])) begin = x(event);
    });
    box.addEventListener("pointermove", (event) => {
      if (begin === null) return;
      const width = Math.abs(x(event) - begin);
      if (width < 6) return;
      if (!shade.isConnected) {
        box.append(shade);
        box.setPointerCapture(event.pointerId);
      }
      shade.style.left = `${Math.min(begin, x(event))}px`;
      shade.style.width = `${width}px`;
    });
    box.addEventListener("pointerup", (event) => {
      const from = begin;
      begin = null;
      if (!shade.isConnected) return;
      shade.remove();
      const ends = [position(from), position(x(event))].sort((a, b) => a - b);
      zoom(given, ...ends);
    });
    box.addEventListener("pointercancel", () => {
      begin = null;
      shade.remove();
    });
  }

  function draw(box) {
    const given = JSON.parse(box.dataset.figure);
    const old = echarts.getInstanceByDom(box);
    const chart = old ?? echarts.init(box, null, { renderer: "svg" });
    chart.setOption(optionOf(given), true);
    if (old) return;
    chart.on("click", (event) => {
      const href = event.componentType === "markPoint" ? event.data.href : given.series[event.seriesIndex]?.href;
      if (href) location.assign(href);
    });
    if (given.edges.length) letZoom(box, chart, given);
    new ResizeObserver(() => { if (!chart.isDisposed()) chart.resize(); }).observe(box);
  }

  window.llmcostCharts = {
    drawAll() {
      for (const box of document.querySelectorAll(".plot")) {
        if (window.echarts) {
          draw(box);
        } else { // it did not load: the figures stand for the chart
          box.hidden = true;
          box.parentElement.querySelector("details").open = true;
        }
      }
    },
    disposeAll() {
      document.querySelectorAll(".plot").forEach((box) => window.echarts?.getInstanceByDom(box)?.dispose());
    },
  };
})();
