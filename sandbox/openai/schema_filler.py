"""A value that fits a JSON Schema, with every string chosen by the caller."""

from collections.abc import Callable
from typing import Any

StringFor = Callable[[str], str]
"""Argument name to the string that goes into it."""


def fill_object(schema: dict[str, Any], string_for: StringFor, *, optional: bool = False) -> dict[str, Any]:
    """The required properties of an object schema (all of them with `optional`), filled."""
    definitions = schema.get("$defs", {})
    properties = schema.get("properties", {})
    names = list(properties) if optional else [n for n in schema.get("required", []) if n in properties]
    return {name: _fill(name, properties[name], definitions, string_for, optional) for name in names}


def required_ids(schema: dict[str, Any]) -> list[str]:
    """Required arguments that name a thing by its id."""
    return [name for name in schema.get("required", []) if name == "id" or name.endswith("_id")]


def _fill(name: str, schema: dict[str, Any], definitions: dict[str, Any], string_for: StringFor, optional: bool) -> Any:
    schema = _resolved(schema, definitions)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case "array":
            return [_fill(name, schema.get("items", {}), definitions, string_for, optional)]
        case "object":
            return fill_object({**schema, "$defs": definitions}, string_for, optional=optional)
        case "null":
            return None
        case _:
            return string_for(name)


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Follows `$ref` and takes the first non-null branch of a union."""
    if "$ref" in schema:
        return _resolved(definitions.get(schema["$ref"].rsplit("/", 1)[-1], {}), definitions)
    for union in ("anyOf", "oneOf", "allOf"):
        branches = [branch for branch in schema.get(union, []) if branch.get("type") != "null"]
        if branches:
            return _resolved(branches[0], definitions)
    if isinstance(schema.get("type"), list):
        return {**schema, "type": next((t for t in schema["type"] if t != "null"), "null")}
    return schema
