// Copyright The otel-llmcost authors
// SPDX-License-Identifier: Apache-2.0
// Bundles page.jsx: node bundle.mjs OUT.js

import { readFile } from 'node:fs/promises';
import { build } from 'esbuild';

await build({
  entryPoints: [new URL('page.jsx', import.meta.url).pathname],
  outfile: process.argv[2],
  bundle: true,
  minify: true,
  format: 'iife',
  jsx: 'automatic',
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
  // Grafana's ESM imports defaults of CommonJS packages as bundlers do, not as Node does.
  mainFields: ['module', 'browser', 'main'],
  conditions: ['import', 'browser'],
  loader: { '.css': 'text', '.svg': 'dataurl', '.png': 'dataurl', '.woff2': 'dataurl', '.woff': 'dataurl', '.ttf': 'dataurl' },
  plugins: [{
    // In .mjs files esbuild follows Node: the default import of a CommonJS package is its whole
    // module.exports. Grafana's files are written for bundlers, which look at __esModule.
    name: 'commonjs-defaults',
    setup(setup) {
      setup.onLoad({ filter: /@grafana\/[\w-]+\/dist\/esm\/.*\.mjs$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const unwrapped = [];
        const contents = text.replace(
          /^import (\w+)(,[^;]*?)? from '((?!\.|@grafana)[^']+)';$/gm,
          (_, name, more, from) => {
            unwrapped.push(`const ${name} = ${name}$all?.__esModule ? ${name}$all.default : ${name}$all;`);
            return `import ${name}$all${more ?? ''} from '${from}';`;
          });
        const end = contents.lastIndexOf('\nimport ');
        const line = contents.indexOf(';', end + 1) + 1;
        return { contents: `${contents.slice(0, line)}\n${unwrapped.join('\n')}${contents.slice(line)}`, loader: 'js' };
      });
    },
  }],
});
