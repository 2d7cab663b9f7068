// Primordials and what every part of the prelude shares. Code that is run later may bend any
// prototype, so the prelude keeps what it needs and writes its answers as text, piece by piece.
(function (host) {
  "use strict";
  const { parse, stringify } = JSON;
  const { apply, defineProperty } = Reflect;
  const { create } = Object;
  const Internal = InternalError;
  const fatal = new WeakSet();
  const has = WeakSet.prototype.has;
  const add = WeakSet.prototype.add;
  const slice = String.prototype.slice;

  host.parse = parse;
  host.stringify = stringify;
  host.create = create;
  host.apply = apply;
  host.state = { __proto__: null, items: [], index: 0, nodes: null, needs: "", answered: false, throwsNull: false };

  // It would be handed the functions that are running, these here among them.
  defineProperty(Error, "prepareStackTrace", {
    value: undefined,
    writable: false,
    configurable: false,
  });
  delete globalThis.performance; // it tells since when the machine is up

  // JSON has no BigInt: it leaves as text, with all its digits.
  defineProperty(BigInt.prototype, "toJSON", {
    value: function toJSON() {
      return `${this}`;
    },
    writable: true,
    configurable: true,
  });

  // Names that code sees, as properties of the global object: it may shadow and replace them.
  host.expose = function (name, value) {
    defineProperty(globalThis, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  };

  // Errors of the language of data, which fail the step; JavaScript's own give undefined.
  host.fail = function (code, message) {
    const error = new Error(message);
    error.code = code;
    apply(add, fatal, [error]);
    throw error;
  };

  host.isFatal = (error) =>
    typeof error === "object" && error !== null && apply(has, fatal, [error]);

  // Where not even an error fits into memory any more, the engine throws null, or something of no
  // type. Null may be thrown by the code, too, if it says so (`state.throwsNull`: compile.js).
  const tellsOfMemory = (message) =>
    message === "out of memory" || message === "out of memory in regexp execution";
  host.isOutOfMemory = (error) =>
    (error === null && !host.state.throwsNull) ||
    typeof error === "unknown" ||
    (error instanceof Internal && tellsOfMemory(error.message));

  // What ends the whole call: an engine that was interrupted is so again, whatever runs then.
  host.isLimit = (error) =>
    host.isOutOfMemory(error) || (error instanceof Internal && error.message === "interrupted");

  const limited = (value, length) => apply(slice, `${value}`, [0, length]);

  // The code may throw anything, with getters that throw again. Gives JSON.
  host.describe = function (error, code, item) {
    const told = { __proto__: null, code, item, name: "Error", message: "", stack: "" };
    try {
      if (host.isFatal(error)) told.code = error.code;
      else if (host.isOutOfMemory(error)) told.code = "js_memory";
      else if (error instanceof Internal) told.internal = true;
      if (typeof error === "object" && error !== null && "message" in error) {
        told.name = limited(error.name, 100);
        told.message = limited(error.message, 2000);
        told.stack = limited(error.stack, 2000);
      } else {
        told.name = "Thrown";
        told.message = limited(typeof error === "object" ? stringify(error) : error, 2000);
      }
    } catch {
      told.message = told.message || "The error cannot be read";
    }
    return stringify(told);
  };

  // The way in from the host. Ropes are made flat: the engine's binding cannot hand them over.
  host.call = function (name, text) {
    const answer = host[name](text);
    return typeof answer === "string" ? apply(slice, answer, [0]) : answer;
  };

  // JSON text of a value, or undefined where JSON has none (undefined, functions, symbols).
  host.write = function (value) {
    if (typeof value === "string" || (typeof value === "object" && value !== null))
      return stringify(value);
    if (typeof value === "number") return value - value === 0 ? `${value}` : "null";
    if (value === null || value === true || value === false) return `${value}`;
    return typeof value === "bigint" ? `"${value}"` : undefined;
  };
})
