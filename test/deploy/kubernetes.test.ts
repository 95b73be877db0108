/** The Kubernetes manifest: by the API's schemas, without a key that they do not know, and what no schema sees. */
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { containers, IMAGE, KUBERNETES, type Manifest, manifests, type Pod, pods, textOf } from './files.js';

const MODELS = { StatefulSet, Job, NetworkPolicy, PersistentVolumeClaim, Service };

/** What the API's schema has against an object: wrong types and values, and what is missing. */
function complaint(manifest: Manifest): string | null {
  const Model = MODELS[manifest.kind as keyof typeof MODELS];
  try {
    new Model(manifest as never).validate();
    return null;
  } catch (e) {
    return String(e);
  }
}

/** What TypeScript has against objects as literals of the API's types: these know no key beside theirs. */
function typeErrors(objects: readonly Manifest[]): string[] {
  const file = `${ROOT}test/deploy/literals.ts`;
  const text = objects.map(
    (object, i) =>
      `import type { I${object.kind} as T${i} } from 'kubernetes-models/${object.apiVersion}/${object.kind}';
       export const o${i}: T${i} = ${JSON.stringify(object)};`,
  );
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2022.d.ts'],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, target, ...rest) =>
    name === file ? ts.createSourceFile(name, text.join('\n'), target) : getSourceFile(name, target, ...rest);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

/** A manifest with something else in its text. */
const changed = (name: string, now: string, then: string): Manifest => {
  const text = JSON.stringify(manifests.find(({ metadata }) => metadata.name === name));
  expect(text).toContain(now);
  return JSON.parse(text.replace(now, then));
};

const kindsOf = (kind: string): string[] =>
  manifests.filter((manifest) => manifest.kind === kind).map(({ metadata }) => metadata.name);

/** Names of what a pod mounts, and of what it has to mount. */
const volumesOf = (pod: Pod, manifest: Manifest): string[] =>
  [...(pod.volumes ?? []), ...(manifest.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)]
    .map(({ name }) => name)
    .sort();

describe('the Kubernetes manifest', () => {
  it('holds to the schemas of the API', () => {
    expect(manifests.map(complaint)).toEqual(manifests.map(() => null));
    expect(complaint(changed('clrscope-work', '"parallelism":8', '"parallelism":"8"'))).toMatch(/parallelism must be/);
    expect(complaint(changed('clrscope-work', '"name":"work",', ''))).toMatch(/required property name/);
  });

  it('has no key that the API does not know', () => {
    expect(typeErrors(manifests)).toEqual([]);
    const wrong = changed('clrscope-work', '"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"');
    expect(typeErrors([wrong]).join()).toContain('readOnlyRootFileSystem');
  });

  it('names claims that are there, and mounts all that a pod has', () => {
    const claims = pods
      .flatMap(({ pod }) => pod.volumes ?? [])
      .flatMap((v) => v.persistentVolumeClaim?.claimName ?? []);
    expect([...new Set(claims)].sort()).toEqual(kindsOf('PersistentVolumeClaim').sort());
    for (const { manifest, pod } of pods) {
      const mounted = pod.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name));
      expect([...new Set(mounted)].sort(), manifest.metadata.name).toEqual(volumesOf(pod, manifest));
    }
  });

  it('says how to make the secrets that it names, and holds none', () => {
    const made = [
      ...textOf(KUBERNETES).matchAll(/^# +kubectl create secret generic (\S+) --from-(?:literal|file)=([\w.]+)/gm),
    ];
    const keys = containers.flatMap(({ env }) => env.flatMap((e) => e.valueFrom?.secretKeyRef ?? []));
    const files = pods.flatMap(({ pod }) => pod.volumes ?? []).flatMap((volume) => volume.secret?.secretName ?? []);
    expect(new Set([...keys.map(({ name }) => name), ...files])).toEqual(new Set(made.map(([, name]) => name)));
    for (const { name, key } of keys) expect(made.map(([, ...secret]) => secret)).toContainEqual([name, key]);
    expect(kindsOf('Secret')).toEqual([]);
  });

  it('has secrets that open traffic for workers alone, where their command looks for them', () => {
    for (const { manifest, pod } of pods) {
      const opens = pod.volumes?.find(({ secret }) => secret !== undefined)?.name;
      const [{ args, volumeMounts }] = pod.containers;
      expect(opens !== undefined, manifest.metadata.name).toBe(args[0] === 'work');
      const at = volumeMounts.find(({ name }) => name === opens)?.mountPath;
      if (opens !== undefined) expect(args[args.indexOf('--secrets') + 1]).toBe(`${at}/secrets.json`);
    }
  });

  it('has captures that are only read, and the same folders for whoever submits and works', () => {
    const [submit, work] = ['submit', 'work'].map((name) => containers.find((container) => container.name === name)!);
    for (const mount of submit.volumeMounts) expect(work.volumeMounts).toContainEqual(mount);
    expect(submit.volumeMounts.find(({ mountPath }) => mountPath === '/captures')?.readOnly).toBe(true);
    const paths = submit.args.filter((word) => word.startsWith('/'));
    expect(paths).toEqual(submit.volumeMounts.map(({ mountPath }) => mountPath));
  });

  it('leads to the queue: address, service and pod agree', () => {
    const service = manifests.find(({ kind }) => kind === 'Service')!;
    const { name } = service.metadata;
    for (const { args, env } of containers.filter(({ image }) => image === IMAGE)) {
      const address = env.find((variable) => variable.name === 'CLRSCOPE_QUEUE')?.value;
      expect(address, args[0]).toBe(`redis://:$(QUEUE_PASSWORD)@${name}:${service.spec.ports![0].port}`);
      // what is referred to must be there before
      expect(env.map((variable) => variable.name)).toEqual(['QUEUE_PASSWORD', 'CLRSCOPE_QUEUE']);
    }
    const queue = manifests.find(({ kind }) => kind === 'StatefulSet')!;
    expect(queue.spec.template?.metadata?.labels).toEqual(service.spec.selector);
  });

  it('lets those that submit and work get to the queue, and nobody else', () => {
    const { spec } = manifests.find(({ kind }) => kind === 'NetworkPolicy')!;
    const labels = (kind: string) =>
      pods
        .filter(({ manifest }) => manifest.kind === kind)
        .map(({ manifest }) => manifest.spec.template?.metadata?.labels);
    expect(labels('StatefulSet')).toEqual([spec.podSelector?.matchLabels]);
    const from = spec.ingress?.flatMap((rule) => rule.from.map(({ podSelector }) => podSelector.matchLabels));
    expect(labels('Job')).toEqual([from?.[0], from?.[0]]);
    expect(from).toHaveLength(1);
  });

  it('gives no container more rights than it needs', () => {
    for (const { manifest, pod } of pods) {
      expect(pod.securityContext, manifest.metadata.name).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext } of pod.containers)
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
    }
  });
});
