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

  const functions = {
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
