/** The files of deploy/, read. */
import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';
import { ROOT } from '../cli.js';

/** The text of a file of the project. */
export const textOf = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8');

/** The image of the container file, as it is called for this version. */
export const IMAGE = `clrscope:${JSON.parse(textOf('package.json')).version}`;

/** A service of the compose file, as far as tests look at it. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly secrets?: readonly string[];
  readonly volumes: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly user: string;
  readonly mem_limit: string;
}

/** The compose file. */
export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export const COMPOSE = 'deploy/compose.yaml';
export const compose: Compose = parse(textOf(COMPOSE), { merge: true });

/** A container of a pod. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: SecretRef }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
  readonly readinessProbe?: { readonly exec: { readonly command: readonly string[] } };
  readonly securityContext: object;
  readonly resources: { readonly limits: { readonly memory: string } };
}

interface SecretRef {
  readonly secretKeyRef: { readonly name: string; readonly key: string };
}

interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly secret?: { readonly secretName: string };
}

/** A pod's description. */
export interface Pod {
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly securityContext: object;
}

interface Selector {
  readonly matchLabels: object;
}

/** An object of the Kubernetes manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector?: object;
    readonly ports?: readonly { readonly port: number }[];
    readonly template?: { readonly metadata?: { readonly labels: object }; readonly spec: Pod };
    readonly podSelector?: Selector;
    readonly ingress?: readonly { readonly from: readonly { readonly podSelector: Selector }[] }[];
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

export const KUBERNETES = 'deploy/kubernetes.yaml';
/** As kubectl reads it: YAML 1.1, where 0440 is octal. */
export const manifests: readonly Manifest[] = parseAllDocuments(textOf(KUBERNETES), { version: '1.1' }).map(
  (document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  },
);

/** The manifests that run pods, each with its pod. */
export const pods = manifests.flatMap((manifest) => {
  const pod = manifest.spec.template?.spec;
  return pod === undefined ? [] : [{ manifest, pod }];
});
export const containers = pods.flatMap(({ pod }) => pod.containers);
