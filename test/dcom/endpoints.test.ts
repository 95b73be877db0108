/** Endpoints that the activator and the resolver tell of are those where clients are watched for answers. */
import { describe, expect, it } from 'vitest';
import type { DualStringArray } from '../../dissectors/dcom/dual-string-array.js';
import { ENDPOINTS, learnEndpoints } from '../../dissectors/dcom/endpoints.js';
import { factsOfKind } from '../../dissectors/dcom/facts.js';
import { IObjectExporter } from '../../dissectors/interfaces/IObjectExporter.js';
import type { Params } from '../../dissectors/ndr/interface.js';
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
    const { tells, ...operation } = IObjectExporter.ops[opnum];
    expect(operation.name).toBe(name);
    const told = (answer: Params | null) =>
      factsOfKind(tells?.({ in: {}, out: answer, answer, result: 0 }) ?? [], 'exported');
    expect(told({ [parameter]: BINDINGS })).toMatchObject([{ bindings: BINDINGS }]);
    expect(told(null)).toEqual([]);
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
