// All templates of a step for all its items, in one call.
(function (host) {
  "use strict";
  const { state, write, describe, stringify } = host;
  const Dates = Date;

  let at = 0; // which of the values is at work
  let part = 0; // of a template that makes text: the piece at work
  let swallowed = "null"; // the first error that gave undefined

  const failure = (error, code, at) => `{"error":${describe(error, code, at)},"part":${part}}`;

  function valueOf(code) {
    try {
      return code();
    } catch (error) {
      if (host.isFatal(error) || host.isOutOfMemory(error)) throw error;
      if (swallowed === "null") swallowed = failure(error, "js_error", at);
      return undefined;
    }
  }

  // A function is no value: its author forgot to call it.
  function called(value) {
    if (typeof value === "function")
      host.fail("expression_failed", "This is a function: write () behind it to call it.");
    return value;
  }

  const isDate = (value) => value instanceof Dates || value?.isLuxonDateTime === true;

  const isNothing = (value) => value === undefined || value === null || value !== value; // NaN
  const textOf = (code) => {
    const value = valueOf(code);
    return isNothing(value) ? "" : (valueOf(() => String(value)) ?? "");
  };

  // Parts alternate: text, code, text, code, ..., text.
  const compileText = (parts) => {
    const codes = parts.map((part, i) => (i % 2 ? host.compileExpression(part) : part));
    return () => {
      let text = "";
      for (let i = 0; i < codes.length; i++) {
        part = i;
        text += i % 2 ? textOf(codes[i]) : codes[i];
      }
      return text;
    };
  };

  function compile(template) {
    if (typeof template === "string") {
      const code = host.compileExpression(template);
      return () => called(valueOf(code));
    }
    return compileText(template);
  }

  function compileGiven(given) {
    const text = `${given}`.replace(/^=/, "");
    const pieces = text.split(/\{\{([^]*?)\}\}/);
    return pieces.length === 3 && !pieces[0] && !pieces[2]
      ? compile(pieces[1])
      : compileText(pieces);
  }

  // A parameter's text that comes from data, evaluated because the author asks for it.
  host.expose("$evaluateExpression", (given, index = state.index) => {
    const code = compileGiven(given);
    const own = state.index;
    try {
      host.at(index);
      return code();
    } finally {
      host.at(own);
    }
  });

  // `first`: the item to begin with. `isPreview`: one value, of which more is told.
  host.evaluate = function (text) {
    const request = host.parse(text);
    // Read before code can change what is inherited.
    const { first = 0, isPreview, goesOn } = request;
    let last;
    let stage = "js_syntax";
    let written = "";
    let missing = "";
    let failures = "";
    try {
      host.load(request);
      const templates = request.templates.map((template, t) => {
        at = t;
        return compile(template);
      });
      stage = "js_error";
      const width = templates.length;
      const changing = request.templates.map((template) => host.mayChange(`${template}`));
      const isChanged = changing.includes(true);
      for (let i = 0; i < request.count; i++) {
        host.at(first + i);
        let hasFailed = false;
        const kept = isChanged ? stringify(state.items[first + i]) : undefined;
        for (let t = 0; t < width; t++) {
          at = i * width + t;
          let json;
          try {
            json = hasFailed ? "null" : write((last = templates[t]()));
          } catch (error) {
            if (state.isShort || host.isLimit(error)) throw error;
            if (host.isFatal(error)) {
              if (!goesOn) throw error;
              // It is of its item alone, of which no other value is wanted any more.
              hasFailed = true;
              failures += `${failures && ","}${describe(error, stage, at)}`;
              json = "null";
            }
          }
          if (json === undefined) missing += missing ? `,${at}` : `${at}`;
          written += at ? `,${json ?? "null"}` : (json ?? "null");
          if (changing[t] && kept !== undefined) {
            state.items[first + i] = host.parse(kept); // the next parameter sees it as it came
            host.at(first + i);
          }
        }
        if (written.length + failures.length > request.limit)
          return '{"error":{"code":"js_output_too_large"}}';
      }
    } catch (error) {
      if (!state.isShort) return failure(error, stage, at);
    }
    if (state.isShort) return host.needs();
    const ends = `"failed":[${failures}],"swallowed":${swallowed}`;
    const told = `"values":[${written}],"undefined":[${missing}],${ends}`;
    if (!isPreview) return `{${told}}`;
    return `{${told},"isDate":${valueOf(() => isDate(last)) ?? false}}`;
  };
})
