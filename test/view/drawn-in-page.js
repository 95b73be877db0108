/**
 * Runs in the page: reads what it draws of PDUs, all of it, by roles and names.
 * @param {number} from number of the first one
 * @param {number} to number of the last one
 */
async function drawnPdus(from, to) {
  const find = (selector) => {
    const found = document.querySelector(selector);
    if (found === null) throw new Error(`there is no ${selector}`);
    return found;
  };
  const until = async (isSo) => {
    for (const end = performance.now() + 60_000; !isSo(); ) {
      if (performance.now() > end) throw new Error(`waited for ${isSo}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  /** Has the page draw what changed, without painting it. */
  const drawn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  /** Scrolls through a box from its top to its end. */
  const through = async (box, look) => {
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
  const tab = async (name) => {
    find(`[role="tablist"][aria-label="PDU as"] [aria-label="${name}"]`).click();
    await drawn();
  };

  const treeOf = async () => {
    const tree = find('[role="tree"][aria-label="Details"]');
    const press = async (key) => {
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
    const nodes = new Map();
    await through(tree, () => {
      for (const item of tree.querySelectorAll('[role="treeitem"]')) {
        const { field = null, source = null, start = null, end = null } = item.dataset;
        nodes.set(item.id, {
          ...{ level: Number(item.ariaLevel), field, source, start, end },
          text: item.querySelector('.said').textContent,
          isLearnt: item.querySelector('.range').textContent === 'learnt',
        });
      }
    });
    return [...nodes.values()];
  };

  const bytesOf = async () => {
    const bytes = [];
    for (const source of document.querySelectorAll('[aria-label="Sources"] [role="tab"]')) {
      const name = source.ariaLabel;
      if (name === 'File') continue;
      source.click();
      // it shows what is marked, then stays
      await new Promise(requestAnimationFrame);
      await drawn();
      const cells = new Map();
      await through(find('[role="grid"][aria-label="Bytes"]'), () => {
        for (const cell of document.querySelectorAll('[data-offset]'))
          cells.set(Number(cell.dataset.offset), cell.textContent);
      });
      bytes.push({ name, hex: Array.from({ length: cells.size }, (_, i) => cells.get(i)).join('') });
    }
    return bytes;
  };

  const jsonOf = async () => {
    const lines = new Map();
    const json = find('[role="region"][aria-label="JSON"]');
    await through(json, () => {
      for (const line of json.querySelectorAll('[data-line]')) lines.set(Number(line.dataset.line), line.textContent);
    });
    return Array.from({ length: lines.size }, (_, i) => lines.get(i)).join('');
  };

  const pdus = [];
  for (let pdu = from; pdu <= to; pdu++) {
    const place = new URLSearchParams(location.hash.slice(1));
    place.set('pdu', String(pdu));
    place.delete('node');
    location.hash = `#${place}`;
    await until(() => document.querySelector('[data-pdu]')?.dataset.pdu === String(pdu));
    await tab('Tree');
    const tree = await treeOf();
    const bytes = await bytesOf();
    await tab('JSON');
    pdus.push({ tree, bytes, json: await jsonOf() });
  }
  return pdus;
}

// what is laid out and not painted takes half the time, and nobody looks at it
document.documentElement.style.visibility = 'hidden';
globalThis.requestAnimationFrame = (run) => setTimeout(run, 0);
globalThis.drawnPdus = drawnPdus;
