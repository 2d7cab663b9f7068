// The functions of the language: $if, $ifEmpty, $min, $max, $not and their kin.
(function (host) {
  "use strict";
  const { keys } = Object;
  const { isArray } = Array;
  const { min, max } = Math;

  const isEmpty = (value) =>
    value === undefined ||
    value === null ||
    value === "" ||
    (typeof value === "object" &&
      (isArray(value)
        ? value.length === 0
        : Object.getPrototypeOf(value) === Object.prototype && keys(value).length === 0));

  const average = (...numbers) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

  function numberList(start, end) {
    const step = start <= end ? 1 : -1;
    return Array.from({ length: Math.abs(end - start) + 1 }, (_, i) => start + i * step);
  }

  function zip(names, values) {
    if (names.length !== values.length) throw new Error("zip: both lists must be equally long");
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  }

  // As the web has it: what refers to itself does so in the copy; only data are copied.
  function structuredClone(value) {
    const copies = new Map();
    function copy(from) {
      if (typeof from === "function" || typeof from === "symbol")
        throw new TypeError(`A ${typeof from} cannot be cloned`);
      if (typeof from !== "object" || from === null) return from;
      if (copies.has(from)) return copies.get(from);
      if (from instanceof Date) return new Date(from.getTime());
      if (from instanceof RegExp) return new RegExp(from);
      const to =
        from instanceof Map ? new Map() : from instanceof Set ? new Set() : isArray(from) ? [] : {};
      copies.set(from, to);
      if (from instanceof Map) for (const [key, each] of from) to.set(copy(key), copy(each));
      else if (from instanceof Set) for (const each of from) to.add(copy(each));
      else for (const key of keys(from)) to[key] = copy(from[key]);
      if (isArray(from)) to.length = from.length;
      return to;
    }
    return copy(value);
  }

  const functions = {
    structuredClone,
    min,
    max,
    average,
    not: (value) => !value,
    $if: (condition, yes, no = false) => (condition ? yes : no),
    $ifEmpty: (value, otherwise) => (isEmpty(value) ? otherwise : value),
    $min: min,
    $max: max,
    $average: average,
    $not: (value) => !value,
    numberList,
    zip,
  };
  for (const name of keys(functions)) host.expose(name, functions[name]);
})
