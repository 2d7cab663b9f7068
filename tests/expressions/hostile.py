"""JavaScript that means harm, and how each piece of it must end."""

from dataclasses import dataclass

from apps.expressions.errors import JavaScriptError
from apps.expressions.limits import Limits
from apps.expressions.sandbox import Sandbox
from apps.expressions.scope import Scope
from apps.expressions.transform import transform

HASTY = Limits(wall_s=0.1, memory_mb=64, output_mb=4)
PATIENT = Limits(wall_s=30, memory_mb=64, output_mb=4)
"""For what must end by something else than time, on a busy machine too."""

TIME = frozenset({"js_timeout"})
MEMORY = frozenset({"js_memory"})
ERROR = frozenset({"js_error", "js_syntax"})
SIZE = frozenset({"js_output_too_large"})
VALUE = frozenset({"value"})
ANY = TIME | MEMORY | ERROR | SIZE | VALUE
"""It may do as it likes, as long as it ends and leaves nothing behind."""

LEAVE = "globalThis.left = Object.prototype.left = Array.prototype.left = Function.prototype.left ="
PROBE = """
return [typeof left, {}.left, [].left, (() => 0).left, JSON.stringify({a: [1]}), `${[1, 2]}`,
  [3, 1, 2].sort().join(), new Date(0).toJSON(), RegExp.$1 ?? "", RegExp.lastMatch ?? "",
  typeof Promise.resolve().then, Object.keys($json).length, "abc".replace(/(b)/, "[$1]")];
"""
CLEAN = ["undefined", None, None, None, '{"a":[1]}', "1,2", "1,2,3", "1970-01-01T00:00:00.000Z"]
CLEAN += ["", "", "function", 0, "a[b]c"]


@dataclass(frozen=True)
class Snippet:
    """A function body, and the outcomes that are right: an error's code, or `value`."""

    name: str
    code: str
    ends: frozenset[str]

    @property
    def limits(self) -> Limits:
        return HASTY if "js_timeout" in self.ends else PATIENT


def outcome_of(code: str, sandbox: Sandbox, limits: Limits = PATIENT) -> tuple[str, object]:
    """Run it for one item: `value` and what it gave, or the error's code and its message."""
    try:
        result = transform(code, Scope(items=[{"json": {}}]), sandbox, mode="all", limits=limits)
    except JavaScriptError as error:
        return error.code, error.message
    return "value", result.value


def _snippets(ends: frozenset[str], table: dict[str, str]) -> list[Snippet]:
    return [Snippet(name, code, ends) for name, code in table.items()]


WITHOUT_END = _snippets(
    TIME,
    {
        "loop": "for (;;);",
        "loop in finally": "for (;;) { try { for (;;); } finally { continue } }",
        "nested quantifiers": "return /^(a+)+$/.test('a'.repeat(40) + '!')",
        "overlapping quantifiers": "return /(x+x+)+y/.exec('x'.repeat(60))",
        "alternatives in a pattern": "return 'ab'.repeat(40).replace(/^(a|b|ab)*c$/, '')",
        "back reference": "return /^(?:(.+)\\1?)+$/.test('x'.repeat(50) + '\\n')",
        "pattern in split": "return ('a'.repeat(40) + '!').split(/(?:a|a?)+$/)",
        "promise after promise": "const f = () => Promise.resolve().then(f); return f()",
        "await in a loop": "for (;;) await null",
        "async generator": "for await (const x of (async function*() { for (;;) yield 1 })());",
        "promise never settled": "return new Promise(() => {})",
        "thenable of itself": "const t = {then(done) { done(t) }}; return t",
        "getter of a thrown error": "throw {get message() { for (;;); }}",
        "text of a thrown error": "throw {message: {toString() { for (;;); }}}",
        "thrown proxy": "throw new Proxy({}, {get() { for (;;); }, has() { for (;;); }})",
        "name of a thrown error": "const e = new Error(1); "
        "Object.defineProperty(e, 'name', {get() { for (;;); }}); throw e",
        "keys of a result": "return new Proxy({}, {ownKeys() { for (;;); }})",
        "toJSON of a result": "return {toJSON() { for (;;); }}",
        "toPrimitive": "return `${{[Symbol.toPrimitive]() { for (;;); }}}`",
        "comparator": "return [2, 1].sort(() => { for (;;); })",
        "replacer": "return 'a'.replace(/a/, () => { for (;;); })",
        "reviver": "return JSON.parse('[1]', () => { for (;;); })",
        "species": "class A extends Array { static get [Symbol.species]() { for (;;); } } "
        "return new A(1, 2).map(x => x)",
        "iterator without end": "const [...all] = {[Symbol.iterator]: () => ({next: () => "
        "({done: false, get value() { for (;;); }})})}; return all",
        "array-like without end": "return Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)",
        "keys over and over": "const o = {}; for (let i = 0; i < 1e4; i++) o[`k${i}`] = i; "
        "for (;;) Object.keys(o)",
        "big integers": "let n = 3n; for (;;) n = n * n % (2n ** 4096n - 1n)",
        "console": "for (;;) console.log('x'.repeat(1e4))",
        "what is logged": "console.log({toJSON() { for (;;); }})",
        "code in text": "return (0, eval)('for (;;);')",
    },
)
BOMBS = _snippets(
    MEMORY,
    {
        "doubled text": "let s = 'x'; for (;;) s = `${s}${s} `.split('').join('')",
        "list": "const all = []; for (;;) all.push('x'.repeat(1e5) + all.length)",
        "list of lists": "let all = []; for (;;) all = [all, all, new Array(1000).fill(all)]",
        "typed array": "return new Uint8Array(2 ** 30)",
        "typed arrays": "const all = []; for (;;) all.push(new Float64Array(1e5).fill(1))",
        "buffer": "return new ArrayBuffer(1e9)",
        "spread without end": "return [...(function*() { for (;;) yield {} })()]",
        "map": "const m = new Map(); for (let i = 0; ; i++) m.set(i, [i])",
        "promises": "const all = []; for (;;) all.push(new Promise(() => {}).then(() => {}))",
        "closures": "let f = () => 0; for (;;) { const g = f; f = () => g }",
        "caught and thrown again": "const all = []; try { for (;;) all.push({}) } "
        "catch (error) { throw error }",
        "characters": "return 'x'.repeat(2 ** 29).split('')",
        "normal forms": "return '\\u0344'.repeat(5e6).normalize('NFKD').length",
        "pattern with places to come back to": "return /^(?:a|b)*$/.test('a'.repeat(2e7))",
    },
)
TOO_LARGE = _snippets(
    SIZE,
    {
        "many texts": "return Array(100).fill('x'.repeat(1e5))",
        "one text": "return 'x'.repeat(5e6)",
        "deep": "let deep = []; for (let i = 0; i < 1000; i++) deep = [deep]; return deep",
    },
)
STACK = _snippets(
    ERROR,
    {
        "recursion": "const f = () => f() + 1; return f()",
        "recursion by getters": "const o = {get a() { return o.a + 1 }}; return o.a",
        "recursion by proxies": "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); "
        "return p.x",
        "parsed": "return JSON.parse('['.repeat(1e6))",
        "pattern": "return new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('')",
        "source": "return (0, eval)('('.repeat(1e5) + ')'.repeat(1e5))",
        "result in itself": "const o = {}; o.o = o; return o",
    },
)
NO_WAY_OUT = _snippets(
    VALUE | ERROR,
    {
        "modules of the engine": "return [typeof std, typeof os, typeof Worker, typeof bjson]",
        "import": "return await import('os')",
        "import of a file": "return await import('/etc/passwd')",
        "require": "return require('fs').readFileSync('/etc/passwd', 'utf8')",
        "process": "return process.env",
        "other globals": "return [typeof fetch, typeof WebAssembly, typeof XMLHttpRequest, "
        "typeof setTimeout, typeof scriptArgs, typeof print, typeof navigator]",
        "constructors": "return [].constructor.constructor('return typeof std')()",
        "caller": "return (function f() { return typeof f.caller })()",
        "callee": "return (function() { return typeof arguments.callee.caller })()",
        "frames": "Error.prepareStackTrace = (e, frames) => frames.map(f => typeof f.getFunction); "
        "return new Error().stack",
        "forged answer": 'return {error: {code: "js_host"}, toJSON: () => \'"}],"x":[\'}',
        "half a character": "return ['\\ud800', {'\\udfff': 1}]",
    },
)
NOT_THERE = _snippets(
    ERROR,  # that of its own, thrown where it found nothing
    {
        "functions of the prelude": "Error.prepareStackTrace = (e, frames) => "
        "frames.map(f => `${f.getFunction()}`); const {stack} = new Error(); "
        "if (Array.isArray(stack)) return stack; throw 'nothing'",
        "functions of the prelude, by a getter": "Object.defineProperty(Error, "
        "'prepareStackTrace', {get: () => (e, frames) => frames.map(f => `${f.getFunction()}`)}); "
        "const {stack} = new Error(); if (Array.isArray(stack)) return stack; throw 'nothing'",
        "functions of the prelude, by another error": "const told = {}; "
        "TypeError.prepareStackTrace = RangeError.prepareStackTrace = (e, frames) => frames; "
        "Error.captureStackTrace(told); for (const e of [told, new TypeError(), new RangeError()]) "
        "if (Array.isArray(e.stack)) return 1; throw 'nothing'",
        "how long the machine is up": "return performance.timeOrigin",
    },
)
POLLUTION = _snippets(
    ANY,
    {
        "prototypes": f"{LEAVE} 1; return 1",
        "getters on prototypes": "for (const p of [Object, Array, String, Number, Promise]) "
        "for (const k of ['then', 'toJSON', 'json', 'limit', 'count', 'isPreview', 'length']) "
        "try { Object.defineProperty(p.prototype, k, {get() { throw 1 }, set() { throw 2 }}) } "
        "catch {} return {a: [1]}",
        "JSON": "JSON.stringify = JSON.parse = () => { for (;;); }; return {a: 1}",
        "methods": "for (const p of [String, Array, Object, Function, Promise, RegExp, WeakSet]) "
        "for (const k of Reflect.ownKeys(p.prototype)) try { p.prototype[k] = () => { throw 1 } } "
        "catch {} return {a: [1, 'x']}",
        "globals": "for (const k of Reflect.ownKeys(globalThis)) try { delete globalThis[k] } "
        "catch {} return [1]",
        "names": "for (const k of ['$json', '$input', '$', 'items', 'console']) "
        "Object.defineProperty(globalThis, k, {get() { throw 1 }, set() { throw 2 }}); return 1",
        "frozen": "for (const p of [Object, Array, globalThis]) Object.freeze(p.prototype ?? p); "
        "return 1",
        "item": "$json.left = $json.__proto__.left = 1; items.push(items); return $json",
        "match": "/(secret)/.exec('a secret'); return 'x'.replace(/(x)/, '$1')",
        "finalizers": "new FinalizationRegistry(() => { for (;;); }).register({}, 1); return 1",
        "late promise": f"Promise.resolve().then(() => {{ {LEAVE} 1 }}); return 1",
        "waiting": "return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
        "changing while sorting": "const a = [3, 2, 1]; let n = 0; "
        "a.sort(() => { if (n++ < 1e4) a.push(n); return -1 }); return a.length",
        "proxy in itself": "const p = new Proxy({}, {ownKeys: () => ['a'], "
        "getOwnPropertyDescriptor: () => ({enumerable: true, configurable: true}), "
        "get: (_, k) => k === 'a' ? p : undefined}); return p",
        "toJSON of toJSON": "const f = () => ({a: {toJSON: f}}); return {toJSON: f}",
        "long list": "const a = []; a.length = 2 ** 32 - 1; return a",
        "joined": "return new Array(2 ** 32 - 1).join('ab').length",
        "big power": "return `${2n ** (2n ** 40n)}`.length",
        "padding": "return 'x'.padEnd(2 ** 30 - 2).length",
    },
)
SNIPPETS = [*WITHOUT_END, *BOMBS, *TOO_LARGE, *STACK, *NO_WAY_OUT, *NOT_THERE, *POLLUTION]
