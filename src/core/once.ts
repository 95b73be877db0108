/** What `make` makes of an object, made once: it is forgotten with the object. */
export function once<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

/** What was made of something, at a place for each of those who make it once. */
export interface Made {
  readonly made: unknown[];
}

let makers = 0;

/**
 * The same for what has room for it. Of what comes and goes in great numbers a WeakMap would keep alive what was made, and
 * by it what it was made of, beyond the collections of what is young.
 */
export function onceIn<K extends Made, V>(make: (key: K) => V): (key: K) => V {
  const place = makers++;
  return (key) => {
    let value = key.made[place] as V | undefined;
    if (value === undefined) {
      value = make(key);
      key.made[place] = value;
    }
    return value;
  };
}
