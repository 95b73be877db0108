/** Addresses as they are shown: nothing that signs or opens them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUrl, shownName } from '../../src/platform/url.js';

describe('what is shown of an address', () => {
  it.each([
    ['https://me:secret@host/a/b.pcap?X-Amz-Signature=secret#secret', 'https://host/a/b.pcap'],
    ['HTTP://secret@Host:80/a%2fb/my%20file%C3%A9.pcap?secret', 'http://host/a%2fb/my file\u00e9.pcap'],
    ['http://host/a/%2e%2e/%3fsecret%23.pcap', 'http://host/%3fsecret%23.pcap'],
    ['http://host/%0a%1b%5d.pcap', 'http://host/%0a%1b%5d.pcap'],
    ['http://host/%ff.pcap', 'http://host/%ff.pcap'],
    ['http://host/%e2%80%ae.pcap', 'http://host/%e2%80%ae.pcap'],
    ['http://me:secret@host:99999/secret', 'http://\u2026'],
    ['http://[::1]:8080/x', 'http://[::1]:8080/x'],
    ['captures/a?b#c@d.pcap', 'captures/a?b#c@d.pcap'],
    ['-', '-'],
  ])('%s: %s', (name, shown) => {
    expect(shownName(name)).toBe(shown);
    expect(shownName(shown)).toBe(shown);
    expect(isUrl(name)).toBe(/^http/i.test(name));
  });

  it('is never what must stay secret', () => {
    const part = fc.stringMatching(/^[a-z0-9.%/?#@:[\]\\ -]{0,12}$/);
    fc.assert(
      fc.property(part, part, part, (user, path, query) => {
        const shown = shownName(`https://${user}SECRET:SECRET@host/${path}?${query}SECRET#SECRET`);
        const url = `https://${user}SECRET:SECRET@host/`;
        // what is taken for host or path by everybody is shown
        if (URL.canParse(url) && new URL(url).host === 'host') expect(shown).not.toContain('SECRET');
      }),
    );
  });
});
