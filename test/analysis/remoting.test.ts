/** The story joined: what COM or remoting hands out, and the calls that later go there. */
import { describe, expect, it } from 'vitest';
import { objectsText } from '../../src/output/objects-text.js';
import { ADDRESS, buffer, objRef } from '../audit/plays.js';
import { graph, Network, object, SERVER } from '../audit/support.js';
import { SHARED } from '../cli.js';
import { reportOf } from './support.js';

const REMOTING = `${SHARED}captures/remoting`;
const STRANGER = '10.0.0.99';

describe('an object that came by way of COM', () => {
  const story = (...callers: string[]) => {
    const net = new Network();
    buffer(graph({ root: objRef([`tcp://${SERVER}:8085`]) }))(net);
    for (const client of callers) net.channel({ client }).call(`tcp://srv:8085/svc.rem`, 'Do', {}, ADDRESS);
    return net.objects();
  };

  it('has the calls to its ObjRef below it, and they end the way taken', () => {
    const { apartments, remoting } = story('10.0.0.10', '10.0.0.10');
    expect(remoting).toEqual([]);
    const [{ remoting: proxies, ways }] = apartments[0].objects;
    expect(ways[0].text).toBe('serialized in 3 → another division, proxy made, called through remoting in 5, 2 calls');
    expect(ways[0].remoting).toMatchObject({ calls: 2, first: { request: 5, response: 6 }, last: { request: 7 } });
    expect(proxies).toMatchObject([
      { server: SERVER, uri: 'svc.rem', origin: 'marshalled', endpoints: [`tcp://${SERVER}:8085`] },
    ]);
    expect(proxies[0].receipts).toMatchObject([{ to: '10.0.0.10', operation: 'GetSerializedBuffer', count: 1 }]);
    expect(proxies[0].callers).toMatchObject([{ calls: 2, operations: { Do: 2 }, received: true }]);
  });

  it('is called by a host that did not receive its ObjRef', () => {
    const report = story(STRANGER);
    expect(report.apartments[0].objects[0].ways[0].text).toMatch(/proxy made$/);
    expect(report.apartments[0].objects[0].remoting[0].callers[0]).toMatchObject({
      address: STRANGER,
      received: false,
    });
    expect([...objectsText(report, false)].join('')).toContain(
      `${STRANGER}: 1 call, without having received its ObjRef: Do  in 5→6`,
    );
  });

  it('is never called', () => {
    expect([...objectsText(story(), false)].join('')).toContain('never called through remoting');
  });
});

it('knows a URI however it is written', () => {
  const net = new Network();
  for (const uri of ['/A b.rem', 'tcp://srv:8085/a%20B.rem', 'a b.rem']) net.channel().call(uri, 'Do', {}, ADDRESS);
  expect(net.objects().remoting).toMatchObject([{ uri: 'A b.rem', origin: 'well-known', callers: [{ calls: 3 }] }]);
});

it('takes an object home: an ObjRef whose channel leads to its receiver', () => {
  const net = new Network();
  const args = [objRef([`tcp://${SERVER}:8085`])];
  net.channel().call('x.rem', 'Take', { args }, object('Done'));
  const taken = net.objects().remoting.find(({ uri }) => uri === 'svc.rem');
  expect(taken).toMatchObject({ server: SERVER, receipts: [{ from: '10.0.0.10', to: SERVER }] });
});

it('keeps no more objects than it may, and says so', () => {
  const net = new Network({ objects: 2 });
  for (let i = 0; i < 5; i++) net.channel().call(`o${i}.rem`, 'Do', {}, ADDRESS);
  const { remoting, warnings } = net.objects();
  expect(remoting).toHaveLength(2);
  expect(warnings).toMatchObject([{ code: 'limit' }]);
});

describe.skipIf(SHARED === null)('captures of Mono', () => {
  it('story-com-to-tcp: DCOM gives an ObjRef, and TCP goes on with it', async () => {
    const { apartments, remoting } = await reportOf(`${REMOTING}/story-com-to-tcp.pcap`);
    expect(remoting).toEqual([]);
    expect(apartments[0].objects[0].ways[0].text).toBe(
      'serialized in 8 → another division, proxy made, called through remoting in 15, 2 calls',
    );
  });

  it('tcp-objects: activated, marshalled and well-known ones, of both hosts', async () => {
    const { remoting } = await reportOf(`${REMOTING}/tcp-objects.pcap`);
    const told = remoting.map((o) => [o.server, o.uri.replace(/^.*\//, ''), o.origin, o.callers.map((c) => c.calls)]);
    expect(told).toEqual([
      ['10.30.0.20', 'RemoteActivationService.rem', 'well-known', [2]],
      ['10.30.0.20', '2d572a_2.rem', 'client-activated', [3]],
      ['10.30.0.20', '2d5782_3.rem', 'client-activated', [1]],
      ['10.30.0.20', 'warehouse.rem', 'well-known', [10]],
      ['10.30.0.20', '2d5792_4.rem', 'marshalled', [1]],
      ['10.30.0.10', '2d57d6_2.rem', 'marshalled', [1]],
      ['10.30.0.20', '2d5832_5.rem', 'marshalled', [1]],
      ['10.30.0.10', '2d5842_3.rem', 'marshalled', [3]],
    ]);
    expect(remoting.flatMap((o) => o.callers).filter(({ received }) => received === false)).toEqual([]);
  });

  it('tcp-leases: renewed, with a sponsor that is asked', async () => {
    const { remoting } = await reportOf(`${REMOTING}/tcp-leases.pcap`);
    const basket = remoting.find(({ type }) => type?.startsWith('Depot.Contract.Basket'));
    expect(basket?.lease).toMatchObject({
      calls: 5,
      state: 'Active',
      left: { request: 17, response: 18, seconds: 2.778916 },
      renewals: [{ client: '10.30.0.10', seconds: 4, left: 3.999856, request: 19, response: 20 }],
      sponsors: [
        { server: '10.30.0.10', registered: { request: 21 }, unregistered: null, renewals: [{ seconds: 42 }] },
      ],
    });
    expect(basket?.lease?.uris).toHaveLength(2);
    expect(remoting.some(({ type }) => type?.includes('Lifetime.Lease'))).toBe(false);
  });

  it('http-soap: ObjRefs of the other formatter', async () => {
    const { remoting } = await reportOf(`${REMOTING}/http-soap.pcap`);
    const shelves = remoting.filter(({ type }) => type?.startsWith('Depot.Contract.Shelf'));
    expect(shelves.length).toBeGreaterThan(0);
    expect(shelves.every((o) => o.receipts.length > 0 && o.callers.every((c) => c.received === true))).toBe(true);
  });
});
