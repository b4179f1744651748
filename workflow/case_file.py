"""Case and proposal files: strict reading with the path of the bad field, and writing that never varies."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from engine.errors import AppError
from engine.rebalance.case import Case
from engine.rebalance.proposal import Proposal

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes; AppError when there is no such file or it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise AppError("there is no such file", detail=str(path), hint="Check the name and the folder.") from None
    except OSError as error:
        raise AppError("the file cannot be read", detail=f"{path}: {error.strerror}") from None


def decode_case(content: bytes, name: str) -> Case:
    """Return the case in `content`; AppError with the path of the first bad field. `name` is for the message."""
    return _decode(content, name, Case)


def decode_proposal(content: bytes, name: str) -> Proposal:
    """Return the proposal in `content`; AppError with the path of the first bad field."""
    return _decode(content, name, Proposal)


def _decode(content: bytes, name: str, kind: type[T]) -> T:
    if not content.strip():
        raise AppError("the file is empty", detail=name, hint="Give a JSON document.")
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        hint = "`plimsoll schema case` prints what a case holds." if kind is Case else ""
        raise AppError(f"not a {kind.__name__.lower()} file", detail=f"{name}: {error}", hint=hint) from None
    except UnicodeDecodeError:
        raise AppError("not a JSON file", detail=f"{name}: it is not text in UTF-8") from None


def unknown_keys(content: bytes) -> tuple[str, ...]:
    """Return the paths in a case file that are no key of a case: read over, and said so."""
    schema = msgspec.json.schema(Case)
    return tuple(_unknown(msgspec.json.decode(content), schema, schema["$defs"], ""))


def _unknown(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any], path: str) -> Iterator[str]:
    if "anyOf" in schema:
        options = [s for s in schema["anyOf"] if s.get("type") != "null"]
        schema = options[0] if len(options) == 1 else {}
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[-1]]
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            place = f"{path}.{key}" if path else key
            if key in schema["properties"]:
                yield from _unknown(item, schema["properties"][key], definitions, place)
            else:
                yield place
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for i, item in enumerate(value):
            yield from _unknown(item, schema["items"], definitions, f"{path}[{i}]")


def encode(value: object) -> bytes:
    """Return a case, proposal or reading as JSON, indented, with a final newline; the same bytes each time."""
    return msgspec.json.format(_ENCODER.encode(value), indent=1) + b"\n"


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def json_schema(kind: type[Any]) -> bytes:
    """Return the JSON Schema of a type."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(kind)), indent=1) + b"\n"
