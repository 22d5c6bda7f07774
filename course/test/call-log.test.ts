import t from 'tap';
import { CallLog } from '../src/grade/remote/call-log.ts';

const core = {};

t.test('the input of a failed test: its last calls, and of what only looks the last', async (t) => {
  const log = new CallLog(['readRefusal']);
  log.add(['construct', 'core.ts', 'Core', { id: 1 }]);
  for (let time = 1; time <= 3; time += 1) {
    log.add(['method', core, 'handle', { type: 'wake' }, time]);
    for (let look = 0; look < 10; look += 1) {
      log.add(['get', core, 'isMember']);
      log.add(['method', core, 'readRefusal', time]);
      log.add(['method', core, 'takeEffects']);
    }
  }
  t.equal(
    log.text(),
    "new Core({ id: 1 }); handle({ type: 'wake' }, 1); handle({ type: 'wake' }, 2); handle({ type: 'wake' }, 3); takeEffects()",
  );
  const digest = log.digest();
  log.add(['get', core, 'isMember']);
  t.not(log.digest(), digest, 'every call counts for the digest');
  log.clear();
  t.equal(log.text(), '');
  for (let time = 1; time <= 20; time += 1) log.add(['method', core, 'handle', time]);
  t.equal(log.text(), '...; handle(15); handle(16); handle(17); handle(18); handle(19); handle(20)');
});
