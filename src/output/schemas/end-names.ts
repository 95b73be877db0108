/** What the hosts of `src` and `dst` are called, where somebody said so: the user's `--names`, or the capture. */
import * as v from 'valibot';

export const END_NAMES = { srcName: v.exactOptional(v.string()), dstName: v.exactOptional(v.string()) };
