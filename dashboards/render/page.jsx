// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// One board drawn with Grafana's components; render.py puts the answers of its queries into window.BOARD.

import {
  FieldType, createTheme, dateTimeFormat, getDisplayProcessor, toDataFrame, VizOrientation, ThemeContext,
} from '@grafana/data';
import { BarGauge, BigValue, PanelChrome, PanelContextProvider, Table, TimeSeries } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import chartStyles from 'uplot/dist/uPlot.min.css';

const board = window.BOARD;
const theme = createTheme({ colors: { mode: 'dark' } });
const WIDTH = 1600, GAP = 8, ROW = 30;
const timeRange = { from: moment(board.since), to: moment(board.until), raw: { from: 'now-7d', to: 'now' } };

function moment(ms) {
  return { valueOf: () => ms, utc: () => moment(ms), isBefore: () => false, format: () => dateTimeFormat(ms) };
}

// What Grafana's applyFieldOverrides does with the options these boards use.
function config(panel, name) {
  const merged = structuredClone(panel.fieldConfig?.defaults ?? {});
  for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
    if (matcher.options !== name) continue;
    for (const { id, value } of properties) {
      if (id.startsWith('custom.')) (merged.custom ??= {})[id.slice(7)] = value;
      else merged[id] = value;
    }
  }
  return merged;
}

const TYPES = { time: FieldType.time, text: FieldType.string, number: FieldType.number };

function frame(panel) {
  const made = toDataFrame({
    fields: panel.columns.map(({ name, kind, values }) => ({ name, type: TYPES[kind], values, config: config(panel, name) })),
  });
  made.fields.forEach((field, index) => {
    field.state = { seriesIndex: index - 1 };
    if (field.config.displayName?.includes('${')) delete field.config.displayName;
    if (field.type === FieldType.string || (field.type === FieldType.time && panel.type === 'table')) delete field.config.unit;
    if (field.type === FieldType.time) field.config.unit = undefined;
    field.display = getDisplayProcessor({ field, theme, timeZone: 'utc' });
    if (field.config.links?.length) {
      field.getLinks = () => field.config.links.map((link) => ({ title: link.title, href: '#', target: '_self', origin: field }));
    }
  });
  return made;
}

function Nothing({ text }) {
  return <div style={{ display: 'grid', placeItems: 'center', height: '100%', color: theme.colors.text.secondary }}>{text}</div>;
}

function Content({ panel, width, height }) {
  if (panel.type === 'text') {
    return <ol style={{ padding: '4px 24px', lineHeight: 1.8 }}>{panel.options.content.trim().split('\n').map((line) =>
      <li key={line}>{line.replace(/^\d+\.\s*/, '')}</li>)}</ol>;
  }
  if (panel.type === 'traces') return <Nothing text="Grafana's trace viewer: part of its application, not of its component library" />;
  if (!panel.columns.length && panel.type !== 'stat') return <Nothing text="No data" />;
  const data = frame(panel);
  if (panel.type === 'stat') {
    const field = data.fields[0];
    const value = field?.values[0] ?? null;
    const shown = value === null ? { text: panel.fieldConfig.defaults.noValue, numeric: NaN, color: theme.colors.text.secondary } : field.display(value);
    return <BigValue value={shown} width={width} height={height} colorMode="value" graphMode="none" justifyMode="center" textMode="value" theme={theme} />;
  }
  if (panel.type === 'table') {
    return <Table data={data} width={width} height={height} cellHeight="sm" columnMinWidth={70} />;
  }
  if (panel.type === 'bargauge') {
    const [names, numbers] = data.fields;
    const most = Math.max(...numbers.values);
    const each = Math.min(34, height / numbers.values.length);
    const field = { ...numbers, config: { ...numbers.config, min: 0, max: most } };
    const display = getDisplayProcessor({ field, theme, timeZone: 'utc' });
    return numbers.values.map((value, index) => <div key={index} style={{ height: each }}>
      <BarGauge theme={theme} width={width} height={each - 4} field={field.config} display={display} orientation={VizOrientation.Horizontal}
        value={{ ...display(value), title: names.values[index] }} displayMode="basic" valueDisplayMode="text" showUnfilled={false}
        alignmentFactors={{ title: 'x'.repeat(Math.max(...names.values.map((n) => n.length))), text: '$0,000.00' }} namePlacement="left" />
    </div>);
  }
  return <TimeSeries frames={[data]} width={width} height={height} timeRange={timeRange} timeZone="utc"
    legend={{ ...panel.options.legend, showLegend: true, placement: 'right', displayMode: 'list', calcs: [] }} options={{}} />;
}

function Panel({ panel }) {
  const { x, y, w, h } = panel.gridPos;
  const unit = WIDTH / 24;
  const place = { position: 'absolute', left: x * unit + GAP / 2, top: 44 + y * (ROW + GAP), width: w * unit - GAP, height: h * (ROW + GAP) - GAP };
  const title = panel.title.replace(/\$\{(\w+)\}/g, (_, name) => board.variables[name] ?? name);
  return <div style={place}><PanelChrome title={title} description={panel.description} width={place.width} height={place.height}>
    {(width, height) => <Content panel={panel} width={width} height={height} />}
  </PanelChrome></div>;
}

const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
const style = document.createElement('style');
style.textContent = `${chartStyles} *, *::before, *::after { box-sizing: border-box } a { color: ${theme.colors.text.link}; text-decoration: none }
  body { margin: 0; background: ${theme.colors.background.canvas}; color: ${theme.colors.text.primary}; font: 14px Inter, Helvetica, Arial, sans-serif }
  button { all: unset } ul { list-style: none; margin: 0; padding: 0 } table { border-collapse: collapse }
  ::-webkit-scrollbar { display: none }`;
document.head.append(style);

createRoot(document.getElementById('board')).render(
  <ThemeContext.Provider value={theme}><MemoryRouter>
    <PanelContextProvider value={{ eventsScope: 'board', eventBus: { publish() {}, getStream: () => ({ subscribe: () => ({ unsubscribe() {} }), pipe() { return this; } }), subscribe: () => ({ unsubscribe() {} }), removeAllListeners() {}, newScopedBus() { return this; } } }}>
      <div style={{ width: WIDTH, height: 44 + bottom * (ROW + GAP), position: 'relative' }}>
        <div style={{ padding: '10px 8px', fontSize: 18 }}>{board.title}
          <span style={{ color: theme.colors.text.secondary, fontSize: 13, marginLeft: 16 }}>{board.shown}</span></div>
        {board.panels.map((panel) => <Panel key={panel.id} panel={panel} />)}
      </div>
    </PanelContextProvider>
  </MemoryRouter></ThemeContext.Provider>
);
