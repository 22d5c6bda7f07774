import { lessons } from '@tablelab/part4/sim/lessons';
import { html } from 'htm/preact';
import { ChainDrawing } from './chain-drawing.ts';
import { EventList } from './event-list.ts';
import { NoSuchLesson } from './lesson-list.ts';
import {
  answer,
  choose,
  isAsking,
  isStepOver,
  type Lesson,
  lesson,
  lessonRun,
  playedStep,
  step,
  stepIndex,
  stepTo,
} from './lesson-player.ts';
import { MessagePane } from './message-pane.ts';
import { frame, frames } from './player.ts';
import { runOf } from './run-name.ts';
import { ServerPane } from './server-pane.ts';
import { SpaceTime } from './space-time.ts';
import { TimeLine } from './time-line.ts';
import { language, lessonAddress, lessonsAddress, playgroundAddress } from './view.ts';
import { word } from './words.ts';

/** A step of a lesson: what it says and asks, beside what it shows. */
export function LessonView() {
  const shown = lesson.value;
  if (shown === undefined) return html`<${NoSuchLesson} />`;
  return html`
    <div class="lesson">
      <${LessonText} lesson=${shown} />
      <div class="shown">
        ${frame.value !== undefined && html`<${ChainDrawing} /><${TimeLine} /><${MessagePane} />`}
      </div>
    </div>
    ${frame.value !== undefined && html`<${SpaceTime} /><div class="panes"><${EventList} /><${ServerPane} /></div>`}
  `;
}

function LessonText({ lesson: { title, steps, name, seed } }: { readonly lesson: Lesson }) {
  const inLanguage = language.value;
  const number = lessons.findIndex((one) => one.name === name) + 1;
  const next = lessons[number];
  const place = stepIndex.value;
  const run = lessonRun.value;
  const isLast = place === steps.length - 1;
  return html`
    <section class="lesson-text" aria-label=${title[inLanguage]}>
      <p class="quiet">${word.value.place(number, lessons.length, place + 1, steps.length)}</p>
      <h1>${title[inLanguage]}</h1>
      <div aria-live="polite"><p class="step-text">${step.value?.text[inLanguage]}</p></div>
      ${run.type === 'playing' && html`<p role="status">${word.value.playing}</p>`}
      ${run.type === 'failed' && html`<div role="alert"><p>${word.value.notPlayed}</p><pre>${run.text}</pre></div>`}
      <${Question} />
      <div class="buttons">
        <button onClick=${() => stepTo(place - 1)} disabled=${place === 0}>← ${word.value.back}</button>
        ${isLast ? html`<a class="button" href=${next === undefined ? lessonsAddress(inLanguage) : lessonAddress(next.name, 1, inLanguage)}>${next === undefined ? word.value.allLessons : word.value.nextLesson} →</a>` : html`<button class="play" onClick=${() => stepTo(place + 1)} disabled=${run.type !== 'played' || isAsking.value}>${word.value.next} →</button>`}
      </div>
      ${isLast && run.type === 'played' && run.played.edits !== undefined && html`<p><a href=${playgroundAddress(runOf(seed, run.played.edits), frames.value.at(-1)?.step ?? 0, inLanguage)}>${word.value.goOn}</a></p>`}
      <p class="quiet keys">${word.value.keys}</p>
    </section>
  `;
}

function Question() {
  const question = step.value?.question;
  const inLanguage = language.value;
  const { choices = [], broken } = playedStep.value ?? {};
  const isOver = isStepOver.value;
  // Before the answer, that a rule is broken would be a hint.
  const isNamed = lesson.value?.steps.slice(0, stepIndex.value + 1).some((one) => one.question !== undefined);
  const isRight = answer.value !== undefined && choices[answer.value] === true;
  return html`
    ${
      question !== undefined &&
      html`
        <div role="group" aria-labelledby="question" class="question">
          <p id="question">${question.text[inLanguage]}</p>
          <ol>
            ${question.choices.map(({ text }, index) => {
              const isYours = answer.value === index;
              const happens = isOver && choices[index] === true;
              return html`
                <li key=${index} class=${happens ? 'happens' : undefined}>
                  <button aria-pressed=${isYours} disabled=${playedStep.value === undefined} onClick=${() => choose(index)}>
                    <span class="number">${index + 1}</span>
                    <span>${text[inLanguage]}
                      ${isYours && html` <em class="sign-text">${`● ${word.value.yours}`}</em>`}
                      ${happens && html` <em class="sign-text">${`✓ ${word.value.happens}`}</em>`}
                    </span>
                  </button>
                </li>
              `;
            })}
          </ol>
          ${isAsking.value && html`<p class="quiet">${word.value.chooseFirst}</p>`}
        </div>
      `
    }
    <div role="status" class="verdict">
      ${
        question !== undefined &&
        isOver &&
        html`
        <p class=${isRight ? 'good' : 'bad'}>${isRight ? `✓ ${word.value.right}` : `✗ ${word.value.wrong}`}</p>
        <p class="reason">${question.reason[inLanguage]}</p>
      `
      }
      ${isOver && isNamed === true && broken !== undefined && html`<p class="broken">✗ ${word.value.broken} <span lang="en">${broken}</span></p>`}
    </div>
  `;
}
