import { rulesOfStep } from '@tablelab/part4/sim/step-rules';
import { html } from 'htm/preact';
import type { ServerPicture } from './recording.ts';
import { ruleAddress, ruleText } from './rule-texts.ts';
import { ruleWord } from './words/rules.ts';

/** What a server has done last, and the rules of the hand-out that this concerns. */
export function StepRules({ server: { lastStep } }: { readonly server: ServerPicture }) {
  const word = ruleWord.value;
  if (lastStep === undefined) return html`<p class="quiet">${word.noStep}</p>`;
  const { event, effects } = lastStep;
  const anchors = rulesOfStep(lastStep);
  return html`
    <h3>${word.lastStep}</h3>
    <p><code lang="en">${event}</code>${effects.length > 0 && html` → <code lang="en">${effects.join(', ')}</code>`}</p>
    <h3>${word.rules}</h3>
    ${anchors.length === 0 && html`<p class="quiet">${word.noRules}</p>`}
    <ul class="step-rules">
      ${anchors.map((anchor) => html`<li key=${anchor}><a href=${ruleAddress(anchor)} target="_blank" rel="noopener">${anchor}</a> ${ruleText(anchor)?.map(({ text, isCode }) => (isCode ? html`<code>${text}</code>` : text))}</li>`)}
    </ul>
  `;
}
