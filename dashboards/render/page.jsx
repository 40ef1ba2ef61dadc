// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// One board drawn with Grafana's components; render.py puts the answers of its queries into window.BOARD.

import {
  FieldConfigOptionsRegistry, FieldType, applyFieldOverrides, createTheme, dateTimeFormat, displayNameOverrideProcessor,
  getDisplayProcessor, identityOverrideProcessor, toDataFrame, VizOrientation, ThemeContext,
} from '@grafana/data';
import { BarGauge, BigValue, PanelChrome, PanelContextProvider, Table, TimeSeries } from '@grafana/ui';
import { useLayoutEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { MemoryRouter } from 'react-router-dom';
import chartStyles from 'uplot/dist/uPlot.min.css';

const board = window.BOARD;
const theme = createTheme({ colors: { mode: 'dark' } });
const WIDTH = 1600, GAP = 8, ROW = 30;
const timeRange = since(board.since);

function since(from) {
  return { from: moment(from), to: moment(board.until), raw: { from: 'now-7d', to: 'now' } };
}

function moment(ms) {
  return { valueOf: () => ms, utc: () => moment(ms), isBefore: () => false, format: () => dateTimeFormat(ms) };
}

// Which options there are: Grafana's application registers them, its library has what applies them.
const CUSTOM = ['width', 'align', 'inspect', 'cellOptions', 'drawStyle', 'fillOpacity', 'lineWidth', 'axisSoftMin', 'stacking',
  'spanNulls', 'fillBelowTo', 'scaleDistribution'];
const OPTIONS = ['unit', 'decimals', 'min', 'max', 'noValue', 'color', 'mappings', 'links'];
const fieldConfigRegistry = new FieldConfigOptionsRegistry(() => [
  { ...option('displayName', displayNameOverrideProcessor), settings: { expandTemplateVars: true } }, option('thresholds', fromMinusInfinity),
  ...OPTIONS.map((id) => option(id, identityOverrideProcessor)),
  ...CUSTOM.map((id) => ({ ...option(id, identityOverrideProcessor), id: `custom.${id}`, isCustom: true })),
]);

// JSON has no -Infinity: Grafana reads the null of the first step as that.
function fromMinusInfinity(thresholds) {
  return thresholds && { ...thresholds, steps: thresholds.steps.map((step) => ({ ...step, value: step.value ?? -Infinity })) };
}

function option(id, process) {
  return { id, path: id, name: id, process, shouldApply: () => true };
}

// `${__field.labels.name}` and the variables of the board.
function replaceVariables(text, scoped) {
  return text.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, name) => scoped?.__dataContext?.value.field.labels?.[name] ?? '')
    .replace(/\$\{(\w+)\}/g, (all, name) => board.variables[name] ?? all);
}

const TYPES = { time: FieldType.time, text: FieldType.string, number: FieldType.number };

function frame(panel) {
  const fields = panel.columns.map(({ name, kind, labels, values }) => ({ name, type: TYPES[kind], labels, values, config: {} }));
  const [made] = applyFieldOverrides({
    data: [toDataFrame({ fields })], fieldConfig: panel.fieldConfig, fieldConfigRegistry, replaceVariables, theme, timeZone: 'utc',
  });
  for (const field of made.fields) {
    if (field.type !== FieldType.number) field.config.unit = field.config.unit?.startsWith('time:') ? field.config.unit : undefined;
    field.display = getDisplayProcessor({ field, theme, timeZone: 'utc' });
    const links = field.config.links ?? [];
    field.getLinks = () => links.map((link) => ({ title: link.title, href: '#', target: '_self', origin: field }));
  }
  return made;
}

function Nothing({ text }) {
  return <div style={{ display: 'grid', placeItems: 'center', height: '100%', color: theme.colors.text.secondary }}>{text}</div>;
}

function Content({ panel, width, height }) {
  if (panel.type === 'traces') return <Nothing text="Grafana's trace viewer: part of its application, not of its component library" />;
  if (!panel.columns.length && panel.type !== 'stat') return <Nothing text={panel.fieldConfig.defaults.noValue} />;
  const data = frame(panel);
  if (panel.type === 'stat') return <Stat panel={panel} data={data} width={width} height={height} />;
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
  return <TimeSeries frames={[data]} width={width} height={height} timeZone="utc" options={{}}
    timeRange={panel.timeFrom ? since(board.until - parseInt(panel.timeFrom) * 86400000) : timeRange}
    legend={{ ...panel.options.legend, showLegend: true, placement: width < 600 ? 'bottom' : 'right', displayMode: 'list', calcs: [] }}>
    {(config) => <Marks config={config} />}</TimeSeries>;
}

function Stat({ panel, data, width, height }) {
  const { graphMode, justifyMode, textMode, reduceOptions } = panel.options;
  const numbers = data.fields.filter((field) => field.type === FieldType.number);
  const shown = numbers.length ? numbers : [null];
  const each = width / shown.length;
  return <div style={{ display: 'flex' }}>{shown.map((field, index) => {
    const known = (field?.values ?? []).filter((value) => value !== null);
    const total = reduceOptions.calcs[0] === 'sum' ? known.reduce((sum, value) => sum + value, 0) : known.at(-1);
    const value = known.length ? field.display(total)
      : { text: panel.fieldConfig.defaults.noValue, numeric: NaN, color: theme.colors.text.secondary };
    const sparkline = graphMode === 'area' && known.length > 1 ? { y: field, x: data.fields[0], timeRange } : undefined;
    const title = textMode === 'value_and_name' ? field?.name : undefined;
    return <BigValue key={index} value={{ ...value, title }} sparkline={sparkline} width={each} height={height} colorMode="value"
      graphMode={graphMode} justifyMode={justifyMode} textMode={textMode} theme={theme} />;
  })}</div>;
}

// Annotations as Grafana draws them: dashed lines, in the color of their kind.
function Marks({ config }) {
  useLayoutEffect(() => config.addHook('draw', ({ ctx, bbox, valToPos }) => {
    ctx.save();
    ctx.setLineDash([5, 5]);
    ctx.lineWidth = 2;
    for (const { at, color } of board.marks) {
      if (at < board.since || at > board.until) continue;
      const x = Math.round(valToPos(at, 'x', true));
      ctx.strokeStyle = color;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }), [config]);
  return null;
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
