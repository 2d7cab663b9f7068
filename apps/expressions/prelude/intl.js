// The rest of Intl: order, plurals, lists and how long ago. Only as much as workflows use of it.
(function (host) {
  "use strict";
  const { option, localeOf, pluralOf, DateTimeFormat, NumberFormat } = host;
  const WIDTHS = ["long", "short", "narrow"];

  // Letters come behind digits, digits behind all other signs; accents and case count last.
  const SIGNS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
  function rank(letter) {
    if (/\p{L}/u.test(letter)) return 1000;
    return /\p{N}/u.test(letter) ? 900 : SIGNS.indexOf(letter) + 1 || 800;
  }
  const bare = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");

  function compareBare(one, other) {
    const [left, right] = [Array.from(one), Array.from(other)];
    for (let i = 0; i < left.length && i < right.length; i++) {
      if (left[i] === right[i]) continue;
      return rank(left[i]) - rank(right[i]) || (left[i] < right[i] ? -1 : 1);
    }
    return left.length - right.length;
  }

  function compareNumeric(one, other) {
    const [left, right] = [one.match(/\d+|\D+/g) ?? [], other.match(/\d+|\D+/g) ?? []];
    for (let i = 0; i < left.length && i < right.length; i++) {
      const isNumber = /^\d/.test(left[i]) && /^\d/.test(right[i]);
      const order = isNumber ? Number(left[i]) - Number(right[i]) : compareBare(left[i], right[i]);
      if (order) return order;
    }
    return left.length - right.length;
  }

  // Small letters before capitals.
  const byCase = (one, other) => (one === other ? 0 : one > other ? -1 : 1);

  class Collator {
    #options;
    #compare;

    constructor(locales, options = {}) {
      this.#options = {
        locale: localeOf(locales).tag,
        usage: option(options, "usage", ["sort", "search"], "sort"),
        sensitivity: option(
          options,
          "sensitivity",
          ["base", "accent", "case", "variant"],
          "variant"
        ),
        ignorePunctuation: Boolean(options.ignorePunctuation),
        numeric: Boolean(options.numeric),
        caseFirst: option(options, "caseFirst", ["upper", "lower", "false"], "false"),
        collation: "default",
      };
      this.#compare = (one, other) => Math.sign(this.#order(`${one}`, `${other}`));
    }

    #order(one, other) {
      if (one === other) return 0;
      const { sensitivity, numeric, ignorePunctuation, caseFirst } = this.#options;
      if (ignorePunctuation)
        [one, other] = [one, other].map((text) => text.replace(/[\p{P}\s]/gu, ""));
      const [left, right] = [bare(one), bare(other)];
      const compare = numeric ? compareNumeric : compareBare;
      const order = compare(left.toLowerCase(), right.toLowerCase());
      if (order || sensitivity === "base") return order;
      if (sensitivity !== "case") {
        const accents = [one, other].map((text) => text.normalize("NFD").toLowerCase());
        if (accents[0] !== accents[1]) return accents[0] < accents[1] ? -1 : 1;
      }
      if (sensitivity === "accent") return 0;
      return caseFirst === "upper" ? -byCase(left, right) : byCase(left, right);
    }

    get compare() {
      return this.#compare;
    }

    resolvedOptions() {
      return { ...this.#options };
    }
  }

  class PluralRules {
    #locale;
    #type;

    constructor(locales, options = {}) {
      this.#locale = localeOf(locales);
      this.#type = option(options, "type", ["cardinal", "ordinal"], "cardinal");
    }

    select(number) {
      return pluralOf(
        this.#locale,
        Number(number),
        this.#type === "ordinal" ? "ordinal" : "plural"
      );
    }

    resolvedOptions() {
      return { locale: this.#locale.tag, type: this.#type };
    }
  }

  class ListFormat {
    #locale;
    #patterns;

    constructor(locales, options = {}) {
      this.#locale = localeOf(locales);
      const type = option(options, "type", ["conjunction", "disjunction", "unit"], "conjunction");
      const style = option(options, "style", WIDTHS, "long");
      const kind = { conjunction: "standard", disjunction: "or", unit: "unit" }[type];
      const { lists } = this.#locale.data;
      const own = style === "long" ? {} : lists[`${kind}-${style}`];
      this.#patterns = { ...lists.standard, ...lists[kind], ...own };
    }

    format(list) {
      const words = Array.from(list, String);
      const pair = (pattern, one, other) =>
        pattern.replace(/\{([01])\}/g, (_, place) => (place === "0" ? one : other));
      if (words.length < 2) return words.join("");
      if (words.length === 2) return pair(this.#patterns["2"], ...words);
      let text = pair(this.#patterns.end, words.at(-2), words.at(-1));
      for (let i = words.length - 3; i > 0; i--) text = pair(this.#patterns.middle, words[i], text);
      return pair(this.#patterns.start, words[0], text);
    }

    resolvedOptions() {
      return { locale: this.#locale.tag };
    }
  }

  // English has words of its own for what is near; other languages count.
  const NEAR = { day: ["yesterday", "today", "tomorrow"] };
  for (const unit of ["year", "quarter", "month", "week"])
    NEAR[unit] = [`last ${unit}`, `this ${unit}`, `next ${unit}`];
  for (const unit of ["hour", "minute"]) NEAR[unit] = [undefined, `this ${unit}`, undefined];
  NEAR.second = [undefined, "now", undefined];

  class RelativeTimeFormat {
    #locale;
    #style;
    #isAuto;
    #numbers;

    constructor(locales, options = {}) {
      this.#locale = localeOf(locales);
      this.#style = option(options, "style", WIDTHS, "long");
      this.#isAuto = option(options, "numeric", ["always", "auto"], "always") === "auto";
      this.#numbers = new NumberFormat(locales);
    }

    format(value, unit) {
      const name = String(unit).replace(/s$/, "");
      const { relative } = this.#locale.data;
      if (!relative[name]) throw new RangeError(`Invalid unit argument for format() '${unit}'`);
      const amount = Number(value);
      const near = NEAR[name]?.[amount + 1];
      if (this.#isAuto && near && this.#locale.tag.startsWith("en")) return near;
      const patterns = relative[this.#style === "long" ? name : `${name}-${this.#style}`];
      const forms = patterns[amount < 0 || Object.is(amount, -0) ? "past" : "future"];
      const form = forms[pluralOf(this.#locale, amount)] ?? forms.other;
      return form.replace("{0}", this.#numbers.format(Math.abs(amount)));
    }

    resolvedOptions() {
      return {
        locale: this.#locale.tag,
        style: this.#style,
        numeric: this.#isAuto ? "auto" : "always",
      };
    }
  }

  // Code may call these without `new`, as JavaScript allows for two of them.
  const callable = (Format) =>
    new Proxy(Format, { apply: (Target, _, values) => new Target(...values) });

  for (const Format of [Collator, PluralRules, ListFormat, RelativeTimeFormat])
    Format.supportedLocalesOf = host.supportedLocales;

  host.Intl = {
    DateTimeFormat: callable(DateTimeFormat),
    NumberFormat: callable(NumberFormat),
    Collator: callable(Collator),
    PluralRules,
    ListFormat,
    RelativeTimeFormat,
    getCanonicalLocales: (locales) => [locales ?? []].flat().map(String),
    supportedValuesOf: () => [],
  };

  const collators = new Map();
  host.compareTexts = function (one, other, locales, options) {
    if (options !== undefined) return new Collator(locales, options).compare(one, other);
    const key = `${locales}`;
    if (!collators.has(key)) collators.set(key, new Collator(locales));
    return collators.get(key).compare(one, other);
  };

  const formats = new Map();
  host.numberText = function (number, locales, options) {
    if (options !== undefined || typeof locales === "object")
      return new NumberFormat(locales, options).format(number);
    const key = `${locales}`;
    if (!formats.has(key)) formats.set(key, new NumberFormat(locales));
    return formats.get(key).format(number);
  };
});
