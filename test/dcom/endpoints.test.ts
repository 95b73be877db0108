/** Endpoints that the activator and the resolver tell of are those where clients are watched for answers. */
import { describe, expect, it } from 'vitest';
import type { Answered } from '../../dissectors/dcerpc/interface.js';
import type { DualStringArray } from '../../dissectors/dcom/dual-string-array.js';
import { ENDPOINTS, learnEndpoints } from '../../dissectors/dcom/endpoints.js';
import { IObjectExporter } from '../../dissectors/interfaces/IObjectExporter.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { StateStore } from '../../src/core/context.js';

const BINDINGS: DualStringArray = {
  [KIND]: 'bindings',
  bindings: [{ tower: 7, address: '10.0.0.20[50123]' }],
  securityBindings: [],
};

describe('endpoints', () => {
  it.each([
    [0, 'ResolveOxid', 'ppdsaOxidBindings'],
    [4, 'ResolveOxid2', 'ppdsaOxidBindings'],
    [5, 'ServerAlive2', 'ppdsaOrBindings'],
  ])('are learnt from answers of opnum %i, %s', (opnum, name, parameter) => {
    const { learn, ...operation } = IObjectExporter.ops[opnum];
    expect(operation.name).toBe(name);
    const told: DualStringArray[] = [];
    learn?.({
      out: { [parameter]: BINDINGS },
      learnEndpoints: (array: DualStringArray) => told.push(array),
    } as Partial<Answered> as Answered);
    expect(told).toEqual([BINDINGS]);
    expect(() => learn?.({ out: null } as Partial<Answered> as Answered)).not.toThrow();
  });

  it('by name are those of the host that told', () => {
    const capture = new StateStore();
    learnEndpoints(capture, ['IOISRV[50123]', 'FE80::1[50124]', '10.0.0.9', '10.0.0.9[0x1]'], '10.0.0.20');
    expect([...capture.get(ENDPOINTS)]).toEqual([
      [50123, new Set(['10.0.0.20'])],
      [50124, new Set(['fe80::1'])],
    ]);
  });
});
