/** Hand-made remoting traffic that triggers the REM rules, with its nearest neighbour that does not. */
import { encodeValues } from '../../dissectors/nrbf/index.js';
import { ADDRESS, buffer, DELEGATE, objRef, type Play } from './plays.js';
import { CLIENT, graph, object, SERVER } from './support.js';

const STRANGER = '10.0.0.99';
const THIRD = '10.0.0.66';
const AUTH = {
  carrier: 'nns' as const,
  type: 'NTLM',
  level: 6,
  user: 'LAB\\a',
  decrypted: true,
  verified: true,
  isCut: false,
};
const MADE_UP = '0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9/2d5792_4.rem';
const ACTIVATOR = 'System.Runtime.Remoting.Activation.IActivator, mscorlib';

const at = (host: string, uri = MADE_UP) => {
  const ref = objRef([`tcp://${host}:8085`]) as { members: object };
  return { ...ref, members: { ...ref.members, uri: { type: 'System.String', value: uri } } } as ReturnType<
    typeof objRef
  >;
};

/** GetSerializedBuffer gives the usual client an ObjRef. */
const byCom: Play = buffer(graph({ root: at(SERVER) }));

/** A return of nothing. */
const EMPTY = encodeValues({ call: { kind: 'return', args: [], returnValue: null } });

/** A stranger calls what COM gave the usual client. */
const strangerAfterCom: Play = (net) => {
  byCom(net);
  net.channel({ client: STRANGER }).call(`/${MADE_UP}`, 'Read', {}, ADDRESS);
};

/** The factory hands an object to the usual client, and `client` calls it. */
const handed =
  (client: string, uri = MADE_UP, method = 'Read'): Play =>
  (net) => {
    net.channel().call('factory.rem', 'Open', {}, at(SERVER, uri));
    net.channel({ client }).call(uri, method, {}, ADDRESS);
  };

/** An exception as .NET serializes it. */
const thrown = (stack: string) => ({
  thrown: object('System.Exception', { ClassName: 'System.Exception', Message: 'no', StackTraceString: stack }, null),
});

/** One call on a channel. */
const one =
  (
    o: Parameters<Parameters<Play>[0]['channel']>[0],
    ...what: Parameters<ReturnType<Parameters<Play>[0]['channel']>['call']>
  ): Play =>
  (net) =>
    void net.channel(o).call(...what);

const send = (...args: NonNullable<ReturnType<typeof object>>[]): Play => one({}, 'svc.rem', 'Do', { args }, ADDRESS);

/** A call that is answered with a text, and no message. */
const page =
  (text: string): Play =>
  (net) =>
    void net.channel({ http: true }).call('svc.rem', 'Do').reply(Buffer.from(text));

export const REMOTING_CASES: readonly (readonly [rule: string, fires: Play, silent: Play])[] = [
  ['REM-001', one({}, 'svc.rem', 'Do', {}, ADDRESS), one({ auth: AUTH }, 'svc.rem', 'Do', {}, ADDRESS)],
  ['REM-001', one({ http: true }, 'svc.rem', 'Do', {}, ADDRESS), one({ server: CLIENT }, 'svc.rem', 'Do', {}, ADDRESS)],
  // nobody answers a one-way call, and an answer that is missing tells nothing
  ['REM-001', one({}, 'svc.rem', 'Do', { oneWay: true }), one({}, 'svc.rem', 'Do')],
  ['REM-002', send(DELEGATE), send(ADDRESS)],
  // an exception may be how the server refused it
  ['REM-002', send(at(CLIENT)), one({}, 'svc.rem', 'Do', { args: [at(CLIENT)] }, thrown(''))],
  ['REM-003', send(object('System.Windows.Forms.AxHost+State', { x: 'y' })), send(DELEGATE)],
  [
    'REM-003',
    send(object('System.Data.DataSet', { 'DataSet.Tables_0': 'x' })),
    send(object('System.Data.DataSet', { XmlSchema: 'x' })),
  ],
  // to the sender, or back to where the object lives
  ['REM-003', send(at(THIRD)), send(at(CLIENT), at(SERVER))],
  ['REM-004', handed(STRANGER), handed(CLIENT)],
  ['REM-004', handed(STRANGER), one({ client: STRANGER }, MADE_UP, 'Read', {}, ADDRESS)],
  ['REM-004', handed(STRANGER, 'shelf.rem', 'GetLifetimeService'), handed(STRANGER, 'shelf.rem')],
  [
    'REM-004',
    one({}, 'RemoteActivationService.rem', 'ToString', {}, ADDRESS),
    one({}, 'RemoteActivationService.rem', 'Activate', { type: ACTIVATOR }, at(SERVER)),
  ],
  // what came by way of COM is REM-007's
  ['REM-004', handed(STRANGER), strangerAfterCom],
  [
    'REM-005',
    one({ http: true }, 'svc.rem', 'Do', {}, thrown('   at Svc.Do()')),
    one({}, 'svc.rem', 'Do', {}, thrown('   at Svc.Do()')),
  ],
  [
    'REM-005',
    one({ http: true }, 'svc.rem', 'Open', {}, at(SERVER)),
    one({ http: true, auth: AUTH }, 'svc.rem', 'Open', {}, at(SERVER)),
  ],
  ['REM-005', page('<html><body>Server Error</body></html>'), page('Server Error')],
  ['REM-005', page(`${' '.repeat(200)}<HTML>`), page(`${' '.repeat(300)}<HTML>`)],
  [
    'REM-005',
    page('<html>'),
    (net) => void net.channel({ http: true, auth: AUTH }).call('svc.rem', 'Do').reply(Buffer.from('<html>')),
  ],
  ['REM-005', page('__RequestUri: /gone.rem'), page('RequestUri')],
  ['REM-006', send(object('Login', { Password: 'hunter2' })), send(object('Login', { User: 'ada' }))],
  [
    'REM-006',
    send(object('Person', { EmailAddress: 'a@b.example' })),
    one({ auth: AUTH }, 'svc.rem', 'Do', { args: [object('Person', { EmailAddress: 'a@b.example' })] }, ADDRESS),
  ],
  [
    'REM-007',
    strangerAfterCom,
    (net) => {
      byCom(net);
      net.channel().call(`tcp://${SERVER}:8085/${MADE_UP}`, 'Read', {}, ADDRESS);
    },
  ],
  [
    'IOI-011',
    (net) =>
      net
        .channel()
        .call('svc.rem', 'Do')
        .reply(Uint8Array.from([...EMPTY, 1, 2, 3])),
    (net) => net.channel().call('svc.rem', 'Do').reply(EMPTY),
  ],
];
