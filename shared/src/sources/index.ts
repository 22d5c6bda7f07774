export { importsOf, sourcesOf } from './import-graph.ts';
