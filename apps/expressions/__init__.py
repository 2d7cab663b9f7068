"""`={{ … }}` templates and the JavaScript sandbox: what builders write, made into values.

No Django, no node type. The surface that the floors above use:

    from apps.expressions.sandbox import Limits, Sandbox  # the pool of jshost processes
    from apps.expressions.scope import Scope              # all that `$names` can reach
    from apps.expressions.template import check, compile_params, resolve
    from apps.expressions.transform import transform      # a Transform node's code
    from apps.expressions.values import UNDEFINED

    compiled = compile_params(params, code_fields={"code"})    # once a version; keep it
    resolved = resolve(compiled, scope, sandbox)               # .params: one dict an item
    result = transform(code, scope, sandbox, mode="all")       # .value

Items are dicts in their JSON form, `{"json": {...}, "binary"?: {...}, "pairedItem"?: ...}`.
All errors are FlowForgeErrors: ExpressionError for templates, JavaScriptError for code.
"""
