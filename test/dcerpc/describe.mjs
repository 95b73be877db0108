/** Another thread, which has seen no capture: says in words and JSON what plain PDUs and calls hold. Runs what was built. */
import { parentPort } from 'node:worker_threads';

const built = new URL('../../dist/', import.meta.url);
const { describer } = await import(`${built}dissectors/index.js`);
const { callToJson } = await import(`${built}src/output/calls/json.js`);
const { pduToJson } = await import(`${built}src/output/tree/pdu-json.js`);
const { renderTree } = await import(`${built}src/output/tree/tree.js`);

const describe = describer();

parentPort.on('message', ({ pdu, call }) => {
  if (call !== undefined) {
    parentPort.postMessage(JSON.stringify(callToJson(describe.call(call), 1, '')));
    return;
  }
  const described = describe.pdu(pdu, true);
  const tree = renderTree(described.recording.roots, { color: false, width: 120 });
  const said = described.call === null ? null : callToJson(described.call, 1, '');
  parentPort.postMessage(JSON.stringify([pduToJson(described, true), said, tree]));
});
