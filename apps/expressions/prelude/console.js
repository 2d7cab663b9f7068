// The console of a Transform's code: its lines go to the step's log, so many of such a length.
(function (host) {
  "use strict";
  const { stringify, create } = host;
  const MAX_LINES = 200;
  const MAX_CHARACTERS = 2000;

  let lines = 0;
  let logs = "";

  // Writes as JSON also what JSON cannot hold: what refers to itself, maps, sets, errors, 10n.
  function readably() {
    const open = []; // the objects around what is at work, each with what is written for it
    return function (key, value) {
      while (open.length && open[open.length - 1].written !== this) open.pop();
      const given = this[key];
      if (typeof given === "bigint") return `${given}n`;
      if (typeof value !== "object" || value === null) return value;
      if (open.some(({ source }) => source === value)) return "[circular]";
      if (value instanceof Error) return `${value}`;
      const written = value instanceof Map || value instanceof Set ? [...value] : value;
      open.push({ written, source: value });
      return written;
    };
  }

  function shown(value) {
    if (typeof value === "string") return value;
    try {
      if (typeof value === "bigint") return `${value}n`;
      if (value instanceof Error) return `${value}`;
      return stringify(value, readably()) ?? String(value);
    } catch {
      return "[unreadable]";
    }
  }

  function logger(level) {
    return (...values) => {
      if (++lines > MAX_LINES) return;
      let text = values.map(shown).join(" ").slice(0, MAX_CHARACTERS);
      if (lines === MAX_LINES) text = "More output was left out.";
      logs += `${logs && ","}${stringify({ __proto__: null, level, text })}`;
    };
  }

  const log = logger("info");
  const debug = logger("debug");
  const error = logger("error");
  const counts = create(null);
  const begun = create(null);
  const { now } = Date;
  const tellTime = (label = "default", ...values) =>
    log(`${label}: ${now() - (begun[label] ?? now())} ms`, ...values);

  host.expose("console", {
    log,
    info: log,
    dir: (value) => log(value),
    dirxml: log,
    table: (rows) => log(rows),
    group: log,
    groupCollapsed: log,
    groupEnd() {},
    debug,
    trace: debug,
    warn: logger("warn"),
    error,
    assert(holds, ...values) {
      if (!holds) error("Assertion failed", ...values);
    },
    count(label = "default") {
      counts[label] = (counts[label] ?? 0) + 1;
      log(`${label}: ${counts[label]}`);
    },
    countReset(label = "default") {
      delete counts[label];
    },
    time(label = "default") {
      begun[label] = now();
    },
    timeLog: tellTime,
    timeEnd: (label) => tellTime(label),
    clear() {},
  });

  // Also for when the host ends the code: what it said until then.
  host.logs = () => logs;
})
