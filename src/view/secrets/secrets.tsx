/** Accounts, hashes and keytabs that open what is sealed. They are kept in the worker's memory, and nowhere else. */
import { signal, useSignal } from '@preact/signals';
import { Dialog } from '../parts/dialog.js';
import { openWith, summary } from '../state.js';
import type { GivenSecrets } from './engine.js';
import './secrets.css';

const isOpen = signal(false);

export function SecretsButton() {
  return (
    <>
      <button
        type="button"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        Secrets…
      </button>
      {isOpen.value && <SecretsDialog />}
    </>
  );
}

/** Accounts that are asked for; what they hold stays in the fields. */
function SecretsDialog() {
  const accounts = useSignal([0]);
  const state = useSignal<{ readonly problem: string | null } | 'reading' | null>(null);
  const use = async (secrets: GivenSecrets | null): Promise<void> => {
    state.value = 'reading';
    state.value = { problem: await openWith(secrets) };
  };
  const now = state.value;
  return (
    <Dialog
      title="Secrets"
      close={() => {
        isOpen.value = false;
      }}
    >
      <form
        class="secrets"
        autocomplete="off"
        onSubmit={(e) => {
          e.preventDefault();
          void use(givenIn(e.currentTarget));
        }}
      >
        <p class="note">They open what is sealed, here in this page. They are forgotten when the page is closed.</p>
        {accounts.value.map((number) => (
          <AccountFields key={number} number={number} />
        ))}
        <button
          type="button"
          onClick={() => {
            accounts.value = [...accounts.value, accounts.value.length];
          }}
        >
          Another account
        </button>
        <label>
          Keytabs, or a secrets file
          <input type="file" name="files" multiple />
        </label>
        <div class="doing">
          <button type="submit" disabled={now === 'reading'}>
            Open with these
          </button>
          <button type="button" disabled={now === 'reading'} onClick={() => void use(null)}>
            Forget all
          </button>
        </div>
        {now !== null && now !== 'reading' && now.problem !== null && (
          <p role="alert" class="problem">
            {now.problem}
          </p>
        )}
        <p role="status" aria-label="Opened">
          {now === 'reading' ? 'Reading…' : <Opened />}
        </p>
      </form>
    </Dialog>
  );
}

/** What of the capture is sealed, and what was opened of it. */
function Opened() {
  if (summary.value === null) return null;
  const { calls, opened, why } = summary.value.sealed;
  if (calls === 0) return 'No call of this capture is sealed.';
  const rest = calls === opened || why.length === 0 ? '' : ` — ${why.join('; ')}`;
  return `${opened} of ${calls} sealed calls opened${rest}`;
}

function AccountFields({ number }: { readonly number: number }) {
  return (
    <fieldset>
      <legend>{number === 0 ? 'Account' : `Account ${number + 1}`}</legend>
      <label>
        User
        <input name="user" autocomplete="off" spellcheck={false} />
      </label>
      <label>
        Domain
        <input name="domain" autocomplete="off" spellcheck={false} />
      </label>
      <label>
        Password
        <input name="password" type="password" autocomplete="off" />
      </label>
      <label>
        or NT hash
        <input
          name="ntHash"
          type="password"
          autocomplete="off"
          pattern="[0-9a-fA-F]{32}"
          title="32 hex digits"
          spellcheck={false}
        />
      </label>
    </fieldset>
  );
}

/** What was typed in; accounts that were left empty are none. */
function givenIn(form: HTMLFormElement): GivenSecrets {
  const data = new FormData(form);
  const all = (name: string): string[] => data.getAll(name).map(String);
  const [users, domains, passwords, hashes] = ['user', 'domain', 'password', 'ntHash'].map(all);
  const accounts = users.map((user, i) => ({ user, domain: domains[i], password: passwords[i], ntHash: hashes[i] }));
  return {
    accounts: accounts.filter((account) => Object.values(account).some((told) => told !== '')),
    files: data.getAll('files').filter((file): file is File => file instanceof File && file.size > 0),
  };
}
