// Names that need a library, and methods that need the data of locales. They are loaded where the
// source is seen to use them (reference.py); if they are reached in another way, the whole request is
// repeated with them.
(function (host) {
  "use strict";
  const { defineProperty, apply } = Reflect;
  const { toString, toTimeString, getTime } = Date.prototype;
  const run = eval;

  host.part = function (name, member) {
    if (host[member] === undefined) host.need("part", name);
    return host[member];
  };

  // Makes a function of a text that comes from the parent.
  host.evaluateOwn = (source) => run(source);

  function lazily(name, value) {
    defineProperty(globalThis, name, {
      get: value,
      set: (other) => host.expose(name, other),
      configurable: true,
      enumerable: false,
    });
  }

  const luxon = () => host.part("DATES", "luxon");
  for (const name of ["DateTime", "Duration", "Interval"]) lazily(name, () => luxon()[name]);
  lazily("$now", () => (luxon(), host.$now));
  lazily("$today", () => (luxon(), host.$today));
  lazily("Intl", () => host.part("INTL", "Intl"));

  const search = (data, query) => host.part("JMESPATH", "jmespath").search(data, query);
  host.expose("$jmespath", search);
  host.expose("$jmesPath", search);

  function method(prototype, name, value) {
    defineProperty(prototype, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }

  const ofDate = (needs, defaults) =>
    function (locales, options) {
      apply(getTime, this, []); // a TypeError where it is no Date
      return host.part("INTL", "dateText")(this, locales, options, needs, defaults);
    };
  method(Date.prototype, "toLocaleString", ofDate("any", "all"));
  method(Date.prototype, "toLocaleDateString", ofDate("date", "date"));
  method(Date.prototype, "toLocaleTimeString", ofDate("time", "time"));

  // As other engines write it; the process's zone is UTC.
  const named = (original) =>
    function () {
      const text = apply(original, this, []);
      return text === "Invalid Date" ? text : `${text} (Coordinated Universal Time)`;
    };
  method(Date.prototype, "toString", named(toString));
  method(Date.prototype, "toTimeString", named(toTimeString));

  // Other engines pass over signs before the first number of a date that they do not know.
  const BEFORE = /^[^0-9]*/;
  const UNKNOWN = /[^A-Za-z0-9+\-(): ]/g;
  const { construct } = Reflect;
  const { replace } = String.prototype;
  const known = (text) =>
    apply(replace, text, [BEFORE, (before) => apply(replace, before, [UNKNOWN, " "])]);
  const Native = Date;
  const Lenient = new Proxy(Native, {
    construct(_, values, made) {
      const target = made === Lenient ? Native : made;
      if (values.length !== 1 || typeof values[0] !== "string")
        return construct(Native, values, target);
      const date = construct(Native, values, target);
      const ms = apply(getTime, date, []);
      return ms === ms ? date : construct(Native, [known(values[0])], target);
    },
  });
  method(Native.prototype, "constructor", Lenient);
  host.expose("Date", Lenient);

  for (const { prototype } of [Number, BigInt])
    method(prototype, "toLocaleString", function (locales, options) {
      return host.part("INTL", "numberText")(this.valueOf(), locales, options);
    });
  method(String.prototype, "localeCompare", function (other, locales, options) {
    return host.part("INTL", "compareTexts")(`${this}`, `${other}`, locales, options);
  });
});
