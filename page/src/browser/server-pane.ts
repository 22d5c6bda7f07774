import { html } from 'htm/preact';
import { Fields } from './fields.ts';
import { sessionFields } from './zookeeper-sessions.ts';
import { chosen, frame } from './player.ts';
import { StepRules } from './step-rules.ts';
import { chainWord } from './words/chain.ts';
import { playgroundWord } from './words/playground.ts';

/** The state of the chosen server, as data. */
export function ServerPane() {
  const { servers = [], leases = [], zooKeeper, sessions = [] } = frame.value ?? {};
  const index = servers.findIndex(({ name }) => name === chosen.value);
  const server = servers[index];
  const word = chainWord.value;
  return html`
    <section class="state">
      <h2>${server === undefined ? 'ZooKeeper' : word.server(server.name)}</h2>
      ${
        server === undefined
          ? html`
            ${
              zooKeeper &&
              html`<${Fields} fields=${{
                [word.inTheView]: zooKeeper.view.join(', ') || word.none,
                [word.viewVersion]: zooKeeper.viewVersion < 0 ? word.none : zooKeeper.viewVersion,
                [word.membersOnRecord]: zooKeeper.members.join(', ') || word.none,
                [word.joining]: zooKeeper.joining.join(', ') || word.none,
                ...sessionFields(sessions),
              }} />`
            }
            <p class="quiet">${playgroundWord.value.chooseServer}</p>`
          : html`<${Fields} fields=${{
              [word.role]: word.roles[server.role],
              [word.number]: server.id ?? word.noneYet,
              [word.actsOnView]: server.view ?? word.none,
              [word.updatesReceived]: server.received,
              [word.updatesExecuted]: server.executed,
              [word.executedByAll]: server.stable,
              [word.keysInTable]: server.entries,
              [word.leaseLeft]: `${leases[index] ?? 0} ms`,
              [playgroundWord.value.process]: server.isFrozen
                ? word.paused
                : playgroundWord.value.processRuns,
            }} />
            <${StepRules} server=${server} />`
      }
    </section>
  `;
}
