// A Transform node's code: a function body, called once or once for each item. It may return
// promises; the host drains them and asks `answer` for the end.
(function (host) {
  "use strict";
  const { state, write, describe, apply, logs } = host;
  const { resolve } = Promise;
  const { then } = Promise.prototype;
  const Resolver = Promise;

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

  const failed = (told) => `{"error":${told},"logs":[${logs()}]}`;

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
      : `{"values":[${written}],"undefined":[${missing}],"failed":[${failures}],"logs":[${logs()}]}`;
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
})
