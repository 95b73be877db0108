/** Where a thread of the program starts. */
import { load } from './start.js';

load().thread();
