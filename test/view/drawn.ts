/** Reads what the page draws of PDUs, all of it, by roles and names. What is written here runs in the page. */
import type { Page } from 'playwright-core';

/** A node as it is drawn. */
export interface DrawnNode {
  readonly level: number;
  readonly field: string | null;
  readonly source: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly text: string;
  readonly isLearnt: boolean;
}

/** A PDU as it is drawn. */
export interface Drawn {
  /** All that the tree has, opened. */
  readonly tree: readonly DrawnNode[];
  /** Text of each tab over the bytes, and the bytes below it. */
  readonly bytes: readonly { readonly name: string; readonly hex: string }[];
  /** Text of the tab "JSON". */
  readonly json: string;
}

/** What the page draws of PDUs `from` to `to` (inclusive). */
export function drawnPdus(page: Page, from: number, to: number): Promise<Drawn[]> {
  return page.evaluate(
    async ([from, to]) => {
      const find = (selector: string): HTMLElement => {
        const found = document.querySelector<HTMLElement>(selector);
        if (found === null) throw new Error(`there is no ${selector}`);
        return found;
      };
      const until = async (isSo: () => boolean): Promise<void> => {
        for (let i = 0; !isSo(); i++) {
          if (i > 5000) throw new Error(`waited for ${isSo}`);
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      };
      /** Has the page draw what changed, without painting it. */
      const drawn = (): Promise<void> =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve();
          port2.postMessage(null);
        });
      /** Scrolls through a box from its top to its end. */
      const through = async (box: HTMLElement, look: () => void): Promise<void> => {
        for (let top = 0; ; top += box.clientHeight - 40) {
          if (box.scrollTop !== top) {
            box.scrollTop = top;
            box.dispatchEvent(new Event('scroll'));
            await drawn();
          }
          look();
          if (top + box.clientHeight >= box.scrollHeight) return;
        }
      };
      const tab = async (name: string): Promise<void> => {
        find(`[role="tablist"][aria-label="PDU as"] [aria-label="${name}"]`).click();
        await drawn();
      };
      const pdus: Drawn[] = [];
      for (let pdu = from; pdu <= to; pdu++) {
        const place = new URLSearchParams(location.hash.slice(1));
        place.set('pdu', String(pdu));
        place.delete('node');
        location.hash = `#${place}`;
        await until(() => document.querySelector<HTMLElement>('[data-pdu]')?.dataset.pdu === String(pdu));
        await tab('Tree');
        const tree = find('[role="tree"][aria-label="Details"]');
        const press = async (key: string): Promise<Element | null> => {
          tree.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
          await drawn();
          return document.getElementById(tree.getAttribute('aria-activedescendant') ?? '');
        };
        // all are closed from the first on, then opened from the last on: so the next one is beside
        let root = await press('Home');
        const roots = Number(root?.ariaSetSize);
        for (let i = 0; i < roots; i++) {
          if (root?.ariaExpanded === 'true') await press('ArrowLeft');
          root = await press('ArrowDown');
        }
        for (let i = 0; i < roots; i++) {
          await press('*');
          await press('ArrowUp');
        }
        const nodes = new Map<string, DrawnNode>();
        await through(tree, () => {
          for (const item of tree.querySelectorAll<HTMLElement>('[role="treeitem"]')) {
            const { field = null, source = null, start = null, end = null } = item.dataset;
            nodes.set(item.id, {
              ...{ level: Number(item.ariaLevel), field, source, start, end },
              text: item.querySelector('.said')?.textContent ?? '',
              isLearnt: item.textContent?.endsWith('learnt') ?? false,
            });
          }
        });
        const bytes: { name: string; hex: string }[] = [];
        for (const source of document.querySelectorAll<HTMLElement>('[aria-label="Sources"] [role="tab"]')) {
          const name = source.ariaLabel ?? '';
          if (name === 'File') continue;
          source.click();
          // it shows what is marked, then stays
          await new Promise(requestAnimationFrame);
          await drawn();
          const cells = new Map<number, string>();
          await through(find('[role="grid"][aria-label="Bytes"]'), () => {
            for (const cell of document.querySelectorAll<HTMLElement>('[data-offset]'))
              cells.set(Number(cell.dataset.offset), cell.textContent ?? '');
          });
          bytes.push({ name, hex: Array.from({ length: cells.size }, (_, i) => cells.get(i)).join('') });
        }
        await tab('JSON');
        const lines = new Map<number, string>();
        const json = find('[role="region"][aria-label="JSON"]');
        await through(json, () => {
          for (const line of json.querySelectorAll<HTMLElement>('[data-line]'))
            lines.set(Number(line.dataset.line), line.textContent ?? '');
        });
        const text = Array.from({ length: lines.size }, (_, i) => lines.get(i)).join('');
        pdus.push({ tree: [...nodes.values()], bytes, json: text });
      }
      return pdus;
    },
    [from, to] as const,
  );
}
