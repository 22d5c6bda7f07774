import { lessons } from '@tablelab/part4/sim/lessons';
import { html } from 'htm/preact';
import { language, lessonAddress } from './view.ts';
import { word } from './words.ts';

export function LessonList() {
  return html`
    <header>
      <h1>${word.value.lessons}</h1>
      <p>${word.value.introduction}</p>
    </header>
    <${Links} />
  `;
}

/** Instead of a lesson that there is not. */
export function NoSuchLesson() {
  return html`<h1>${word.value.lessons}</h1><p role="alert">${word.value.noSuchLesson}</p><${Links} />`;
}

function Links() {
  return html`
    <ol class="lessons">
      ${lessons.map(
        ({ name, title, steps }) =>
          html`<li key=${name}><a href=${lessonAddress(name, 1, language.value)}>${title[language.value]}</a> <span class="quiet">${word.value.steps(steps.length)}</span></li>`,
      )}
    </ol>
  `;
}
