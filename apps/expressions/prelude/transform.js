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
  let written = "";
  let missing = "";

  const failed = (told) => `{"error":${told},"logs":[${logs}]}`;

  function fail(error) {
    answer ??= state.isShort ? host.needs() : failed(describe(error, "js_error", index));
  }

  function take(value) {
    const json = write(value);
    if (json === undefined) missing += missing ? `,${index}` : `${index}`;
    written += index ? `,${json ?? "null"}` : (json ?? "null");
    if (written.length > limit) answer ??= failed('{"code":"js_output_too_large"}');
    index++;
  }

  function advance() {
    try {
      while (index < count && answer === undefined) {
        host.at(index);
        const value = code();
        if (isThenable(value)) {
          apply(then, apply(resolve, Resolver, [value]), [arrived, fail]);
          return;
        }
        take(value);
      }
      answer ??= state.isShort
        ? host.needs()
        : `{"values":[${written}],"undefined":[${missing}],"logs":[${logs}]}`;
    } catch (error) {
      fail(error);
    }
  }

  function arrived(value) {
    try {
      take(value);
    } catch (error) {
      fail(error);
      return;
    }
    advance();
  }

  host.transform = function (text) {
    const request = host.parse(text);
    try {
      host.load(request);
      host.expose("items", state.items);
      count = request.count;
      limit = request.limit;
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
