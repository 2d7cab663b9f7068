// Intl.NumberFormat, and what Number tells in the words of a locale.
(function (host) {
  "use strict";
  const { option, localeOf, pluralOf } = host;
  const STYLES = ["decimal", "percent", "currency", "unit"];
  const WHOLE = new Set(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"].concat([
      "RWF",
      "UGX",
      "UYI",
      "VND",
      "VUV",
      "XAF",
      "XOF",
      "XPF",
    ])
  );
  const THOUSANDTHS = new Set(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);
  const MOST = 100;

  function count(options, name, least, most, otherwise) {
    const value = options[name];
    if (value === undefined) return otherwise;
    const number = Number(value);
    if (!(number >= least && number <= most))
      throw new RangeError(`${name} value is out of range.`);
    return Math.floor(number);
  }

  // The digits of the shortest decimal that means this number, and after how many the point stands.
  function decimalOf(magnitude) {
    const [mantissa, exponent = 0] = `${magnitude}`.split("e");
    const [whole, fraction = ""] = mantissa.split(".");
    const digits = `${whole}${fraction}`.replace(/^0+/, "");
    const zeros = whole.length + fraction.length - digits.length;
    return { digits, point: digits ? whole.length + Number(exponent) - zeros : 1 };
  }

  // Rounded half up as it is written: not 1.005's binary value. `places` may be negative.
  function rounded(magnitude, places) {
    const { digits, point } = decimalOf(magnitude);
    const kept = point + places;
    let number = BigInt(digits.slice(0, Math.max(kept, 0)).padEnd(kept, "0"));
    if (kept >= 0 && digits[kept] >= "5") number++;
    if (places <= 0) return `${number}${"0".repeat(-places)}`;
    const text = `${number}`.padStart(places + 1, "0");
    return `${text.slice(0, -places)}.${text.slice(-places)}`;
  }

  function hundredfold(number) {
    if (typeof number === "bigint") return number * 100n;
    const [mantissa, exponent = 0] = `${number}`.split("e");
    return Number(`${mantissa}e${Number(exponent) + 2}`) || number * 100;
  }

  function padded(text, least) {
    let [whole, fraction = ""] = text.split(".");
    fraction = fraction.replace(/0+$/, "").padEnd(least, "0");
    return [whole, fraction];
  }

  class NumberFormat {
    #locale;
    #style;
    #options;
    #format;

    constructor(locales, options = {}) {
      this.#locale = localeOf(locales);
      const style = option(options, "style", STYLES, "decimal");
      const currency = option(options, "currency")?.toUpperCase();
      if (style === "currency" && !currency)
        throw new TypeError("Currency code is required with currency style.");
      const unit = option(options, "unit");
      if (style === "unit" && !unit) throw new TypeError("Unit is required with unit style.");
      const notation = option(
        options,
        "notation",
        ["standard", "scientific", "engineering", "compact"],
        "standard"
      );
      const usual =
        style !== "currency" ? 0 : WHOLE.has(currency) ? 0 : THOUSANDTHS.has(currency) ? 3 : 2;
      const most = style === "currency" ? usual : style === "percent" ? 0 : 3;
      this.#style = style;
      let least = count(options, "minimumFractionDigits", 0, MOST);
      let greatest = count(options, "maximumFractionDigits", 0, MOST);
      const isCompact = notation === "compact" && least === undefined && greatest === undefined;
      least ??= greatest === undefined ? usual : Math.min(usual, greatest);
      greatest ??= Math.max(least, most);
      if (least > greatest) throw new RangeError("maximumFractionDigits value is out of range.");
      this.#options = {
        currency,
        unit,
        notation,
        isCompact,
        currencySign: option(options, "currencySign", ["standard", "accounting"], "standard"),
        currencyDisplay: option(options, "currencyDisplay", null, "symbol"),
        unitDisplay: option(options, "unitDisplay", ["short", "narrow", "long"], "short"),
        signDisplay: option(options, "signDisplay", null, "auto"),
        useGrouping: options.useGrouping === undefined ? true : options.useGrouping,
        minimumIntegerDigits: count(options, "minimumIntegerDigits", 1, 21, 1),
        minimumFractionDigits: least,
        maximumFractionDigits: greatest,
        minimumSignificantDigits: count(options, "minimumSignificantDigits", 1, 21),
        maximumSignificantDigits: count(options, "maximumSignificantDigits", 1, 21),
      };
      this.#format = (number) => this.#text(number);
    }

    #digits(magnitude) {
      const o = this.#options;
      if (o.minimumSignificantDigits || o.maximumSignificantDigits) {
        const most = o.maximumSignificantDigits ?? 21;
        const text = rounded(magnitude, Math.min(most - decimalOf(magnitude).point, MOST));
        return padded(text, (o.minimumSignificantDigits ?? 1) - decimalOf(text).point);
      }
      if (o.isCompact) {
        const isSmall = magnitude < 100 && magnitude !== Math.round(magnitude);
        const number = isSmall ? Number(magnitude.toPrecision(2)) : magnitude;
        return padded(rounded(number, isSmall ? 3 : 0), 0);
      }
      return padded(rounded(magnitude, o.maximumFractionDigits), o.minimumFractionDigits);
    }

    #grouped(whole, pattern) {
      const { numbers } = this.#locale.data;
      const text = whole.padStart(this.#options.minimumIntegerDigits, "0");
      const { useGrouping } = this.#options;
      const from =
        useGrouping === "always"
          ? 4
          : this.#options.notation === "compact"
            ? 5
            : numbers.groupsFrom;
      if (!useGrouping || useGrouping === "false" || text.length < from) return text;
      const [last, more] = pattern
        .split(";")[0]
        .split(".")[0]
        .replace(/[^#0,]/g, "")
        .split(",")
        .reverse()
        .slice(0, 2);
      const first = last.length;
      const others = pattern.split(",").length > 2 ? more.length : first;
      let [head, tail] = [text.slice(0, -first), text.slice(-first)];
      while (head.length > others) {
        tail = `${head.slice(-others)}${numbers.symbols.group}${tail}`;
        head = head.slice(0, -others);
      }
      return head ? `${head}${numbers.symbols.group}${tail}` : tail;
    }

    // The number's digits in a pattern like "#,##0.00 ¤".
    #inPattern(magnitude, pattern) {
      const { symbols } = this.#locale.data.numbers;
      if (magnitude !== magnitude) return pattern.replace(/[#0,.]+/, symbols.nan);
      if (magnitude === Infinity) return pattern.replace(/[#0,.]+/, symbols.infinity);
      const [whole, fraction] = this.#digits(magnitude);
      const number = this.#grouped(whole, pattern);
      const text = fraction ? `${number}${symbols.decimal}${fraction}` : number;
      return pattern.replace(/[#0,.]+/, () => text);
    }

    #currencyPatterns() {
      const { accounting, currency } = this.#locale.data.numbers;
      return (this.#options.currencySign === "accounting" ? accounting : currency).split(";");
    }

    #currencyText(magnitude, pattern) {
      const { numbers } = this.#locale.data;
      const { currency, currencyDisplay } = this.#options;
      let symbol =
        currencyDisplay === "code" ? currency : (numbers.currencies[currency] ?? currency);
      if (currencyDisplay === "narrowSymbol") symbol = symbol.replace(/^[A-Z]+(?=[^A-Z])/, "");
      let text = this.#inPattern(magnitude, pattern);
      if (/[A-Za-z]$/.test(symbol)) text = text.replace(/¤(?=\d)/, "¤\u00a0");
      return text.replace("¤", () => symbol);
    }

    #unitText(magnitude) {
      const { unit, unitDisplay } = this.#options;
      const number = this.#inPattern(magnitude, this.#locale.data.numbers.decimal);
      const widths = this.#locale.data.units[unit];
      const patterns = widths?.[unitDisplay] ?? widths?.long ?? widths?.short;
      const pattern = patterns?.[pluralOf(this.#locale, magnitude)] ?? patterns?.other;
      return pattern ? pattern.replace("{0}", () => number) : `${number} ${unit}`;
    }

    #compactText(magnitude) {
      const { compact, decimal } = this.#locale.data.numbers;
      const { other } = compact;
      const value = Number(magnitude);
      let power = Math.min(Math.floor(Math.log10(Math.max(value, 1))), 14);
      const patternAt = (place) =>
        /0[^0]|[^0]0/.test(other[`${10 ** place}`]) ? other[`${10 ** place}`] : null;
      if (patternAt(power) && Number(value.toPrecision(2)) >= 10 ** (power + 1) && power < 14)
        power++;
      const pattern = patternAt(power);
      if (!pattern) return this.#inPattern(value, decimal);
      const zeros = pattern.match(/0+/)[0].length;
      const small = value / 10 ** (power - zeros + 1);
      const form = compact[pluralOf(this.#locale, small)]?.[`${10 ** power}`] ?? pattern;
      const number = this.#inPattern(small, decimal);
      return form.replace(/0+/, () => number).replace(/'/g, "");
    }

    #text(value) {
      let number = typeof value === "bigint" ? value : Number(value);
      if (this.#style === "percent") number = hundredfold(number);
      const isNegative = number < 0 || Object.is(number, -0);
      const magnitude = isNegative ? -number : number;
      const [positive, negative] = this.#currencyPatterns();
      let text;
      if (this.#options.notation === "compact") text = this.#compactText(magnitude);
      else if (this.#style === "currency") text = this.#currencyText(magnitude, positive);
      else if (this.#style === "unit") text = this.#unitText(magnitude);
      else text = this.#inPattern(magnitude, this.#locale.data.numbers[this.#style]);
      const sign = this.#sign(isNegative, /[1-9]/.test(text));
      const isCurrency = this.#style === "currency" && this.#options.notation !== "compact";
      if (!isCurrency || !isNegative || !sign || !negative) return sign + text;
      return this.#currencyText(magnitude, negative.replace("-", sign));
    }

    #sign(isNegative, isSomething) {
      const { symbols } = this.#locale.data.numbers;
      const { signDisplay } = this.#options;
      if (signDisplay === "never" || (signDisplay === "exceptZero" && !isSomething)) return "";
      if (signDisplay === "negative" && !isSomething) return "";
      if (isNegative) return symbols.minusSign;
      return signDisplay === "always" || signDisplay === "exceptZero" ? symbols.plusSign : "";
    }

    get format() {
      return this.#format;
    }

    formatToParts(number) {
      const { symbols } = this.#locale.data.numbers;
      const types = {
        [symbols.decimal]: "decimal",
        [symbols.group]: "group",
        [symbols.minusSign]: "minusSign",
      };
      types["%"] = "percentSign";
      let isFraction = false;
      return this.#text(number)
        .match(/\d+|[^\d]/gu)
        .map((value) => {
          if (value === symbols.decimal) isFraction = true;
          if (/^\d/.test(value)) return { type: isFraction ? "fraction" : "integer", value };
          return { type: types[value] ?? (/\s/.test(value) ? "literal" : this.#style), value };
        });
    }

    resolvedOptions() {
      const { isCompact, ...options } = this.#options;
      void isCompact;
      return {
        locale: this.#locale.tag,
        numberingSystem: "latn",
        style: this.#style,
        ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
      };
    }

    static supportedLocalesOf(locales) {
      return host.supportedLocales(locales);
    }
  }

  host.NumberFormat = NumberFormat;
});
