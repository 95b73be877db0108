/** The page as a whole: served and from the disk, its head, its title, what it says before there is a capture. */
import { expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage, seriousFindings } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;

describePage('the page', () => {
  test('shows a capture that the program serves', async () => {
    const page = await openPage([MANAGED]);
    expect(await page.title()).toBe('capture.pcap · Packets · clrscope');
    const packets = page.getByRole('grid', { name: 'Packets' });
    expect(await packets.getAttribute('aria-rowcount')).toBe('46');
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('shows a capture that was chosen in it, without a server and without a network', async () => {
    const page = await openFromDisk(null, { offline: true });
    await page.close();
    const chosen = await openFromDisk(MANAGED, { offline: true, at: 'view=calls' });
    expect(await chosen.title()).toBe('capture.pcap · Packets · clrscope');
  });
});
