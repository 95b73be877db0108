/** Community ID v1 as others compute it: published vectors, and what its reference implementation gives. */
import { describe, expect, it } from 'vitest';
import { communityId } from '../../src/core/connection.js';
import { type Connection, StateStore } from '../../src/core/context.js';

function connection(transport: Connection['transport'], from: [string, number], to: [string, number]): Connection {
  const [a, b] = [from, to].map(([address, port]) => ({ address, port }));
  return {
    id: 0,
    transport,
    protocol: null,
    endpoint: null,
    ends: [a, b],
    client: 0,
    midstream: false,
    state: new StateStore(),
  };
}

describe('Community ID', () => {
  it.each([
    // github.com/corelight/community-id-spec, baseline of seed 0
    ['ncacn_ip_tcp', '128.232.110.120', 34855, '66.35.250.204', 80, '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['ncadg_ip_udp', '192.168.1.52', 54585, '8.8.8.8', 53, '1:d/FP5EW3wiY1vCndhwleRRKHowQ='],
    // the Python package communityid 1.5
    ['ncacn_ip_tcp', '2001:db8::1', 49664, 'fe80::1:2', 135, '1:6/PSTbEZEO4r8xrKHyX08czJujA='],
    ['ncacn_ip_tcp', '10.0.0.1', 49664, '10.0.0.1', 135, '1:2mDBaEwNZi5/u3wzhwLsGyNkkGI='],
    ['ncacn_ip_tcp', '::ffff:10.0.0.1', 135, '2001:db8::', 49664, '1:PLFAYfqVn4yQVNckujU/sKpzmAI='],
  ] as const)('%s %s:%d and %s:%d, either way', (transport, a, portA, b, portB, id) => {
    expect(communityId(connection(transport, [a, portA], [b, portB]))).toBe(id);
    expect(communityId(connection(transport, [b, portB], [a, portA]))).toBe(id);
  });
});
