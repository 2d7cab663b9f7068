// Which pattern shows the fields that are wanted: CLDR's skeletons, matched as ICU does.
(function (host) {
  "use strict";

  const WIDTHS = { numeric: 1, "2-digit": 2, short: 3, long: 4, narrow: 5 };
  const FIELDS = [
    ["era", "G"],
    ["year", "y"],
    ["month", "M"],
    ["weekday", "E"],
    ["day", "d"],
  ];

  const ZONES = { short: "z", long: "zzzz", shortOffset: "O", longOffset: "OOOO" };
  Object.assign(ZONES, { shortGeneric: "v", longGeneric: "vvvv" });
  const SIMPLE = {
    h: "h a",
    hm: "h:mm a",
    hms: "h:mm:ss a",
    H: "HH",
    Hm: "HH:mm",
    Hms: "HH:mm:ss",
  };

  const DAY_GLUE = /^[Ec]+([^A-Za-z]+)/;

  const repeated = (letter, count) => letter.repeat(count);

  // Text of a pattern in pieces: [letter, count] for a field, text for what stands between.
  host.piecesOf = function (pattern) {
    const pieces = [];
    for (const [part, quoted, field] of pattern.matchAll(
      /'((?:[^']|'')*)'|(([A-Za-z])\3*)|[^A-Za-z']+/g
    )) {
      if (field) pieces.push([field[0], field.length]);
      else pieces.push(part[0] === "'" ? (quoted === "" ? "'" : quoted.replace(/''/g, "'")) : part);
    }
    return pieces;
  };

  const written = (pieces) =>
    pieces
      .map((piece) => {
        if (typeof piece !== "string") return repeated(...piece);
        return /[A-Za-z']/.test(piece) ? `'${piece.replace(/'/g, "''")}'` : piece;
      })
      .join("");

  // Sets the widths of a pattern's fields to those wanted: short months long, days of two digits.
  function widened(pattern, widths, matched = {}) {
    return written(
      host.piecesOf(pattern).map((piece) => {
        if (typeof piece === "string") return piece;
        const [letter, count] = piece;
        const field = { L: "M", c: "E", e: "E", K: "h", k: "H" }[letter] ?? letter;
        const wanted = widths[field];
        if (wanted === undefined || wanted === matched[field]) return piece;
        const isText = count > 2 || field === "E" || field === "G";
        if (field === "E" || field === "G") return [letter, wanted];
        if (isText !== wanted > 2) return piece;
        return [letter, isText ? wanted : Math.max(count, wanted)];
      })
    );
  }

  const skeletonOf = (widths, letters) =>
    letters
      .filter((letter) => widths[letter])
      .map((letter) => (letter === "M" ? repeated("M", Math.min(widths.M, 4)) : letter))
      .join("");

  function datePattern(data, widths) {
    const letters = ["G", "y", "M", "E", "d"];
    const { skeletons } = data;
    const exact = skeletonOf(widths, letters);
    const candidates = [exact];
    if (widths.M === 2) candidates.push(exact.replace("MM", "M"));
    if (widths.M > 3) candidates.push(exact.replace("MMMM", "MMM"));
    for (const candidate of candidates) {
      const months = candidate.match(/M+/)?.[0].length;
      // Where numbers stand for months, "MM" in a pattern is what people write there.
      const matched = { M: months > 2 ? months : undefined };
      if (skeletons[candidate]) return widened(skeletons[candidate], widths, matched);
    }
    return pieced(data, widths, letters);
  }

  // No pattern has just these fields: what it has, one behind the other.
  function pieced(data, widths, letters) {
    const present = letters.filter((letter) => widths[letter]);
    if (present.length === 1)
      return widened({ G: "G", y: "y", M: "L", E: "ccc", d: "d" }[present[0]], widths);
    const without = (letter) => ({ ...widths, [letter]: undefined });
    for (const letter of ["G", "E", "y", "d"])
      if (widths[letter]) {
        const rest = datePattern(data, without(letter));
        const own = datePattern(data, { [letter]: widths[letter] });
        return letter === "E" ? `${own}, ${rest}` : `${rest} ${own}`;
      }
    return "y-MM-dd";
  }

  // `hour`: h or H, where hours are wanted at all.
  function timePattern(data, options, hour) {
    const { skeletons, numbers } = data;
    const { minute, second, timeZoneName, fractionalSecondDigits: digits } = options;
    let pattern = minute && second ? (skeletons.ms ?? "mm:ss") : minute ? "m" : second ? "s" : "";
    if (hour) {
      const letters = `${hour}${minute || second ? "m" : ""}${second ? "s" : ""}`;
      pattern = skeletons[letters] ?? SIMPLE[letters];
      if (options.hour === "2-digit") pattern = widened(pattern, { [hour]: 2 });
      const isShort = options.hour === "numeric" && minute && (second || !timeZoneName);
      if (isShort) pattern = pattern.replace("HH", "H");
    }
    if (digits)
      pattern = pattern.replace(
        /s+/,
        (found) => found + numbers.symbols.decimal + repeated("S", digits)
      );
    const zone = ZONES[timeZoneName];
    return zone && pattern ? `${pattern} ${zone}` : (zone ?? pattern);
  }

  const joined = (glue, date, time) =>
    glue.replace(/\{([01])\}/g, (_, place) => (place === "1" ? date : time));

  // The pattern for fields: widths by the names of Intl's options.
  host.patternOf = function (data, options, hour) {
    const widths = {};
    for (const [name, letter] of FIELDS)
      if (options[name]) {
        const width = WIDTHS[options[name]];
        widths[letter] = width;
      }
    const time = timePattern(data, options, options.hour && hour);
    const date = FIELDS.some(([name]) => options[name]) ? datePattern(data, widths) : "";
    if (!date || !time) return date || time;
    if (date === widened("ccc", widths))
      return `${date}${DAY_GLUE.exec(data.skeletons.EHm)?.[1] ?? " "}${time}`;
    const style =
      widths.M === 4 ? (widths.E ? "full" : "long") : widths.M === 3 ? "medium" : "short";
    return joined(data.glue[style], date, time);
  };

  // The pattern for dateStyle and timeStyle.
  host.stylePattern = function (data, dateStyle, timeStyle, hour) {
    const date = dateStyle && data.dates[dateStyle];
    let time = timeStyle && data.times[timeStyle];
    if (time && hour) time = host.withHour(data, time, hour);
    return date && time ? joined(data.glue[dateStyle], date, time) : date || time;
  };

  // A pattern of time with the other clock: of 12 hours or of 24.
  host.withHour = function (data, pattern, hour) {
    const is12 = /[hK]/.test(pattern.replace(/'[^']*'/g, ""));
    if (is12 === (hour === "h")) return pattern;
    const letters = `${hour}m${/s/.test(pattern) ? "s" : ""}`;
    const zone = pattern.match(/ ?z+/)?.[0] ?? "";
    return (data.skeletons[letters] ?? pattern) + zone;
  };
});
