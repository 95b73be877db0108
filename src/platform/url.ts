/** Names that are addresses of the web, and what may be shown of them. */

/** Whether a name is an address, and no path. */
export function isUrl(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/**
 * What is shown of a name, wherever it is shown. Of an address neither user and password, nor query and fragment, where
 * signed links have their signature; the last part of its path stands there as people write it. Paths stay as they are.
 */
export function shownName(name: string): string {
  if (!isUrl(name)) return name;
  let url: URL;
  try {
    url = new URL(name);
  } catch {
    // what is secret in it nobody can tell
    return `${name.slice(0, name.indexOf('/'))}//…`;
  }
  const at = url.pathname.lastIndexOf('/') + 1;
  return url.origin + url.pathname.slice(0, at) + decoded(url.pathname.slice(at));
}

/** What would be taken for another part of an address, and what is not seen. */
const MISLEADING = /[\p{C}\p{Zl}\p{Zp}/\\?#%]/u;

function decoded(part: string): string {
  try {
    const text = decodeURIComponent(part);
    return MISLEADING.test(text) ? part : text;
  } catch {
    return part;
  }
}
