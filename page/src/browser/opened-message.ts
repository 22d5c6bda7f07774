import { computed } from '@preact/signals';
import { opened, position, recording } from './player.ts';
import { type Flight, flightsAt } from './recording.ts';

/** The message that is open, as it goes in the recording that is shown; undefined if there it was never sent. */
export const openMessage = computed(() => {
  const asked = opened.value;
  return asked && recording.value?.flights.find((flight) => isSame(flight, asked));
});

/** Whether it is under way in the present frame. */
export const isUnderWay = computed(() => {
  const { value } = openMessage;
  if (value === undefined || recording.value === undefined) return false;
  return flightsAt(recording.value, position.value).some(({ flight }) => flight === value);
});

/** Another run may have another message of this number. */
export function isSame(one: Flight, other: Flight | undefined): boolean {
  return one.number === other?.number && one.from === other.from && one.sentMs === other.sentMs;
}
