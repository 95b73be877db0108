/** Starts the page. */
import { render } from 'preact';
import { App } from './app.js';
import { listenToKeys } from './parts/keys.js';
import { followAddress, type Offered, offered, openCapture, place } from './state.js';
import { lookAtWholes } from './whole.js';
import './style.css';

/** The captures that the server has: it says in the page where their list is. */
async function ask(): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel="captures"]');
  if (link === null) return;
  offered.value = (await (await fetch(link.href)).json()) as Offered[];
  await openCapture(place.value.capture);
}

followAddress();
lookAtWholes();
listenToKeys();
render(<App />, document.body);
void ask();
