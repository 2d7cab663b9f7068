// Offsets of time zones, looked up in tables that the parent made: see zones.py.
(function (host) {
  "use strict";
  const { state, need, create } = host;
  const END_MS = Date.UTC(2099, 0); // zones that still change their clocks then go on doing so
  const CYCLE_MS = 28 * 365.25 * 86_400_000; // after which weekdays and leap years are the same

  const tables = create(null);

  // The offset at first, then moments and offsets by turns, in seconds. Null: no such zone.
  function tableOf(name) {
    if (tables[name] === undefined) {
      if (state.zones[name] === undefined) need("zone", name);
      tables[name] = state.zones[name];
    }
    return tables[name];
  }

  host.isZone = (name) => tableOf(`${name}`) !== null;

  host.offsetSeconds = function (name, ms) {
    const table = tableOf(name);
    if (table.length < 3) return table[0];
    const last = table[table.length - 2] * 1000;
    if (ms > last && last > END_MS) ms -= Math.ceil((ms - last) / CYCLE_MS) * CYCLE_MS;
    let low = 0; // the offset from here on is known to hold
    let high = (table.length + 1) >> 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (table[2 * middle - 1] * 1000 <= ms) low = middle;
      else high = middle;
    }
    return table[2 * low];
  };
});
