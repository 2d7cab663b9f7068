// Intl.DateTimeFormat, and what Date tells in the words of a locale.
(function (host) {
  "use strict";
  const { option, localeOf } = host;
  const NAMES = ["narrow", "short", "long"];
  const NUMBERS = ["numeric", "2-digit"];
  const STYLES = ["full", "long", "medium", "short"];
  const OFFSETS = ["shortOffset", "longOffset", "shortGeneric", "longGeneric"];
  const DATE = ["weekday", "year", "month", "day"];
  const TIME = ["hour", "minute", "second", "fractionalSecondDigits", "dayPeriod"];
  const ALLOWED = {
    weekday: NAMES,
    era: NAMES,
    year: NUMBERS,
    month: [...NUMBERS, ...NAMES],
    day: NUMBERS,
    hour: NUMBERS,
    minute: NUMBERS,
    second: NUMBERS,
    timeZoneName: ["short", "long", ...OFFSETS],
  };
  const OFFSET = /^([+-])(\d\d):?(\d\d)$/;
  const two = (number) => `${number}`.padStart(2, "0");

  function zoneOf(wanted) {
    if (wanted === undefined) return "UTC";
    const name = String(wanted);
    if (/^utc$/i.test(name)) return "UTC";
    if (!OFFSET.test(name) && !host.isZone(name))
      throw new RangeError(`Invalid time zone: ${name}`);
    return name;
  }

  function secondsOf(zone, ms) {
    const fixed = zone.match(OFFSET);
    if (!fixed) return zone === "UTC" ? 0 : host.offsetSeconds(zone, ms);
    return (fixed[1] === "-" ? -1 : 1) * (fixed[2] * 3600 + fixed[3] * 60);
  }

  const widthName = (count) => (count === 4 ? "wide" : count === 5 ? "narrow" : "abbreviated");

  function nameOf(table, letter, count, place) {
    const contexts = "Lc".includes(letter) ? ["stand-alone", "format"] : ["format", "stand-alone"];
    for (const width of [widthName(count), "abbreviated", "wide"])
      for (const context of contexts)
        if (table[context]?.[width]) return table[context][width][place];
    return `${place + 1}`;
  }

  function offsetName(format, isLong, seconds) {
    if (seconds === 0) return format.replace("%s", "");
    const minutes = Math.abs(Math.trunc(seconds / 60));
    const [hours, rest] = [Math.trunc(minutes / 60), minutes % 60];
    const text = isLong ? `${two(hours)}:${two(rest)}` : `${hours}${rest ? `:${two(rest)}` : ""}`;
    return format.replace("%s", (seconds < 0 ? "-" : "+") + text);
  }

  const numbered = (number, count) => (count === 2 ? two(number) : `${number}`);
  const TYPES = {
    G: "era",
    y: "year",
    M: "month",
    L: "month",
    E: "weekday",
    c: "weekday",
    e: "weekday",
  };
  Object.assign(TYPES, {
    d: "day",
    a: "dayPeriod",
    B: "dayPeriod",
    h: "hour",
    H: "hour",
    K: "hour",
  });
  Object.assign(TYPES, { k: "hour", m: "minute", s: "second", S: "fractionalSecond" });
  const typeOf = (letter) => TYPES[letter] ?? "timeZoneName";

  class DateTimeFormat {
    #locale;
    #pieces;
    #zone;
    #options;
    #format;

    constructor(locales, options = {}, needs = "any", defaults = "date") {
      if (options === null) throw new TypeError("Cannot convert undefined or null to object");
      const locale = localeOf(locales);
      const { data } = locale;
      this.#locale = locale;
      this.#zone = zoneOf(options.timeZone);
      const wanted = {};
      for (const name of Object.keys(ALLOWED)) wanted[name] = option(options, name, ALLOWED[name]);
      wanted.fractionalSecondDigits = options.fractionalSecondDigits;
      const dateStyle = option(options, "dateStyle", STYLES);
      const timeStyle = option(options, "timeStyle", STYLES);
      const hour = DateTimeFormat.#hour(data, options);
      if (dateStyle || timeStyle) {
        if (Object.values(wanted).some((value) => value !== undefined))
          throw new TypeError("Can't set option when dateStyle or timeStyle is used");
        const other =
          options.hour12 !== undefined || options.hourCycle !== undefined ? hour : undefined;
        this.#pieces = host.piecesOf(host.stylePattern(data, dateStyle, timeStyle, other));
      } else {
        const has = (names) => names.some((name) => options[name] !== undefined);
        if (!(needs !== "time" && has(DATE)) && !(needs !== "date" && has(TIME))) {
          if (defaults !== "time") wanted.year = wanted.month = wanted.day = "numeric";
          if (defaults !== "date") wanted.hour = wanted.minute = wanted.second = "numeric";
          // What nobody asked for is as the locale has it.
          if (wanted.hour && !wanted.timeZoneName) wanted.hour = "usual";
        }
        this.#pieces = host.piecesOf(host.patternOf(data, wanted, hour));
      }
      this.#options = { ...wanted, dateStyle, timeStyle };
      this.#format = (date) => this.#text(date);
    }

    // h, where the locale or the caller counts to 12, else H.
    static #hour(data, options) {
      if (options.hour12 !== undefined) return options.hour12 ? "h" : "H";
      const cycle = option(options, "hourCycle", ["h11", "h12", "h23", "h24"]);
      if (cycle) return cycle < "h2" ? "h" : "H";
      return /[hK]/.test(data.times.short.replace(/'[^']*'/g, "")) ? "h" : "H";
    }

    #parts(value) {
      const ms = value === undefined ? Date.now() : Number(value);
      if (ms - ms !== 0 || Math.abs(ms) > 8.64e15) throw new RangeError("Invalid time value");
      const seconds = secondsOf(this.#zone, ms);
      const local = new Date(ms + seconds * 1000);
      return this.#pieces.map((piece) =>
        typeof piece === "string"
          ? { type: "literal", value: piece }
          : { type: typeOf(piece[0]), value: this.#field(...piece, local, ms, seconds) }
      );
    }

    #field(letter, count, local, ms, seconds) {
      const { data } = this.#locale;
      const year = local.getUTCFullYear();
      const hour = local.getUTCHours();
      switch (letter) {
        case "G":
          return (data.eras[widthName(count)] ?? data.eras.abbreviated)[year > 0 ? 1 : 0];
        case "y":
          return count === 2 ? two(year % 100) : `${year > 0 ? year : 1 - year}`;
        case "M":
        case "L": {
          const month = local.getUTCMonth();
          return count > 2 ? nameOf(data.months, letter, count, month) : numbered(month + 1, count);
        }
        case "E":
        case "c":
        case "e":
          return nameOf(data.days, letter, count, local.getUTCDay());
        case "d":
          return numbered(local.getUTCDate(), count);
        case "a":
        case "B":
          return data.periods[hour < 12 ? 0 : 1];
        case "h":
          return numbered(hour % 12 || 12, count);
        case "K":
          return numbered(hour % 12, count);
        case "H":
          return numbered(hour, count);
        case "k":
          return numbered(hour || 24, count);
        case "m":
          return numbered(local.getUTCMinutes(), count);
        case "s":
          return numbered(local.getUTCSeconds(), count);
        case "S":
          return `${local.getUTCMilliseconds()}`.padStart(3, "0").slice(0, count);
      }
      return this.#zoneName(letter, count, ms, seconds);
    }

    #zoneName(letter, count, ms, seconds) {
      const isLong = count === 4;
      const zone = OFFSET.test(this.#zone) ? "" : this.#zone;
      const names = host.zoneNames(zone, this.#locale);
      const own = letter === "O" ? undefined : names[isLong ? "long" : "short"];
      const year = new Date(ms).getUTCFullYear();
      const offsets = [0, 6].map((month) => secondsOf(this.#zone, Date.UTC(year, month)));
      const isSummer = offsets[0] !== offsets[1] && seconds === Math.max(...offsets);
      const kind = letter === "v" ? "generic" : isSummer ? "daylight" : "standard";
      return own?.[kind] ?? own?.standard ?? offsetName(names.gmt, isLong, seconds);
    }

    #text(date) {
      let text = "";
      for (const part of this.#parts(date)) text += part.value;
      return text;
    }

    get format() {
      return this.#format;
    }

    // Texts that stand together are one part.
    formatToParts(date) {
      const parts = [];
      for (const part of this.#parts(date)) {
        const last = parts.at(-1);
        if (part.type === "literal" && last?.type === "literal") last.value += part.value;
        else parts.push(part);
      }
      return parts;
    }

    formatRange(start, end) {
      const [one, other] = [this.#text(start), this.#text(end)];
      return one === other ? one : `${one} – ${other}`;
    }

    #clock() {
      const isHour = (piece) => typeof piece !== "string" && "hHKk".includes(piece[0]);
      const hour = this.#pieces.find(isHour);
      if (!hour) return {};
      const hourCycle = { h: "h12", K: "h11", H: "h23", k: "h24" }[hour[0]];
      return { hourCycle, hour12: hourCycle < "h2" };
    }

    resolvedOptions() {
      return {
        locale: this.#locale.tag,
        calendar: "gregory",
        numberingSystem: "latn",
        timeZone: this.#zone,
        ...this.#clock(),
        ...Object.fromEntries(
          Object.entries(this.#options)
            .filter(([, value]) => value !== undefined)
            .map(([name, value]) => [name, value === "usual" ? "numeric" : value])
        ),
      };
    }

    static supportedLocalesOf(locales) {
      return host.supportedLocales(locales);
    }
  }

  const formats = new Map();

  // Date's own methods make the same format again and again. Narrow spaces before AM have broken too
  // many programs, so that other engines write plain ones here, and here alone.
  host.dateText = function (date, locales, options, needs, defaults) {
    if (date.getTime() !== date.getTime()) return "Invalid Date";
    const key =
      options === undefined && (locales === undefined || typeof locales === "string")
        ? `${needs} ${locales}`
        : undefined;
    let format = formats.get(key);
    if (!format) {
      format = new DateTimeFormat(locales, options, needs, defaults);
      if (key) formats.set(key, format);
    }
    return format.format(date).replace(/\u202f/g, " ");
  };

  host.DateTimeFormat = DateTimeFormat;
});
