"""Scripts of the model: ordered rules read from YAML or JSON, or one of the built-in models by name."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter, ValidationError

from sandbox.openai import template
from sandbox.openai.assistant import Assistant
from sandbox.openai.conversation import Conversation
from sandbox.openai.hostile import Hostile
from sandbox.openai.malformed import Malformed
from sandbox.openai.reply import Model, NoRuleError, Reply

BUILT_IN: dict[str, type[Model]] = {"assistant": Assistant, "hostile": Hostile, "malformed": Malformed}


class ScriptError(ValueError):
    """The script cannot be read; the message is one sentence for a person."""


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regex: {error}") from error
    return value


def _template(reply: Reply) -> Reply:
    template.check(reply.model_dump())
    return reply


Regex = Annotated[str, AfterValidator(_regex)]


class When(BaseModel):
    """All given conditions must hold; none given always holds. Regexes are searched for, ignoring case.

    `tool` is the tool whose result is the last message; `turn` is 1 for the first reply to the last question.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    last_user: Regex | None = None
    system: Regex | None = None
    last_role: Literal["user", "tool", "assistant", "system", "developer"] | None = None
    tool: str | None = None
    turn: int | None = None
    has_tools: bool | None = None

    def holds(self, conversation: Conversation) -> bool:
        return (
            _found(self.last_user, conversation.last_user)
            and _found(self.system, conversation.system)
            and self.last_role in (None, conversation.last_role)
            and self.tool in (None, conversation.last_tool)
            and self.turn in (None, conversation.turn)
            and self.has_tools in (None, bool(conversation.tools))
        )


class Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    when: When = When()
    reply: Annotated[Reply, AfterValidator(_template)]
    once: bool = False


class Rules(BaseModel):
    """A script file: the rules, and who answers when none matches (`error`: a 400 saying so)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[Rule, ...]
    otherwise: Literal["error", "assistant", "hostile", "malformed"] = "error"


class Script:
    """The first rule that holds answers; a `once` rule answers a single time."""

    def __init__(self, rules: Rules) -> None:
        self._rules = list(rules.rules)
        self._otherwise = None if rules.otherwise == "error" else BUILT_IN[rules.otherwise]()

    def reply(self, conversation: Conversation) -> Reply:
        for rule in self._rules:
            if rule.when.holds(conversation):
                if rule.once:
                    self._rules.remove(rule)
                return template.rendered(rule.reply, conversation)
        if self._otherwise is None:
            raise NoRuleError("The script has no rule for this request.")
        return self._otherwise.reply(conversation)


def load(name_or_path: str | None) -> Model:
    """The built-in model of that name, else the script file; None is the assistant. Raises ScriptError."""
    if name_or_path is None:
        return Assistant()
    if name_or_path in BUILT_IN:
        return BUILT_IN[name_or_path]()
    try:
        return parse(Path(name_or_path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"The script {name_or_path} cannot be read: {error}") from error


def parse(text: str) -> Model:
    """YAML or JSON: a list of rules, `{rules, otherwise}`, or a built-in model's name. Raises ScriptError."""
    try:
        return from_value(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ScriptError(f"The script is neither YAML nor JSON: {error}") from error


def from_value(value: Any) -> Model:
    """As `parse`, from the parsed value."""
    if isinstance(value, str) and value in BUILT_IN:
        return BUILT_IN[value]()
    if isinstance(value, list):
        value = {"rules": value}
    try:
        return Script(TypeAdapter(Rules).validate_python(value))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "script"
        raise ScriptError(f"The script is wrong at {place}: {first['msg']}") from error


def _found(regex: str | None, text: str) -> bool:
    return regex is None or re.search(regex, text, re.IGNORECASE) is not None
