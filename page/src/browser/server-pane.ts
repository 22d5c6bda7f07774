import { html } from 'htm/preact';
import { Fields } from './fields.ts';
import { chosen, frame } from './player.ts';

/** The state of the chosen server, as data. */
export function ServerPane() {
  const { servers = [], leases = [], zooKeeper } = frame.value ?? {};
  const index = servers.findIndex(({ name }) => name === chosen.value);
  const server = servers[index];
  return html`
    <section class="state">
      <h2>${server === undefined ? 'ZooKeeper' : `Server ${server.name}`}</h2>
      ${
        server === undefined
          ? html`
            ${
              zooKeeper &&
              html`<${Fields} fields=${{
                'in the view, head to tail': zooKeeper.view.join(', ') || 'none',
                'version of the view': zooKeeper.viewVersion < 0 ? 'none' : zooKeeper.viewVersion,
                'members on record': zooKeeper.members.join(', ') || 'none',
                joining: zooKeeper.joining.join(', ') || 'none',
              }} />`
            }
            <p class="quiet">Choose a server to see its state.</p>`
          : html`<${Fields} fields=${{
              role: server.role,
              number: server.id ?? 'none yet',
              'acts on view': server.view ?? 'none',
              'updates received': server.received,
              'updates executed': server.executed,
              'known to be executed by all': server.stable,
              'keys in its table': server.entries,
              'lease left': `${leases[index] ?? 0} ms`,
              process: server.isFrozen ? 'paused' : 'runs',
            }} />`
      }
    </section>
  `;
}
