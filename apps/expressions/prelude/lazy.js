// Names that need a library. It is loaded where the source is seen to use it (parts.py); if one of
// them is reached in another way, the whole request is repeated with it.
(function (host) {
  "use strict";
  const { defineProperty } = Reflect;

  host.part = function (name, member) {
    if (host[member] === undefined) host.need("part", name);
    return host[member];
  };

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

  const jmespath = () => host.part("JMESPATH", "jmespath");
  const search = (data, query) => jmespath().search(data, query);
  host.expose("$jmespath", search);
  host.expose("$jmesPath", search);
})
