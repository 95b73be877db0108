/** The worker in which the engine runs, so that the page stays awake. */
import { expose } from 'comlink';
import { Engine } from './engine.js';
import { noteQuestion } from './turns.js';

addEventListener('message', noteQuestion);
expose(new Engine());
