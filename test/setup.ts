/** The same properties in every run, so that a failing run fails again; `SEED=random` looks elsewhere, as fuzzing does. */
import fc from 'fast-check';

// what tests and samples say of times is said in UTC
process.env.TZ = 'UTC';

const wanted = process.env.SEED;
if (wanted !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(wanted ?? 20261121) });
