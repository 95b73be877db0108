/** Starts the page. */
import { render } from 'preact';
import { App } from './app.js';
import { listenToKeys } from './parts/keys.js';
import { engine, failure, followAddress, type Offered, offered, openCapture, place } from './state.js';
import { lookAtWholes } from './whole.js';
import type { GivenNames } from './worker/engine.js';
import './style.css';

/** The captures that the server has: it says in the page where their list is. */
async function ask(): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel="captures"]');
  if (link === null) return;
  const names = document.querySelector<HTMLLinkElement>('link[rel="names"]');
  const told = [link, names].map(async (one) => (one === null ? null : await (await fetch(one.href)).json()));
  const [captures, given] = (await Promise.all(told)) as [Offered[], GivenNames | null];
  // what the worker is asked next it hears behind that, awake or not
  if (given !== null) void engine.useNames(given);
  offered.value = captures;
  await openCapture(place.value.capture);
}

// what is asked of the engine fails where the capture cannot be read any more
addEventListener('unhandledrejection', ({ reason }) => {
  failure.value = reason instanceof Error ? reason.message : String(reason);
});
followAddress();
lookAtWholes();
listenToKeys();
render(<App />, document.body);
void ask();
