/** What the three interfaces of MS-IOI share. */
import { field } from '../../src/core/node.js';

/** Their protocol in filters. */
export const MS_IOI = field('ioi', 'MS-IOI');
