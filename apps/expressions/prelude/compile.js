// Source to function. Wrapped text is only safe if the source closes nothing that it did not open:
// what parses inside two different brackets can have closed neither. `throw 0` keeps it from running.
(function (host) {
  "use strict";
  const run = eval; // called by another name, eval runs in the global scope
  const Syntax = SyntaxError;
  const test = RegExp.prototype.test;
  const word = /\bawait\b/;
  const throwing = /\b(?:throw|reject)[\s(]+null\b/;

  function faultOf(before, source, after) {
    try {
      run(`throw 0;${before}\n${source}\n${after}`);
    } catch (error) {
      if (error !== 0) return error;
    }
    return null;
  }

  const faultOfExpression = (source) =>
    faultOf("(", source, ")") ?? faultOf("`${", source, "}`");

  // Some builders end an expression with a semicolon.
  function withoutEnd(source) {
    let end = source.length;
    while (end > 0 && " \t\r\n;".includes(source[end - 1])) end--;
    return source.slice(0, end);
  }

  const faultOfBody = (source, prefix = "") =>
    faultOf(`${prefix}function body(){`, source, "}") ??
    faultOf(`({${prefix}body(){`, source, "}})");

  host.prefixOf = (source) => (host.apply(test, word, [source]) ? "async " : "");
  host.faultOfBody = (source) => faultOfBody(source, host.prefixOf(source));

  // A list of statements is no expression, but its last one may be a value: `const a = 1; a`.
  const faultOfStatements = (source) => faultOf("{", source, "}") ?? faultOfBody(source);
  const statement = /^\s*(?:const|let|var|if|for|while|switch|try)\b/;

  // What is wrong with what the source, by its first word, is meant to be.
  host.faultOf = faultOfSource;
  function faultOfSource(source) {
    const fault = faultOfExpression(withoutEnd(source));
    const other = fault && faultOfStatements(source);
    return other && (host.apply(test, statement, [source]) ? other : fault);
  }

  const note = (source) => {
    if (host.apply(test, throwing, [source])) host.state.throwsNull = true;
  };

  // Whether code may change what it reads: an assignment, or a method that works in place.
  const changing =
    /[^=!<>]=[^=>]|\+\+|--|\bdelete\b|\.\s*(?:assign|copyWithin|fill|pop|push|reverse|shift|sort|splice|unshift)\b/;
  host.mayChange = (source) => host.apply(test, changing, [source]);

  host.compileExpression = function (source) {
    note(source);
    const expression = withoutEnd(source);
    if (!faultOfExpression(expression))
      return run(`(function $expression(){return(\n${expression}\n)})`);
    const fault = faultOfSource(source);
    if (fault) throw fault;
    return () => run(`{\n${source}\n}`);
  };

  host.compileBody = function (source) {
    note(source);
    const fault = host.faultOfBody(source);
    if (fault) throw fault;
    return run(`(${host.prefixOf(source)}function(){\n${source}\n})`);
  };

  // Request: a list of [kind, source]; answer: for each null or what is wrong with it.
  host.check = function (text) {
    const faults = [];
    for (const [kind, source] of host.parse(text)) {
      const fault = kind === "code" ? host.faultOfBody(source) : host.faultOf(source);
      if (fault && !(fault instanceof Syntax)) throw fault;
      faults.push(fault && [fault.message, `${fault.stack}`]);
    }
    return host.stringify(faults);
  };
})
