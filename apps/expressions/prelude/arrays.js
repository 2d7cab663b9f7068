// What expressions can do with arrays and objects. None of it changes what it is given.
(function (host) {
  "use strict";
  const { isArray } = Array;
  const { keys, entries, fromEntries } = Object;

  const isObject = (value) => typeof value === "object" && value !== null;
  const isRecord = (value) => isObject(value) && !isArray(value);
  const has = (object, name) => Object.hasOwn(object, name);

  function isEqual(one, other) {
    if (Object.is(one, other)) return true;
    if (!isObject(one) || !isObject(other) || isArray(one) !== isArray(other)) return false;
    if (one instanceof Date || other instanceof Date) return +one === +other;
    const names = keys(one);
    if (names.length !== keys(other).length) return false;
    return names.every((name) => has(other, name) && isEqual(one[name], other[name]));
  }

  // Sorts values out in near linear time: only what looks alike is compared.
  class Known {
    #buckets = new Map();

    static label(value) {
      if (!isObject(value)) return value;
      const fields = keys(value).sort();
      return fields
        .map((name) => `${name}:${isObject(value[name]) ? "" : String(value[name])}`)
        .join();
    }

    has(value) {
      return !!this.#buckets.get(Known.label(value))?.some((other) => isEqual(value, other));
    }

    add(value) {
      const label = Known.label(value);
      const bucket = this.#buckets.get(label);
      if (bucket) bucket.push(value);
      else this.#buckets.set(label, [value]);
    }
  }

  const pick = (object, names) => fromEntries(names.map((name) => [name, object?.[name]]));

  function unique(array, ...names) {
    const fields = names.flat();
    const known = new Known();
    return array.filter((value) => {
      const key = fields.length ? pick(value, fields) : value;
      if (known.has(key)) return false;
      known.add(key);
      return true;
    });
  }

  function needArray(array, name) {
    if (!isArray(array)) host.refuse(`${name}() needs an array, as in ${name}([1, 2]).`);
  }

  function knownOf(array, name) {
    needArray(array, name);
    const known = new Known();
    array.forEach((value) => known.add(value));
    return known;
  }

  function intersection(array, other) {
    const known = knownOf(other, "intersection");
    return unique(array.filter((value) => known.has(value)));
  }

  function union(array, other) {
    needArray(other, "union");
    return unique([...array, ...other]);
  }

  function difference(array, other) {
    const known = knownOf(other, "difference");
    return array.filter((value) => !known.has(value));
  }

  // Numbers, also where they are written as texts.
  function numbersOf(array, name) {
    return array.map((value) => {
      const number = typeof value === "number" ? value : Number.parseFloat(value);
      if (typeof value !== "number" && (typeof value !== "string" || number !== number))
        host.refuse(`${name}(): all elements of the array must be numbers.`);
      return number;
    });
  }

  const sum = (array, name = "sum") =>
    numbersOf(array, name).reduce((total, number) => total + number, 0);

  const extreme = (array, name, isBetter) =>
    numbersOf(array, name).reduce((best, number) => (isBetter(number, best) ? number : best));

  function chunk(array, length) {
    const size = Math.trunc(length);
    if (!(size > 0)) host.refuse("chunk() needs the length of a piece, over 0, as in chunk(10).");
    const chunks = [];
    for (let i = 0; i < array.length; i += size) chunks.push(array.slice(i, i + size));
    return chunks;
  }

  const isNothing = (value) => value === null || value === undefined;
  // n8n's builders know "nil" as a text that stands for nothing.
  const isVoid = (value) => isNothing(value) || value === "nil" || value === "";

  function compact(value) {
    if (isArray(value)) return value.filter((entry) => !isVoid(entry)).map(compact);
    if (!isRecord(value) || value instanceof Date || value.isLuxonDateTime) return value;
    const left = entries(value).filter(([, entry]) => !isVoid(entry));
    return fromEntries(left.map(([name, entry]) => [name, compact(entry)]));
  }

  function pluck(array, ...names) {
    const fields = names.flat();
    if (!fields.length) return array;
    return array
      .filter(isRecord)
      .map((row) =>
        keys(row)
          .filter((name) => fields.includes(name))
          .map((name) => row[name])
      )
      .filter((values) => values.length)
      .map((values) => (values.length === 1 ? values[0] : values));
  }

  function renameKeys(array, ...names) {
    const to = new Map();
    const flat = names.flat();
    if (flat.length % 2)
      host.refuse("renameKeys() needs pairs of names: the old one, the new one.");
    for (let i = 0; i + 1 < flat.length; i += 2) to.set(flat[i], flat[i + 1]);
    return array.map((row) =>
      isRecord(row)
        ? fromEntries(entries(row).map(([name, value]) => [to.get(name) ?? name, value]))
        : row
    );
  }

  function smartJoin(array, key, value) {
    if (!key || !value)
      host.refuse("smartJoin() needs the names of two fields, for the names and the values.");
    const pairs = array.filter(isRecord).map((row) => [row[key], row[value]]);
    return fromEntries(pairs.filter(([name]) => !isNothing(name)));
  }

  // What stands further to the left wins.
  const merged = (rows) =>
    rows.filter(isRecord).reduceRight((object, row) => ({ ...object, ...row }), {});

  function mergeArrays(array, other = []) {
    needArray(other, "merge");
    const object = merged([...array, ...other]);
    const order = [...array, ...other].filter(isRecord).flatMap(keys);
    return fromEntries([...new Set(order)].map((name) => [name, object[name]]));
  }

  const contains = (value, text) => typeof value === "string" && value.includes(text);

  function needText(text, name) {
    if (typeof text !== "string" || text === "")
      host.refuse(`${name}() needs a text that is not empty.`);
  }

  const filtered = (object, isWanted) =>
    fromEntries(entries(object).filter(([name, value]) => isWanted(name, value)));

  // In data of mixed kinds what is no single value converts to nothing, as in n8n.
  const CONVERSIONS = ["toBoolean", "toDateTime", "toDecimalNumber", "toFloat", "toInt"];
  CONVERSIONS.push("toNumber", "toWholeNumber");
  const nothing = fromEntries(CONVERSIONS.map((name) => [name, () => undefined]));
  host.extend("arrays", nothing);
  host.extend("objects", nothing);

  host.extend("arrays", {
    append: (array, ...more) => [...array, ...more],
    average: (array) => (array.length ? sum(array, "average") / array.length : 0),
    chunk,
    compact,
    difference,
    first: (array) => array[0],
    intersection,
    isEmpty: (array) => array.length === 0,
    isNotEmpty: (array) => array.length > 0,
    last: (array) => array[array.length - 1],
    length: (array) => array.length,
    max: (array) => extreme(array, "max", (number, best) => number > best),
    merge: mergeArrays,
    min: (array) => extreme(array, "min", (number, best) => number < best),
    pluck,
    randomItem: (array) => array[Math.floor(Math.random() * array.length)],
    removeDuplicates: unique,
    renameKeys,
    smartJoin,
    sum: (array) => sum(array),
    toJsonString: (array) => JSON.stringify(array),
    union,
    unique,
  });

  host.extend("objects", {
    compact,
    hasField: (object, name) => has(object, name),
    isEmpty: (object) => keys(object).length === 0,
    isNotEmpty: (object) => keys(object).length > 0,
    keepFieldsContaining(object, text) {
      needText(text, "keepFieldsContaining");
      return filtered(object, (_, value) => contains(value, text));
    },
    keys: (object) => keys(object),
    merge: (object, other = {}) => ({
      ...object,
      ...filtered(other, (name) => !has(object, name)),
    }),
    removeField: (object, name) => filtered(object, (other) => other !== name),
    removeFieldsContaining(object, text) {
      needText(text, "removeFieldsContaining");
      return filtered(object, (_, value) => !contains(value, text));
    },
    toJsonString: (object) => JSON.stringify(object),
    urlEncode: (object) =>
      entries(object)
        .map((pair) => pair.map((part) => encodeURIComponent(part).replace(/%20/g, "+")).join("="))
        .join("&"),
    values: (object) => Object.values(object),
  });
});
