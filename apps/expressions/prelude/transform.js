// A Transform node's code: a function body, called once or once for each item. It may return
// promises; the host drains them and asks `answer` for the end.
(function (host) {
  "use strict";
  const { state, write, describe, stringify, apply } = host;
  const { resolve } = Promise;
  const { then } = Promise.prototype;
  const Resolver = Promise;
  const MAX_LINES = 200;
  const MAX_CHARACTERS = 2000;

  let lines = 0;
  let logs = "";

  function shown(value) {
    if (typeof value === "string") return value;
    try {
      if (value instanceof Error) return `${value.name}: ${value.message}`;
      return stringify(value) ?? String(value);
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

  host.expose("console", {
    log: logger("info"),
    info: logger("info"),
    debug: logger("debug"),
    trace: logger("debug"),
    table: logger("info"),
    warn: logger("warn"),
    error: logger("error"),
  });

  const isThenable = (value) =>
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof value.then === "function";

  let answer;
  let index = 0;
  let count = 1;
  let limit = 0;
  let code;
  let goesOn = false; // behind an item that failed
  let written = "";
  let missing = "";
  let failures = "";

  const failed = (told) => `{"error":${told},"logs":[${logs}]}`;

  function add(json) {
    written += index ? `,${json}` : json;
    if (written.length + failures.length > limit)
      answer ??= failed('{"code":"js_output_too_large"}');
    index++;
  }

  function take(value) {
    const json = write(value);
    if (json === undefined) missing += missing ? `,${index}` : `${index}`;
    add(json ?? "null");
  }

  // An error is of its item alone, but not where data are missing or a limit of all was reached.
  function fail(error) {
    if (answer !== undefined) return;
    if (state.isShort) answer = host.needs();
    else if (!goesOn || host.isLimit(error)) answer = failed(describe(error, "js_error", index));
    else {
      failures += `${failures && ","}${describe(error, "js_error", index)}`;
      add("null");
    }
  }

  function advance() {
    while (index < count && answer === undefined) {
      try {
        host.at(index);
        const value = code();
        if (isThenable(value)) {
          apply(then, apply(resolve, Resolver, [value]), [arrived, refused]);
          return;
        }
        take(value);
      } catch (error) {
        fail(error);
      }
    }
    answer ??= state.isShort
      ? host.needs()
      : `{"values":[${written}],"undefined":[${missing}],"failed":[${failures}],"logs":[${logs}]}`;
  }

  function arrived(value) {
    try {
      take(value);
    } catch (error) {
      fail(error);
    }
    advance();
  }

  function refused(error) {
    fail(error);
    advance();
  }

  host.transform = function (text) {
    const request = host.parse(text);
    try {
      host.load(request);
      host.expose("items", state.items);
      count = request.count;
      limit = request.limit;
      goesOn = request.goesOn;
      code = host.compileBody(request.code);
    } catch (error) {
      answer = failed(describe(error, "js_syntax", 0));
      return answer;
    }
    advance();
    return answer;
  };

  // Undefined as long as a promise is pending.
  host.answer = () => answer;

  // For when the host ends the code: what it said until then.
  host.logs = () => logs;
})
