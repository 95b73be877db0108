/** The worker in which the engine runs, so that the page stays awake. */
import { expose } from 'comlink';
import { Engine } from './engine.js';

expose(new Engine());
