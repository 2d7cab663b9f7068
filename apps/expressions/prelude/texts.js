// What expressions can do with texts.
(function (host) {
  "use strict";

  // Both cases are written out: for `i` the engine takes long to prepare a pattern.
  const URLS = /\b(?:[Hh][Tt][Tt][Pp][Ss]?|[Ff][Tt][Pp]):\/\/[^\s<>"'`]+/;
  const EMAILS =
    /[\w.!#$%&*+/=?^{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}/;
  const SIGN = "A-Za-z0-9_\u00a1-\uffff";
  const LABEL = `(?:[${SIGN}](?:[${SIGN}-]{0,61}[${SIGN}])?)`;
  const DOMAIN = `(?:${LABEL}\\.)+(?:xn--[A-Za-z0-9-]+|[A-Za-z\u00a1-\uffff]{2,63})`;
  const HOST = new RegExp(`^${DOMAIN}$`);
  const IN_TEXT = new RegExp(`${DOMAIN}\\b`);
  const WEB =
    /^[Hh][Tt][Tt][Pp][Ss]?:\/\/(?:[^\s/?#@]*@)?(?:[^\s/?#:@]+|\[[\dA-Fa-f:.]+\])(?::\d{1,5})?(?:[/?#]\S*)?$/;
  const ADDRESS = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^\s/?#@]*@)?(\[[\dA-Fa-f:.]+\]|[^\s/?#:]+)/;

  const snakeCase = (text) =>
    text
      .toLowerCase()
      .replace(/[ -]/g, "_")
      .replace(/[^\p{L}\p{N}\p{M}_\s]/gu, "");

  const upperFirst = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // Small words stay small, but not at either end of the title.
  const SMALL = new Set(
    [
      "a",
      "an",
      "and",
      "as",
      "at",
      "because",
      "but",
      "by",
      "en",
      "for",
      "if",
      "in",
      "neither",
    ].concat(
      ["nor", "of", "on", "only", "or", "over", "per", "so", "some", "than", "that", "the", "to"],
      ["up", "upon", "v", "versus", "via", "vs", "when", "with", "without", "yet"]
    )
  );

  function titleCase(text) {
    const pieces = text.split(/([\p{L}\p{N}\p{M}'’.]+)/u); // words at odd places
    const last = pieces.length - 2;
    return pieces
      .map((piece, i) => {
        if (i % 2 === 0 || /\p{L}.*\p{Lu}|\p{L}\.\p{L}/u.test(piece)) return piece;
        return SMALL.has(piece.toLowerCase()) && i > 1 && i < last ? piece : upperFirst(piece);
      })
      .join("");
  }

  const removeTags = (text) => text.replace(/<[^<>]*>/g, "");

  const MARKDOWN = [
    [/^[ \t]*(?:[-*_][ \t]*){3,}$/gm, ""], // rules
    [/^[ \t]*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^[ \t]*\1[ \t]*$/gm, "$2"], // blocks of code
    [/^[ \t]*(?:[*+-]|\d+\.)[ \t]+/gm, ""], // lists
    [/^\n?={2,}$/gm, ""], // headings, underlined
    [/~{2}|~{3}.*\n/g, ""],
    [/<[^<>]*>/g, ""],
    [/\[\^.+?\](?:: .*?$)?/gm, ""], // notes
    [/!\[([^\]]*)\][[(][^\])]*[\])]/g, "$1"], // pictures
    [/\[([^\]]*)\][[(][^\])]*[\])]/g, "$1"], // links
    [/^[ \t]*>[ \t]?/gm, ""], // quotations
    [/^[ \t]*#{1,6}[ \t]+|[ \t]+#+[ \t]*$/gm, ""], // headings
    [/(\*{1,3}|_{1,3})(\S(?:.*?\S)?)\1/g, "$2"], // emphasis
    [/`+([^`]+)`+/g, "$1"],
  ];

  const removeMarkdown = (text) =>
    MARKDOWN.reduce((left, [pattern, by]) => left.replace(pattern, by), text);

  const LETTERS = { ß: "ss", æ: "ae", Æ: "AE", œ: "oe", Œ: "OE", ø: "o", Ø: "O", đ: "d", Đ: "D" };
  Object.assign(LETTERS, { ð: "d", Ð: "D", þ: "th", Þ: "TH", ł: "l", Ł: "L", ı: "i", "’": "'" });

  const replaceSpecialChars = (text) =>
    text
      .normalize("NFD")
      .replace(/\p{M}/gu, "")
      .replace(/[^\0-\x7f]/g, (letter) => LETTERS[letter] ?? letter);

  function extractDomain(text) {
    const address = text.match(ADDRESS);
    if (address) return address[1];
    return text.match(EMAILS)?.[0].split("@")[1] ?? text.match(IN_TEXT)?.[0];
  }

  // Signs at the end belong to the sentence, but not a bracket that was opened in the address.
  function withoutEnd(url) {
    if (url === undefined) return undefined;
    let end = url.length;
    let open = url.split("(").length - url.split(")").length;
    while (".,;:!?)]}".includes(url[end - 1])) {
      if (url[end - 1] === ")" && open++ >= 0) break;
      end--;
    }
    return url.slice(0, end);
  }

  function extractUrlPath(text) {
    const address = text.trim().match(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+([^?#\s]*)/i);
    return address ? address[1] || "/" : undefined;
  }

  // Bytes as characters, for btoa and atob.
  const asBytes = (text) => unescape(encodeURIComponent(text.toWellFormed()));
  function fromBytes(bytes) {
    try {
      return decodeURIComponent(escape(bytes));
    } catch {
      return bytes;
    }
  }

  const decoded = (text) =>
    fromBytes(
      atob(
        text
          .replace(/-/g, "+")
          .replace(/_/g, "/")
          .replace(/[^A-Za-z0-9+/]/g, "")
      )
    );

  function number(text, parsed) {
    if (parsed !== parsed) host.refuse(`This is no number: "${text.slice(0, 50)}".`);
    return parsed;
  }

  const toFloat = (text) => number(text, parseFloat(text));
  const toInt = (text, radix = 10) => number(text, parseInt(text, radix));
  const FALSE = new Set(["", "0", "false", "no"]);

  function toDate(text) {
    const date = new Date(text);
    if (date - date !== 0) throw new TypeError(`This is no date: ${text.slice(0, 50)}`);
    return date;
  }

  function quote(text, mark = '"') {
    return `${mark}${text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`)}${mark}`;
  }

  host.hashes = () => host.part("HASHES", "hash");

  host.extend("texts", {
    base64Encode: (text) => btoa(asBytes(text)),
    base64Decode: decoded,
    extractDomain,
    extractEmail: (text) => text.match(EMAILS)?.[0],
    extractUrl: (text) => withoutEnd(text.match(URLS)?.[0]),
    extractUrlPath,
    hash: (text, algorithm = "md5") => host.hashes()(text, `${algorithm}`),
    isDomain: (text) => text.length < 254 && HOST.test(text),
    isEmail: (text) => text.match(EMAILS)?.[0] === text,
    isEmpty: (text) => text === "",
    isNotEmpty: (text) => text !== "",
    isNumeric: (text) => text.trim() !== "" && Number(text) - Number(text) === 0,
    isUrl: (text) => WEB.test(text),
    length: (text) => text.length,
    parseJson: (text) => JSON.parse(text),
    quote,
    removeMarkdown,
    removeTags,
    replaceSpecialChars,
    toBoolean: (text) => !FALSE.has(text.toLowerCase()),
    toDate,
    toDateTime: (text, format) => host.dateTimeOf(text, format),
    toDecimalNumber: toFloat,
    toFloat,
    toInt,
    toJsonString: (text) => JSON.stringify(text),
    toNumber: (text) => number(text, Number(text)),
    toSentenceCase: (text) =>
      text
        .toLowerCase()
        .replace(
          /(^[^\p{L}]*|[.!?]\s+)(\p{Ll})/gu,
          (_, before, first) => before + first.toUpperCase()
        ),
    toSnakeCase: snakeCase,
    toTitleCase: titleCase,
    toWholeNumber: toInt,
    urlDecode: (text, whole = false) => (whole ? decodeURI(text) : decodeURIComponent(text)),
    urlEncode: (text, whole = false) => (whole ? encodeURI(text) : encodeURIComponent(text)),
  });
});
