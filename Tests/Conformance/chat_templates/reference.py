"""Jinja2 as transformers sets it up, and the way values travel to the probe."""

import datetime
import math

from transformers.utils.chat_template_utils import _compile_jinja_template

NOW = 1_700_000_000


def strftime_now(format):
    return datetime.datetime.fromtimestamp(NOW).strftime(format)


def render(template: str, context: dict) -> dict:
    """{"output": text} or {"error": message}."""
    try:
        return {"output": _compile_jinja_template(template).render(**context, strftime_now=strftime_now)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def typed(value):
    """The value with its Python type beside it, which JSON does not tell."""
    match value:
        case None: return {"n": 0}
        case bool(): return {"b": value}
        case int(): return {"i": value}
        case float(): return {"d": repr(value) if math.isfinite(value) else str(value)}
        case str(): return {"s": value}
        case list(): return {"l": [typed(element) for element in value]}
        case tuple(): return {"t": [typed(element) for element in value]}
        case dict(): return {"o": [[typed(key), typed(element)] for key, element in value.items()]}
        case _: raise TypeError(f"{value!r} has no place in a template's context")


def request(template: str, context: dict) -> dict:
    return {"template": template, "context": {name: typed(value) for name, value in context.items()}, "now": NOW}
