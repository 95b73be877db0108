/** What the machine's time zone is called, as far as JavaScript itself tells. */

/** English by country: each knows the short names of its own zones, and numbers for all others. */
const ENGLISH = ['en-US', 'en-GB', 'en-IN', 'en-AU', 'en-NZ'];

let formats: readonly Intl.DateTimeFormat[] | null = null;

/** `CET`; `GMT+9` where no kind of English has a short name. */
export function zoneName(ms: number): string {
  formats ??= ENGLISH.map((locale) => new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }));
  const names = formats.map((f) => f.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC');
  return names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0];
}
