import { z } from 'zod';
import { followInSight } from './in-sight.ts';

/** What the server of this machine says of the core that the page plays; undefined on a server of static files. */
const schema = z.object({
  core: z.string(),
  isElsewhere: z.boolean(),
  problem: z.string().optional(),
});

const text = document.querySelector<HTMLMetaElement>('meta[name="served"]')?.content;

export const served = text === undefined ? undefined : schema.parse(JSON.parse(text));

/** Where the core is that a run is to be played with, below `modules`; undefined for the one that the simulator has. */
export const coreFolder = served?.isElsewhere === true ? 'own' : undefined;

/** Loads the page again when a file of the core has been saved. The address says what is shown. */
export function followChanges(): void {
  if (served === undefined) return;
  let known: string | undefined;
  followInSight(() => {
    const source = new EventSource('changes');
    source.addEventListener('version', ({ data }: MessageEvent<string>) => {
      if (known !== undefined && known !== data) location.reload();
      known = data;
    });
    return () => source.close();
  });
}

const moduleUrl = /https?:\/\/[^\s()]*?\/modules\/([^\s():]+)\.js/g;

/** A stack that names the files of the sources, whose lines are those of the modules. */
export function withSources(stack: string): string {
  const folder = served?.core.replace(/[^/]*$/, '') ?? '';
  return stack.replaceAll(moduleUrl, (_, path: string) =>
    `${path}.ts`.replace(/^own\/part4\/src\/core\//, folder).replace(/^own\//, ''),
  );
}
