// Locales: the data of one are asked for when it is first used (locales.py).
(function (host) {
  "use strict";
  const { state, need, create } = host;
  const TAG = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;
  const DEFAULT = "en-US";

  const known = create(null);

  function dataOf(tag) {
    if (known[tag] === undefined) {
      if (state.locales[tag] === undefined) need("locale", tag);
      known[tag] = state.locales[tag];
    }
    return known[tag];
  }

  const canonical = (tag) => {
    if (typeof tag === "object" && tag) tag = `${tag}`;
    if (typeof tag !== "string" || !TAG.test(tag))
      throw new RangeError("Incorrect locale information provided");
    return tag
      .split("-u-")[0]
      .split("-")
      .map((part, i) => {
        if (i === 0) return part.toLowerCase();
        if (part.length === 4) return part[0].toUpperCase() + part.slice(1).toLowerCase();
        return part.length === 2 ? part.toUpperCase() : part;
      })
      .join("-");
  };

  // The first locale that is known, and the language of those who ask for none.
  host.localeOf = function (wanted) {
    const tags = wanted === undefined ? [] : [wanted].flat().map(canonical);
    for (const tag of tags) if (dataOf(tag)) return { tag, data: dataOf(tag) };
    return { tag: DEFAULT, data: dataOf(DEFAULT) };
  };

  host.supportedLocales = (wanted) =>
    (wanted === undefined ? [] : [wanted].flat().map(canonical)).filter((tag) => dataOf(tag));

  const rules = create(null);

  // one, two, few, many, other
  host.pluralOf = function (locale, number, kind = "plural") {
    const magnitude = Math.abs(number);
    if (!Number.isInteger(magnitude)) return "other";
    const key = `${locale.tag} ${kind}`;
    // Numbers in compact notation have an exponent e; ours have none.
    rules[key] ??= host.evaluateOwn(`((e) => ${locale.data[kind]})(0)`);
    return rules[key](magnitude);
  };

  host.zoneNames = function (zone, locale) {
    const key = `${zone}|${locale.tag}`;
    if (state.zoneNames[key] === undefined) need("names", key);
    return state.zoneNames[key];
  };

  // One of the values that an option may have, as Intl refuses others.
  host.option = function (options, name, allowed, otherwise) {
    const value = options[name];
    if (value === undefined) return otherwise;
    const text = String(value);
    if (allowed && !allowed.includes(text))
      throw new RangeError(`Value ${text} out of range for Intl options property ${name}`);
    return text;
  };
});
