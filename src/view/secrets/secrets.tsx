/** Accounts, hashes and keytabs that open what is sealed. */
export function SecretsButton() {
  return <button type="button">Secrets…</button>;
}
