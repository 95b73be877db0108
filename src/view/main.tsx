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
  if (names !== null) await engine.useNames((await (await fetch(names.href)).json()) as GivenNames);
  offered.value = (await (await fetch(link.href)).json()) as Offered[];
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
