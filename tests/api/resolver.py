"""All routes as Django's resolver has them."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def walk(
    resolver: URLResolver, namespace: str = "", path: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """All routes with their names and paths; one without a name goes by its path."""
    for pattern in resolver.url_patterns:
        below = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, inner, below)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else below, below, pattern


ROUTES = list(walk(get_resolver()))


def is_of_admin(name: str) -> bool:
    return name == "admin" or name.startswith(("admin:", "admin/"))
