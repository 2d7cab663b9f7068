// All templates of a step for all its items, in one call.
(function (host) {
  "use strict";
  const { state, write, describe } = host;

  function valueOf(code) {
    try {
      return code();
    } catch (error) {
      if (host.isFatal(error) || host.isOutOfMemory(error)) throw error;
      return undefined;
    }
  }

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
      for (let i = 0; i < codes.length; i++) text += i % 2 ? textOf(codes[i]) : codes[i];
      return text;
    };
  };

  function compile(template) {
    if (typeof template === "string") {
      const code = host.compileExpression(template);
      return () => valueOf(code);
    }
    return compileText(template);
  }

  host.evaluate = function (text) {
    const request = host.parse(text);
    let at = 0;
    let stage = "js_syntax";
    let written = "";
    let missing = "";
    try {
      host.load(request);
      const templates = request.templates.map((template, t) => {
        at = t;
        return compile(template);
      });
      stage = "js_error";
      const width = templates.length;
      for (let i = 0; i < request.count; i++) {
        host.at(i);
        for (let t = 0; t < width; t++) {
          at = i * width + t;
          const value = templates[t]();
          let json;
          try {
            json = write(value);
          } catch (error) {
            if (host.isOutOfMemory(error)) throw error;
          }
          if (json === undefined) missing += missing ? `,${at}` : `${at}`;
          written += at ? `,${json ?? "null"}` : (json ?? "null");
        }
        if (written.length > request.limit) return '{"error":{"code":"js_output_too_large"}}';
      }
    } catch (error) {
      if (!state.isShort) return `{"error":${describe(error, stage, at)}}`;
    }
    return state.isShort ? host.needs() : `{"values":[${written}],"undefined":[${missing}]}`;
  };
})
