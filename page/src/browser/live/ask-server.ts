/** What the page asks of its server, apart from what it is told. */

const tokenPattern = /^[0-9a-f]{32}$/;
const tokenKey = 'dashboard-token';

/** From the address that the program has printed; kept while the tab is open, and removed from the address, which people share. */
export const token = takeToken();

function takeToken(): string | undefined {
  const asked = new URLSearchParams(location.hash.slice(1));
  const given = asked.get('token') ?? '';
  if (tokenPattern.test(given)) {
    sessionStorage.setItem(tokenKey, given);
    asked.delete('token');
    history.replaceState(null, '', asked.size === 0 ? location.pathname : `#${asked}`);
  }
  return sessionStorage.getItem(tokenKey) ?? undefined;
}

/** The server answers earlier than this, in milliseconds. */
const answerTimeoutMs = 30_000;

/** @throws Error with a text for people */
export async function getJson<T>(path: string): Promise<T> {
  return await answerOf<T>(path, {});
}

/** @throws Error with a text for people */
export async function postJson<T>(path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json', 'x-dashboard-token': token ?? '' };
  return await answerOf<T>(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function answerOf<T>(path: string, options: RequestInit): Promise<T> {
  const response = await fetch(path, { ...options, signal: AbortSignal.timeout(answerTimeoutMs) });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new Error(errorIn(text));
}

function errorIn(text: string): string {
  try {
    const { code, error } = JSON.parse(text) as { code: string; error: string };
    return `${code}: ${error}`;
  } catch {
    return text.trim();
  }
}
