// The methods that expressions have beside JavaScript's own: `$json.name.toTitleCase()`. The parent
// writes such a call with a wide first letter (extensions.py), and all objects answer to that name.
// So data may have fields of the same name, and nothing of JavaScript's is overwritten.
(function (host) {
  "use strict";
  const { defineProperty, getPrototypeOf, apply } = Reflect;
  const { create, prototype: root } = Object;
  const { isArray } = Array;
  const Internal = InternalError;
  const WIDE = 0xff41 - 0x61; // from a to ａ

  const kinds = ["texts", "numbers", "booleans", "arrays", "objects", "dates"];
  const methods = create(null);
  for (const kind of kinds) methods[kind] = create(null);

  const isDateTime = (value) => value instanceof Date || value.isLuxonDateTime === true;

  function kindOf(value) {
    switch (typeof value) {
      case "string":
        return "texts";
      case "number":
      case "bigint":
        return "numbers";
      case "boolean":
        return "booleans";
      case "object":
        return isArray(value) ? "arrays" : isDateTime(value) ? "dates" : "objects";
    }
    return "functions";
  }

  const isPlain = (value) => {
    const prototype = getPrototypeOf(value);
    return prototype === root || prototype === null;
  };

  // A moment written in full, as JSON has dates, answers to what dates can do.
  const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

  function call(value, name, values) {
    const kind = kindOf(value);
    const own = methods[kind]?.[name];
    const native = value[name];
    if (own && (kind !== "objects" || isPlain(value) || typeof native !== "function"))
      return answered(own, name, value, values);
    if (typeof native === "function") return apply(native, value, values);
    if (kind === "texts" && methods.dates[name] && moment.test(value))
      return answered(methods.dates[name], name, new Date(value), values);
    const able = kinds.filter((each) => methods[each][name]);
    return host.refuse(`${name}() is for ${able.join(" and ")}, not for ${kind}.`);
  }

  // What a method raises says that it was called wrongly, where it is not the host that asks for
  // more or the engine that gives up.
  function answered(method, name, value, values) {
    try {
      return method(value, ...values);
    } catch (error) {
      if (host.state.isShort || host.isFatal(error) || error instanceof Internal) throw error;
      if (host.isOutOfMemory(error)) throw error;
      return host.refuse(`${name}(): ${error?.message}`);
    }
  }

  // Nothing answers to a few of these names: `given(x).isEmpty()` is true where x is not there.
  const nothing = create(null);
  for (const [name, answer] of [
    ["isEmpty", true],
    ["isNotEmpty", false],
  ])
    nothing[String.fromCharCode(name.charCodeAt(0) + WIDE) + name.slice(1)] = () => answer;
  host.expose(`${String.fromCharCode("g".charCodeAt(0) + WIDE)}iven`, (value) => value ?? nothing);

  // Adds methods for one kind of values; each is given the value and the arguments.
  host.extend = function (kind, functions) {
    for (const name of Object.keys(functions)) {
      methods[kind][name] = functions[name];
      const wide = String.fromCharCode(name.charCodeAt(0) + WIDE) + name.slice(1);
      defineProperty(root, wide, {
        value(...values) {
          return call(this, name, values);
        },
        configurable: true,
        writable: true,
        enumerable: false,
      });
    }
  };

  // For what is wrong with a call, and is to fail the step.
  host.refuse = (message) => host.fail("expression_failed", message);
});
