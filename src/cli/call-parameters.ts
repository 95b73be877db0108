/** A call's parameters as JSON, for tables: as much of it as a capture may become. */
import type { Call } from '../../dissectors/call.js';
import { JsonBytes } from '../output/json-bytes.js';
import type { CallParameters } from '../output/tables/calls.js';
import { writeValue } from '../output/value.js';
import type { Allowance } from './allowance.js';
import type { Job } from './job.js';

/** A call and its parameters; these hold until the next call. What is left out of them is a warning of the call. */
type Parameters = (call: Call) => CallParameters;

/**
 * What makes them for calls of one capture.
 * @param allowance how much JSON that may become
 */
export function parametersOf(allowance: Allowance, { full }: Pick<Job, 'full'>): Parameters {
  const [request, answer] = [new JsonBytes(), new JsonBytes()];
  const side = (text: JsonBytes, value: unknown): Uint8Array | null => {
    if (value === null) return null;
    text.back(0);
    writeValue(text, value, { full });
    return text.take();
  };
  const made = (call: Call, request: Uint8Array | null, answer: Uint8Array | null) => ({
    call,
    in: request,
    out: answer,
    length: (request?.length ?? 0) + (answer?.length ?? 0),
  });
  return (call) => {
    const stubs = (call.request?.stub?.length ?? 0) + (call.response?.stub?.length ?? 0);
    return allowance.fit(
      stubs,
      () => made(call, side(request, call.in), side(answer, call.out)),
      () => made({ ...call, warnings: [...call.warnings, allowance.note] }, null, null),
    );
  };
}
