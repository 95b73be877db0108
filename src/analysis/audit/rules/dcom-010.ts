import { factsOfKind } from '../../../../dissectors/dcom/facts.js';
import { stateKey } from '../../../core/context.js';
import type { Rule } from '../rule.js';

/** Programs that do whatever a script says, and can be activated from afar. */
const CLASSES: Readonly<Record<string, string>> = {
  '49b2791a-b1ae-4c90-9b8e-e860ba07f889': 'MMC20.Application',
  '9ba05972-f6a8-11cf-a442-00a0c90a8f39': 'ShellWindows',
  'c08afd90-f2a1-11d1-8455-00a0c91f3880': 'ShellBrowserWindow',
  '00024500-0000-0000-c000-000000000046': 'Excel.Application',
  '000209ff-0000-0000-c000-000000000046': 'Word.Application',
  '0006f03a-0000-0000-c000-000000000046': 'Outlook.Application',
  '00021a20-0000-0000-c000-000000000046': 'Visio.Application',
  '0002df01-0000-0000-c000-000000000046': 'InternetExplorer.Application',
};

/** Which class an apartment was activated for, and to which apartment an interface pointer leads. */
const SEEN = stateKey('audit.lateral', () => ({
  apartments: new Map<string, string>(),
  hosts: new Map<string, string>(),
  pointers: new Map<string, string>(),
}));
const MOST = 50_000;

export const DCOM_010: Rule = {
  id: 'DCOM-010',
  title: 'A class known from lateral movement is used from afar',
  severity: 'high',
  shows:
    'MMC20.Application, ShellWindows, ShellBrowserWindow, an Office or a browser application is activated by another host; IDispatch.Invoke on it shows that it was told to do something.',
  why: 'These programs run commands for whoever automates them, as the user who is logged on. Attackers use them to move from host to host without leaving a service behind.',
  fix: 'Look at both hosts. Restrict remote launch and activation to administrators, keep DCOM from workstation to workstation closed in the firewall.',
  references: ['ATT&CK T1021.003'],
  cwe: ['CWE-749'],
  attack: ['T1021.003', 'T1559.001'],
  prefilter: { facts: ['asked', 'activated', 'invoked'], holds: ['objrefs'] },
  call({ call, facts, remote, client, server, objrefs, confidence }, report, state) {
    if (!remote) return;
    const seen = state.get(SEEN);
    const peers = `${client.address}\0${server.address}`;
    const pointers = [...objrefs.map(({ value }) => value), ...factsOfKind(facts, 'asked').map((a) => a.pointer)];
    for (const p of pointers)
      if (p?.ipid !== undefined && p.oxid !== undefined && seen.pointers.size < MOST) seen.pointers.set(p.ipid, p.oxid);
    for (const { clsid } of factsOfKind(facts, 'activated')) {
      const name = clsid === null ? undefined : CLASSES[clsid];
      if (name === undefined) continue;
      const apartments = factsOfKind(facts, 'exported').flatMap(({ oxid }) => oxid ?? []);
      for (const oxid of apartments) if (seen.apartments.size < MOST) seen.apartments.set(oxid, name);
      if (seen.hosts.size < MOST) seen.hosts.set(peers, name);
      const came = apartments.length > 0;
      report({
        key: name,
        weight: came ? 1 : 0,
        evidence: `${name} was asked for${came ? ' and activated' : ', without success as far as it is seen'}`,
        confidence,
      });
    }
    const invoked = call.object === null ? undefined : seen.apartments.get(seen.pointers.get(call.object) ?? '');
    if (invoked === undefined) return;
    for (const { dispId } of factsOfKind(facts, 'invoked'))
      report({
        key: invoked,
        formerKeys: [`${invoked} Invoke`],
        weight: 2,
        evidence: `Invoke number ${dispId ?? '?'} of ${invoked}`,
        side: 'request',
        confidence,
      });
  },
};
