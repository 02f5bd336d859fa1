"""The OpenAPI 3.1 document and what the readable page shows, both made of the declarations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from center.api import shapes
from center.api.declared import BASE, OPERATIONS, SCOPES, Operation, Param
from honorcard.problems import CATALOGUE
from web.languages import language

VERSION = "1.0.0"
_REF = "#/components/schemas/{name}"
_RATE = {
    "RateLimit-Limit": "Requests a minute of this key.", "RateLimit-Remaining": "What is left of them now.",
    "RateLimit-Reset": "Seconds until all of them are there again.", "RateLimit-Policy": "The limit and its window.",
}  # fmt: skip
_ANY_TIME = ("api_too_many", "center_busy")
_WITH_KEY = ("api_key_missing", "api_key_wrong", "api_address", "api_scope")


@dataclass(frozen=True)
class Shown:
    """An operation as the page shows it."""

    name: str
    method: str
    path: str
    summary: str
    says: str
    scope: str
    scope_words: str
    params: tuple[str, ...]
    body: str
    problems: tuple[tuple[int, str, str], ...]


def problems_of(one: Operation) -> list[str]:
    """Codes that an operation may answer with."""
    found = [*one.problems, *_ANY_TIME]
    if one.scope is not None:
        found += _WITH_KEY
    if one.body is not None:
        found += ("api_body", "api_media_type", "too_large", "api_field")
    elif one.params or one.method == "GET":
        found += ("api_field",)  # an unknown parameter is one
    return sorted(dict.fromkeys(found), key=lambda code: (CATALOGUE[code].status, code))


@lru_cache
def as_json() -> bytes:
    """The document."""
    return msgspec.json.format(msgspec.json.encode(build()), indent=1)


def build() -> dict[str, Any]:
    """The document as plain values."""
    kinds = [kind for one in OPERATIONS for kind in (one.answer, one.body) if kind is not None]
    _, components = msgspec.json.schema_components([*dict.fromkeys(kinds), shapes.Problem], ref_template=_REF)
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Honor card: API for city systems",
            "version": VERSION,
            "description": (
                "Cards, service records, applications, units and venues of the center. Keys are made by the administrator; "
                "each has scopes, an end, and perhaps units and addresses it is limited to, and every use is written down. "
                "Unknown fields and parameters are refused. Problems are RFC 9457, in Chinese or English by Accept-Language."
            ),
        },
        "servers": [{"url": BASE}],
        "tags": [{"name": scope, "description": f"{en} ({zh})"} for scope, (zh, en) in SCOPES.items() if _used(scope)],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "A key of the administrator's page."}
            },
        },
    }


def readable() -> list[Shown]:
    """The operations in words of the language that is spoken."""
    at = 0 if language() == "zh" else 1
    return [
        Shown(
            one.name, one.method, BASE + one.path, one.summary[at], one.says, one.scope or "",
            SCOPES[one.scope][at] if one.scope else "", tuple(param.name for param in one.params),
            one.body.__name__ if one.body else "",
            tuple(
                (CATALOGUE[code].status, code, CATALOGUE[code].zh if at == 0 else CATALOGUE[code].en)
                for code in problems_of(one)
            ),
        )
        for one in OPERATIONS
    ]  # fmt: skip


def _used(scope: str) -> bool:
    return any(one.scope == scope for one in OPERATIONS)


def _operation(one: Operation) -> dict[str, Any]:
    zh, en = one.summary
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": f"{en} ({zh})",
        "description": one.says,
        "tags": [one.scope] if one.scope else [],
        "security": [{"key": []}] if one.scope else [],
        "parameters": [_parameter(param) for param in one.params],
        "responses": _responses(one),
    }
    if one.scope:
        found["x-scope"] = one.scope
    if one.body is not None:
        found["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": _schema(one.body)}},
        }  # fmt: skip
    return found


def _parameter(param: Param) -> dict[str, Any]:
    schema = _schema(param.kind)
    said = schema.pop("description", "")
    if param.default is not None:
        schema["default"] = param.default
    return {"name": param.name, "in": param.place, "required": param.required, "description": said, "schema": schema}


def _responses(one: Operation) -> dict[str, Any]:
    rate = {name: _header(said) for name, said in _RATE.items()} if one.scope else {}
    good = {"application/json": {"schema": _schema(one.answer)}}
    found: dict[str, Any] = {"200": {"description": "As asked.", "headers": dict(rate), "content": good}}
    if one.method == "GET":
        found["200"]["headers"]["ETag"] = _header("Of this answer; send it back in If-None-Match.")
        found["304"] = {"description": "Nothing has changed since the answer of that ETag."}
    by_status: dict[int, list[str]] = {}
    for code in problems_of(one):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        found[str(status)] = _problem("; ".join(f"`{code}`: {CATALOGUE[code].en}" for code in codes), dict(rate))
        if status in (429, 503):
            found[str(status)]["headers"]["Retry-After"] = _header("Seconds to wait.")
        if status == 401:
            found["401"]["headers"] = {"WWW-Authenticate": _header("Bearer.")}
    found["default"] = _problem("Any other problem.", {})
    return found


def _problem(said: str, headers: dict[str, Any]) -> dict[str, Any]:
    schema = _schema(shapes.Problem)
    return {"description": said, "headers": headers, "content": {"application/problem+json": {"schema": schema}}}


def _header(said: str) -> dict[str, Any]:
    return {"description": said, "schema": {"type": "string"}}


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REF)
    return dict(schema)
