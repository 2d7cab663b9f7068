// What expressions can do with dates: JavaScript's Date and luxon's DateTime.
(function (host) {
  "use strict";

  const luxon = () => host.part("DATES", "luxon");
  const isDate = (value) => value instanceof Date;

  const dateTime = (value) => (isDate(value) ? luxon().DateTime.fromJSDate(value) : value);
  // Gives back what it was given: a Date for a Date.
  const like = (value, made) => (isDate(value) ? made.toJSDate() : made);

  const SHORT = {
    sec: "second",
    secs: "second",
    min: "minute",
    mins: "minute",
    hr: "hour",
    hrs: "hour",
  };
  Object.assign(SHORT, {
    h: "hour",
    d: "day",
    w: "week",
    y: "year",
    s: "second",
    ms: "millisecond",
  });
  const unitOf = (unit) => SHORT[unit] ?? unit;

  const EXCEL_EPOCH_DAYS = 25_569; // from 1899-12-30 to 1970-01-01
  const DAY_MS = 86_400_000;
  const MILLISECONDS = /^\d{9,15}$/; // fewer digits are a year, or a date without signs

  // What a number may count, and how many milliseconds after 1970 it then means.
  const MOMENTS = {
    __proto__: null,
    ms: (count) => count,
    s: (count) => count * 1000,
    us: (count) => count / 1000,
    excel: (count) => (count - EXCEL_EPOCH_DAYS) * DAY_MS,
  };
  host.MOMENTS = MOMENTS;

  // Numbers and texts as dates. Raises what gives undefined where there is no date in them.
  host.dateTimeOf = function (value, format) {
    const { DateTime } = luxon();
    if (format === undefined) return parsed(value);
    if (MOMENTS[format]) return DateTime.fromMillis(MOMENTS[format](Number(value)));
    return checked(DateTime.fromFormat(`${value}`, format), value);
  };

  function parsed(text) {
    const { DateTime } = luxon();
    const trimmed = text.trim();
    if (MILLISECONDS.test(trimmed)) return DateTime.fromMillis(Number(trimmed));
    for (const from of ["fromISO", "fromHTTP", "fromRFC2822", "fromSQL"]) {
      const made = DateTime[from](trimmed, { setZone: false });
      if (made.isValid) return made;
    }
    return checked(DateTime.fromJSDate(new Date(trimmed)), text);
  }

  function checked(made, text) {
    if (!made.isValid) throw new TypeError(`This is no date: ${`${text}`.slice(0, 50)}`);
    return made;
  }

  // For what is compared with: a date, a DateTime, or a text that holds one.
  function momentOf(value) {
    if (typeof value === "string") return parsed(value);
    const made = dateTime(value);
    if (!made?.isLuxonDateTime) throw new TypeError("A date is needed here");
    return made;
  }

  const moved = (sign) =>
    function (value, amount, unit) {
      const by = unit === undefined ? amount : { [unitOf(unit)]: amount };
      return like(value, dateTime(value)[sign](by));
    };

  const PARTS = { dayOfMonth: "day", dayOfWeek: "weekday", weekDay: "weekday", week: "weekNumber" };
  Object.assign(PARTS, { yearDayNumber: "ordinal", dayOfYear: "ordinal" });

  function extract(value, part = "week") {
    const moment = dateTime(value);
    return moment.get(PARTS[part] ?? unitOf(part));
  }

  function isInLast(value, count = 0, unit = "minutes") {
    const { DateTime } = luxon();
    const now = DateTime.now();
    const moment = dateTime(value);
    return moment <= now && moment >= now.minus({ [unitOf(unit)]: count });
  }

  // As in n8n, it says neither yes nor no where one of the ends is no date.
  function isBetween(value, ...given) {
    if (given.length !== 2) host.refuse("isBetween() needs two dates.");
    let ends;
    try {
      ends = given.map(momentOf).sort((one, other) => one - other);
    } catch (error) {
      if (host.state.isShort) throw error;
      return undefined;
    }
    const moment = dateTime(value);
    return moment > ends[0] && moment < ends[1];
  }

  function diffTo(value, other, units = "days") {
    const wanted = [units].flat().map(unitOf);
    const difference = dateTime(value).diff(momentOf(other), wanted);
    return wanted.length > 1 ? difference.toObject() : difference.as(wanted[0]);
  }

  host.extend("dates", {
    beginningOf: (value, unit = "week") => like(value, dateTime(value).startOf(unitOf(unit))),
    diffTo,
    diffToNow: (value, units) => diffTo(value, luxon().DateTime.now(), units),
    endOfMonth: (value) => like(value, dateTime(value).endOf("month")),
    extract,
    format: (value, format = "yyyy-MM-dd", options) => dateTime(value).toFormat(format, options),
    isBetween,
    inBetween: isBetween,
    isDst: (value) => dateTime(value).isInDST,
    isEmpty: () => false,
    isInLast,
    isNotEmpty: () => true,
    isWeekend: (value) => [6, 7].includes(dateTime(value).weekday),
    minus: moved("minus"),
    plus: moved("plus"),
    toDate: (value) => (isDate(value) ? value : value.toJSDate()),
    toDateTime: dateTime,
    toFloat: Number,
    toInt: Number,
    toJsonString: (value) => JSON.stringify(value),
  });
});
