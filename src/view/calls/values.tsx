/** Decoded values as lists that open: what is inside is drawn when it is opened, so that depth costs nothing. */
import { useSignal } from '@preact/signals';

/** Members that are drawn at once. */
const STEP = 100;
/** Characters of a text that are shown; the PDU has all of them. */
const MOST = 2000;

interface Props {
  /** Names and what they stand for. */
  readonly members: object;
}

/** Members of a structure, or elements of a list, one below the other. */
export function Values({ members }: Props) {
  const shown = useSignal(STEP);
  const all = Object.entries(members);
  return (
    <ul class="values">
      {all.slice(0, shown.value).map(([name, value]) => (
        <li key={name}>
          {isOpenable(value) ? (
            <Inside name={name} members={value} />
          ) : (
            <>
              <b>{name}</b> <code>{typeof value === 'object' && value !== null ? 'empty' : textOf(value)}</code>
            </>
          )}
        </li>
      ))}
      {all.length > shown.value && (
        <li>
          <button type="button" onClick={() => (shown.value += STEP)}>
            {all.length - shown.value} more
          </button>
        </li>
      )}
    </ul>
  );
}

/** Whether there is anything in a value. */
function isOpenable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function Inside({ name, members }: Props & { readonly name: string }) {
  const isOpen = useSignal(false);
  return (
    <details onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>
        <b>{name}</b> <code>{inShort(members)}</code>
      </summary>
      {isOpen.value && <Values members={members} />}
    </details>
  );
}

/** What a structure is in a few words: the text of a BSTR, the type of an object, or how much is in it. */
function inShort(members: object): string {
  if (Array.isArray(members)) return `${members.length} ${members.length === 1 ? 'element' : 'elements'}`;
  const told = members as Readonly<Record<string, unknown>>;
  for (const name of ['text', 'value', 'type', 'managedType', 'name'])
    if (typeof told[name] === 'string') return textOf(told[name]);
  if (typeof told.cBytes === 'number') return `BSTR, ${told.cBytes} bytes`;
  if (typeof told.length === 'number' && 'records' in told) return `NRBF, ${told.length} bytes`;
  const names = Object.keys(members).join(', ');
  return `{${names.length > MOST ? `${names.slice(0, MOST)}…` : names}}`;
}

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MOST ? `${text.slice(0, MOST)}… (${text.length} characters)` : text;
}
