import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { graphFrom } from '../server/module-graph.ts';
import { readModule, sitePathOf } from '../server/module-text.ts';

export interface DashboardFile {
  readonly type: string;
  readonly body: string;
}

const documents: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  'index.html': { file: 'page/src/browser/live/live.html', type: 'text/html; charset=utf-8' },
  'icon.svg': { file: 'page/src/browser/icon.svg', type: 'image/svg+xml' },
  'page.css': { file: 'page/src/browser/page.css', type: 'text/css; charset=utf-8' },
  'live.css': { file: 'page/src/browser/live/live.css', type: 'text/css; charset=utf-8' },
  'uplot.css': { file: 'node_modules/uplot/dist/uPlot.min.css', type: 'text/css; charset=utf-8' },
};

/**
 * The files of the page that shows a running chain, by their path on the site, from the sources of the checkout at `root`.
 * @throws Error for an import that a browser cannot have
 */
export function dashboardFiles(root: string): Map<string, DashboardFile> {
  const files = new Map<string, DashboardFile>();
  for (const [path, { file, type }] of Object.entries(documents))
    files.set(path, { type, body: readFileSync(join(root, file), 'utf8') });
  const modules = graphFrom(['page/src/browser/live/main.ts'], (file) => readModule(root, file));
  for (const [file, { text }] of modules)
    files.set(sitePathOf(file), { type: 'text/javascript; charset=utf-8', body: text });
  return files;
}
