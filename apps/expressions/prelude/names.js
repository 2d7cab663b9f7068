// The names of the language: $json, $input, $('X'), $node and the rest, each built when asked for.
(function (host) {
  "use strict";
  const { state, expose, fail, create, stringify } = host;

  // What the parent has not sent yet is noted, and the whole request is repeated with it.
  class NeedsData extends Error {}
  const keyOf = (output, run) => `${output ?? ""}/${run ?? -1}`;
  host.need = need;
  function need(kind, name, output, run) {
    const key = stringify([kind, name, output ?? null, run ?? null, keyOf(output, run)]);
    state.needs[key] = true;
    state.isShort = true;
    throw new NeedsData(`data of '${name}' is being fetched`);
  }

  function nodeNamed(name) {
    const node = state.nodes[`${name}`];
    if (node === undefined) need("node", `${name}`);
    if (!node.has) fail("expression_unknown_node", `There is no node named '${name}'.`);
    return node;
  }

  function itemsOf(name, output, run) {
    const node = nodeNamed(name);
    if (!node.runs) fail("expression_no_data", `The node '${name}' has not run yet.`);
    const items = node.items[keyOf(output, run)];
    if (items === undefined) need("items", `${name}`, output, run ?? -1);
    if (items === null)
      fail("expression_no_data", `The node '${name}' gave nothing there (output ${output ?? 0}).`);
    return items;
  }

  function itemAt(name, index) {
    const items = itemsOf(name);
    if (index >= items.length)
      fail("expression_no_data", `The node '${name}' has no item ${index}; it gave ${items.length}.`);
    return items[index];
  }

  function pairedOf(name, index) {
    const node = nodeNamed(name);
    if (!node.runs) fail("expression_no_data", `The node '${name}' has not run yet.`);
    if (node.paired === undefined) need("paired", `${name}`);
    const place = node.paired[index];
    if (typeof place === "number") return node.sources[place];
    return fail(place?.code ?? "expression_no_lineage", place?.message ?? `There is no item ${index}.`);
  }

  const viewOf = (name) => ({
    get item() {
      return pairedOf(name, state.index);
    },
    get pairedItem() {
      return (index = state.index) => pairedOf(name, index);
    },
    itemMatching: (index) => pairedOf(name, index),
    first: (output, run) => itemsOf(name, output, run)[0],
    last: (output, run) => itemsOf(name, output, run).at(-1),
    all: (output, run) => itemsOf(name, output, run),
    get params() {
      return nodeNamed(name).params;
    },
    get context() {
      return nodeNamed(name).context;
    },
    get isExecuted() {
      return nodeNamed(name).runs > 0;
    },
  });

  const views = create(null);
  expose("$", (name) => {
    nodeNamed(name);
    return (views[name] ??= viewOf(`${name}`));
  });

  const nodesAt = (indexOf) =>
    new Proxy(create(null), {
      get(_, name) {
        if (typeof name !== "string") return undefined;
        nodeNamed(name);
        return {
          get json() {
            return itemAt(name, indexOf()).json;
          },
          get data() {
            return itemAt(name, indexOf()).json;
          },
          get binary() {
            return itemAt(name, indexOf()).binary;
          },
          get context() {
            return nodeNamed(name).context;
          },
          get parameter() {
            return nodeNamed(name).params;
          },
          get runIndex() {
            return nodeNamed(name).runs - 1;
          },
        };
      },
    });

  expose("$node", nodesAt(() => state.index));
  expose("$items", (name, output, run) => {
    if (name !== undefined) return itemsOf(name, output ?? 0, run);
    if (state.shared.previous.name === undefined) throw new TypeError("There is no node before.");
    return state.items;
  });
  expose("$item", (index) => ({
    get $json() {
      return state.items[index]?.json;
    },
    get $binary() {
      return state.items[index]?.binary ?? {};
    },
    $node: nodesAt(() => Number(index)),
  }));

  function nodeBefore() {
    const { name } = state.shared.previous;
    if (name === undefined) fail("expression_no_data", "There is no node before this one.");
    return nodeNamed(name);
  }

  expose("$input", {
    get item() {
      return state.items[state.index];
    },
    first: () => state.items[0],
    last: () => state.items.at(-1),
    all: () => state.items,
    get params() {
      return nodeBefore().params;
    },
    get context() {
      return nodeBefore().context;
    },
  });

  const shared = {
    $prevNode: "previous",
    $workflow: "workflow",
    $execution: "execution",
    $parameter: "params",
    $runIndex: "runIndex",
    $vars: "variables",
    $env: "environment",
  };

  host.load = function (request) {
    state.items = request.items;
    state.nodes = Object.assign(create(null), request.nodes);
    state.needs = create(null);
    state.isShort = false;
    state.shared = request.shared;
    for (const name of Object.keys(shared)) expose(name, request.shared[shared[name]]);
    expose("$nodeId", request.shared.node.id);
    expose("$executionId", request.shared.execution.id);
    for (const name of Object.keys(request.names)) expose(`$${name}`, request.names[name]);
    for (const kind of ["zones", "locales", "zoneNames"])
      state[kind] = Object.assign(create(null), request.reference[kind]);
    host.beginDates?.(request.shared);
    host.at(0);
  };

  host.at = function (index) {
    const item = state.items[index];
    state.index = index;
    if (item === undefined) return withoutItem();
    globalThis.$json = item.json;
    globalThis.$binary = item.binary ?? {};
    globalThis.$itemIndex = index;
  };

  // A step that no item reached: what asks for one fails, and the rest has its value.
  function withoutItem() {
    const get = () => fail("expression_no_data", "There is no item here.");
    for (const name of ["$json", "$binary"])
      Object.defineProperty(globalThis, name, { get, configurable: true });
  }

  host.needs = () => `{"needs":[${Object.keys(state.needs).join(",")}]}`;
})
