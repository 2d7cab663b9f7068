// What expressions can do with numbers and booleans.
(function (host) {
  "use strict";

  // What JavaScript writes with an exponent itself has either no places at all or only far ones.
  const tiny = (number, places) => Number(number.toFixed(Math.min(Math.max(places, 0), 100)));

  // Half away from zero, as people round, and as if the number were decimal: 1.005 is 1.01.
  function round(number, places = 0) {
    if (number - number !== 0) return number;
    const shifted = Number(`${Math.abs(number)}e${places}`);
    if (shifted !== shifted) return Math.abs(number) < 1 ? tiny(number, places) : number;
    return Math.sign(number) * Number(`${Math.round(shifted)}e${-places}`);
  }

  const isInteger = (number) => Number.isInteger(number);

  function parity(number, name) {
    if (!isInteger(number)) host.refuse(`${name}() is for whole numbers, not for ${number}.`);
    return Math.abs(number % 2);
  }

  host.extend("numbers", {
    abs: (number) => Math.abs(number),
    ceil: (number) => Math.ceil(number),
    floor: (number) => Math.floor(number),
    format: (number, locales = "en-US", options = {}) => number.toLocaleString(locales, options),
    isEmpty: () => false,
    isNotEmpty: () => true,
    isEven: (number) => parity(number, "isEven") === 0,
    isInteger,
    isOdd: (number) => parity(number, "isOdd") === 1,
    round,
    toBoolean: (number) => number !== 0,
    toDateTime(number, format = "ms") {
      if (!host.MOMENTS[format])
        host.refuse(`toDateTime() knows ${Object.keys(host.MOMENTS).join(", ")} of a number.`);
      return host.dateTimeOf(number, format);
    },
    toFloat: (number) => number,
    toInt: (number) => round(number),
    toJsonString: (number) => JSON.stringify(number),
    toNumber: (number) => number,
  });

  host.extend("booleans", {
    isEmpty: () => false,
    isNotEmpty: () => true,
    toBoolean: (flag) => flag,
    toDateTime: () => undefined,
    toFloat: Number,
    toInt: Number,
    toJsonString: (flag) => JSON.stringify(flag),
    toNumber: Number,
  });
});
