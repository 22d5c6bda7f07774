/** What a form that was sent holds: the value of the button, and its fields by their names. */
export function fieldsOf(event: SubmitEvent): {
  readonly pressed: string;
  readonly field: (name: string) => string;
} {
  event.preventDefault();
  const data = new FormData(event.currentTarget as HTMLFormElement);
  return {
    pressed: (event.submitter as HTMLButtonElement).value,
    field: (name) => String(data.get(name)),
  };
}
