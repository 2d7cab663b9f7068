// Digests of texts, in hexadecimal: MD5, SHA-1, SHA-2 and SHA-3.
(function (host) {
  "use strict";

  const bytesOf = (text) =>
    Uint8Array.from(unescape(encodeURIComponent(text.toWellFormed())), (byte) =>
      byte.charCodeAt(0)
    );
  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const rotl = (word, by) => (word << by) | (word >>> (32 - by));
  const rotr = (word, by) => (word >>> by) | (word << (32 - by));

  // The message, a bit that is 1, zeros, and its length in the last 8 (or 16) bytes of a block.
  function padded(message, block, isLittle) {
    const tail = block / 8;
    const length = Math.ceil((message.length + 1 + tail) / block) * block;
    const bytes = new Uint8Array(length);
    bytes.set(message);
    bytes[message.length] = 0x80;
    const view = new DataView(bytes.buffer);
    const bits = message.length * 8;
    const [high, low] = [Math.floor(bits / 2 ** 32), bits >>> 0];
    view.setUint32(length - (isLittle ? 8 : 4), low, isLittle);
    view.setUint32(length - (isLittle ? 4 : 8), high, isLittle);
    return view;
  }

  // Runs a compression function over blocks of 64 bytes; gives the state as bytes.
  function digest32(message, state, isLittle, compress) {
    const view = padded(message, 64, isLittle);
    for (let at = 0; at < view.byteLength; at += 64) {
      const words = Array.from({ length: 16 }, (_, i) => view.getUint32(at + 4 * i, isLittle));
      compress(state, words).forEach((word, i) => (state[i] = (state[i] + word) | 0));
    }
    const out = new DataView(new ArrayBuffer(4 * state.length));
    state.forEach((word, i) => out.setUint32(4 * i, word, isLittle));
    return new Uint8Array(out.buffer);
  }

  const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];

  const SINES = Array.from({ length: 64 }, (_, i) =>
    Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32)
  );
  const TURNS = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
  ];

  const md5 = (message) =>
    digest32(message, [...START], true, ([a, b, c, d], words) => {
      for (let i = 0; i < 64; i++) {
        const round = i >> 4;
        let mixed = c ^ (b | ~d);
        let at = (7 * i) % 16;
        if (round === 0) [mixed, at] = [(b & c) | (~b & d), i];
        else if (round === 1) [mixed, at] = [(d & b) | (~d & c), (5 * i + 1) % 16];
        else if (round === 2) [mixed, at] = [b ^ c ^ d, (3 * i + 5) % 16];
        const turned = rotl((a + mixed + SINES[i] + words[at]) | 0, TURNS[round][i % 4]);
        [a, d, c, b] = [d, c, b, (b + turned) | 0];
      }
      return [a, b, c, d];
    });

  const SHA1 = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

  const sha1 = (message) =>
    digest32(message, [...START, 0xc3d2e1f0], false, ([a, b, c, d, e], words) => {
      for (let i = 0; i < 80; i++) {
        if (i >= 16)
          words[i] = rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
        const round = Math.floor(i / 20);
        const mixed = [(b & c) | (~b & d), b ^ c ^ d, (b & c) | (b & d) | (c & d), b ^ c ^ d][
          round
        ];
        const next = (rotl(a, 5) + mixed + e + SHA1[round] + words[i]) | 0;
        [e, d, c, b, a] = [d, c, rotl(b, 30), a, next];
      }
      return [a, b, c, d, e];
    });

  const primes = [];
  for (let number = 2; primes.length < 80; number++)
    if (primes.every((prime) => number % prime)) primes.push(number);

  // The first 64 bits of the fraction of a root of a whole number.
  function fraction(number, degree) {
    const scaled = BigInt(number) << BigInt(64 * degree);
    let low = 0n;
    let high = 1n << 70n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** BigInt(degree) <= scaled) low = middle;
      else high = middle;
    }
    return BigInt.asUintN(64, low);
  }

  const upper32 = (word) => Number(word >> 32n) | 0;
  const K64 = primes.map((prime) => fraction(prime, 3));
  const K32 = K64.slice(0, 64).map(upper32);
  const H64 = primes.slice(0, 16).map((prime) => fraction(prime, 2));
  const SHA224 = H64.slice(8).map((word) => Number(word & 0xffffffffn) | 0);

  const sha256 = (message, start) =>
    digest32(message, [...start], false, (state, words) => {
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i++) {
        if (i >= 16) {
          const [x, y] = [words[i - 15], words[i - 2]];
          const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
          const s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >>> 10);
          words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
        }
        const s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
        const one = (h + s1 + ((e & f) ^ (~e & g)) + K32[i] + words[i]) | 0;
        const s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      return [a, b, c, d, e, f, g, h];
    });

  const wrap = (word) => BigInt.asUintN(64, word);
  const turn = (word, by) => (word >> by) | wrap(word << (64n - by));

  function sha512(message, start) {
    const state = [...start];
    const view = padded(message, 128, false);
    for (let at = 0; at < view.byteLength; at += 128) {
      const words = Array.from({ length: 16 }, (_, i) => view.getBigUint64(at + 8 * i));
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 80; i++) {
        if (i >= 16) {
          const [x, y] = [words[i - 15], words[i - 2]];
          const s0 = turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n);
          const s1 = turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n);
          words[i] = wrap(words[i - 16] + s0 + words[i - 7] + s1);
        }
        const s1 = turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n);
        const one = wrap(h + s1 + ((e & f) ^ (wrap(~e) & g)) + K64[i] + words[i]);
        const s0 = turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n);
        const two = s0 + ((a & b) ^ (a & c) ^ (b & c));
        [h, g, f, e, d, c, b, a] = [g, f, e, wrap(d + one), c, b, a, wrap(one + two)];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = wrap(state[i] + word)));
    }
    const out = new DataView(new ArrayBuffer(64));
    state.forEach((word, i) => out.setBigUint64(8 * i, word));
    return new Uint8Array(out.buffer);
  }

  // Keccak's constants come out of a shift register.
  const ROUNDS = [];
  for (let round = 0, register = 1; round < 24; round++) {
    let constant = 0n;
    for (let bit = 0; bit < 7; bit++) {
      if (register & 1) constant |= 1n << ((1n << BigInt(bit)) - 1n);
      register = register & 0x80 ? (register << 1) ^ 0x171 : register << 1;
    }
    ROUNDS.push(constant);
  }

  function keccak(lanes) {
    for (const constant of ROUNDS) {
      const columns = [0, 1, 2, 3, 4].map(
        (x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
      );
      for (let i = 0; i < 25; i++)
        lanes[i] ^= columns[(i + 4) % 5] ^ turn(columns[(i + 1) % 5], 63n);
      let [x, y, moving] = [1, 0, lanes[1]];
      for (let t = 0; t < 24; t++) {
        [x, y] = [y, (2 * x + 3 * y) % 5];
        const by = BigInt((((t + 1) * (t + 2)) / 2) % 64);
        const turned = by ? turn(moving, 64n - by) : moving;
        moving = lanes[x + 5 * y];
        lanes[x + 5 * y] = turned;
      }
      for (let row = 0; row < 25; row += 5) {
        const old = lanes.slice(row, row + 5);
        for (let i = 0; i < 5; i++)
          lanes[row + i] = old[i] ^ (wrap(~old[(i + 1) % 5]) & old[(i + 2) % 5]);
      }
      lanes[0] ^= constant;
    }
  }

  function sha3(message, size) {
    const rate = 200 - 2 * size;
    const bytes = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
    bytes.set(message);
    bytes[message.length] |= 0x06;
    bytes[bytes.length - 1] |= 0x80;
    const view = new DataView(bytes.buffer);
    const lanes = new Array(25).fill(0n);
    for (let at = 0; at < bytes.length; at += rate) {
      for (let i = 0; i < rate / 8; i++) lanes[i] ^= view.getBigUint64(at + 8 * i, true);
      keccak(lanes);
    }
    const out = new DataView(new ArrayBuffer(200));
    lanes.forEach((lane, i) => out.setBigUint64(8 * i, lane, true));
    return new Uint8Array(out.buffer).slice(0, size);
  }

  const KINDS = {
    md5,
    sha1,
    sha224: (message) => sha256(message, SHA224).slice(0, 28),
    sha256: (message) => sha256(message, H64.slice(0, 8).map(upper32)),
    sha384: (message) => sha512(message, H64.slice(8)).slice(0, 48),
    sha512: (message) => sha512(message, H64.slice(0, 8)),
    sha3: (message) => sha3(message, 64),
  };

  host.hash = function (text, algorithm) {
    const name = algorithm.toLowerCase();
    if (name === "base64") return btoa(unescape(encodeURIComponent(text.toWellFormed())));
    if (!Object.hasOwn(KINDS, name))
      host.fail("expression_failed", `hash() knows ${Object.keys(KINDS).join(", ")} and base64.`);
    return hex(KINDS[name](bytesOf(text)));
  };
});
