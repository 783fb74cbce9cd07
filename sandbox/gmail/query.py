"""Gmail's search language (`q`) as a tree. What it does not know fails: Gmail's silence would hide a wrong query.

https://support.google.com/mail/answer/7190
"""

import re
from dataclasses import dataclass

OPERATORS = frozenset({
    "from", "to", "cc", "bcc", "subject", "after", "before", "newer", "older", "newer_than", "older_than", "in",
    "label", "is", "has", "filename", "rfc822msgid",
})  # fmt: skip

_OPERATOR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):")
_BARE = re.compile(r'[^\s(){}"]+')


class QueryError(ValueError):
    """The query is not understood; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One word, phrase or address, to be found anywhere (`operator` empty) or where the operator says."""

    operator: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Every:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True)
class Either:
    nodes: tuple["Node", ...]


@dataclass(frozen=True, kw_only=True)
class Negated:
    node: "Node"


Node = Term | Every | Either | Negated


def parse(query: str) -> Every:
    """Raises `QueryError`. OR binds tighter than the implicit AND, as in Gmail."""
    parser = _Parser(query)
    nodes = parser.sequence(closing="", operator="")
    return Every(nodes=nodes)


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._at = 0

    def sequence(self, *, closing: str, operator: str) -> tuple[Node, ...]:
        """Everything up to `closing` (the end of the query when empty); words in it belong to `operator`."""
        nodes: list[Node] = []
        while not self._closes(closing):
            if self._takes_word("AND"):
                continue
            if self._takes_word("OR"):
                if not nodes or self._ends(closing):
                    raise QueryError("OR needs something on both sides")
                right = self._node(operator)
                left = nodes.pop()
                alternatives = left.nodes if isinstance(left, Either) else (left,)
                nodes.append(Either(nodes=(*alternatives, right)))
            else:
                nodes.append(self._node(operator))
        return tuple(nodes)

    def _node(self, operator: str) -> Node:
        self._skip_spaces()
        character = self._query[self._at : self._at + 1]
        if character == "-" and self._query[self._at + 1 : self._at + 2].strip():
            self._at += 1
            return Negated(node=self._node(operator))
        if character in ("(", "{"):
            return self._group(operator)
        if character == '"':
            return Term(operator=operator, value=self._quoted())
        if character in (")", "}"):
            raise QueryError(f"unexpected {character!r}")
        name = _OPERATOR.match(self._query, self._at)
        if name is None:
            return Term(operator=operator, value=self._bare())
        if operator:
            raise QueryError(f"{name[1]}: inside {operator}:( )")
        self._at = name.end()
        return self._operation(name[1].lower())

    def _operation(self, operator: str) -> Node:
        if operator not in OPERATORS:
            raise QueryError(f"unknown search operator {operator}:")
        character = self._query[self._at : self._at + 1]
        if not character.strip() or character in ")}":
            raise QueryError(f"{operator}: needs a value")
        if character in "({":
            return self._group(operator)
        return Term(operator=operator, value=self._quoted() if character == '"' else self._bare())

    def _group(self, operator: str) -> Node:
        opening = self._query[self._at]
        self._at += 1
        nodes = self.sequence(closing=")" if opening == "(" else "}", operator=operator)
        if not nodes:
            raise QueryError("empty group")
        return Every(nodes=nodes) if opening == "(" else Either(nodes=nodes)

    def _quoted(self) -> str:
        end = self._query.find('"', self._at + 1)
        if end < 0:
            raise QueryError("unclosed quotation mark")
        value = self._query[self._at + 1 : end]
        self._at = end + 1
        return value

    def _bare(self) -> str:
        match = _BARE.match(self._query, self._at)
        if match is None:
            raise QueryError("a value is missing")
        self._at = match.end()
        return match[0]

    def _closes(self, closing: str) -> bool:
        self._skip_spaces()
        if self._at >= len(self._query):
            if closing:
                raise QueryError(f"missing {closing!r}")
            return True
        if closing and self._query[self._at] == closing:
            self._at += 1
            return True
        return False

    def _ends(self, closing: str) -> bool:
        self._skip_spaces()
        return self._at >= len(self._query) or self._query[self._at] == closing

    def _takes_word(self, word: str) -> bool:
        match = _BARE.match(self._query, self._at)
        if match is None or match[0] != word:
            return False
        self._at = match.end()
        return True

    def _skip_spaces(self) -> None:
        while self._at < len(self._query) and self._query[self._at].isspace():
            self._at += 1
