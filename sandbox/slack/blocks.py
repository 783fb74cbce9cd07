"""The limits Slack puts on Block Kit, as far as an app could trip over them."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.workspace import SlackError

_TEXT_LIMITS = {
    "section": 3000,
    "header": 150,
    "button": 75,
    "confirm": 300,
    "title": 24,
    "option": 75,
}
_VALUE_LIMIT, _ID_LIMIT, _METADATA_LIMIT = 2000, 255, 3000
_BLOCK_TYPES = (
    "actions",
    "alert",
    "auth_provider",
    "call",
    "card",
    "carousel",
    "container",
    "context",
    "context_actions",
    "divider",
    "file",
    "header",
    "image",
    "input",
    "markdown",
    "plan",
    "rich_text",
    "section",
    "table",
    "task_card",
    "video",
)


def check_blocks(blocks: Any, *, most: int = 50) -> None:
    """Raises SlackError `invalid_blocks` with one message a fault."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    faults = [f"no more than {most} items allowed [json-pointer:/blocks]"] if len(blocks) > most else []
    for index, block in enumerate(blocks):
        faults += [f"{fault} [json-pointer:/blocks/{index}]" for fault in _block_faults(block)]
    ids = [element["action_id"] for element in elements(blocks) if "action_id" in element]
    faults += [f"`action_id` {repeated} already exists" for repeated in {i for i in ids if ids.count(i) > 1}]
    if faults:
        raise SlackError("invalid_blocks", tuple(faults))


def check_view(view: Any) -> None:
    """Raises SlackError `invalid_arguments` or `invalid_blocks`."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise SlackError("invalid_arguments", ("unsupported type [json-pointer:/view/type]",))
    faults = []
    if view["type"] == "modal" and not 0 < len(_text(view.get("title"))) <= _TEXT_LIMITS["title"]:
        faults.append("must be 1 to 24 characters [json-pointer:/view/title]")
    if len(view.get("private_metadata", "")) > _METADATA_LIMIT:
        faults.append("must be at most 3000 characters [json-pointer:/view/private_metadata]")
    kinds = {block.get("type") for block in view.get("blocks") or [] if isinstance(block, dict)}
    if "input" in kinds and not view.get("submit"):
        faults.append("an input block needs a submit button [json-pointer:/view/submit]")
    if faults:
        raise SlackError("invalid_arguments", tuple(faults))
    check_blocks(view.get("blocks"), most=100)


def elements(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every interactive element with the `block_id` it stands in."""
    for block in blocks:
        found = [*(block.get("elements") or []), block.get("accessory"), block.get("element")]
        for element in found:
            if isinstance(element, dict) and "action_id" in element:
                yield {**element, "block_id": block.get("block_id", "")}


def _block_faults(block: dict[str, Any]) -> Iterator[str]:
    kind = block.get("type")
    if kind not in _BLOCK_TYPES:
        yield f"unsupported type: {kind}"
    if len(block.get("block_id", "")) > _ID_LIMIT:
        yield "`block_id` must be at most 255 characters"
    if kind == "section" and not (_text(block.get("text")) or block.get("fields")):
        yield "missing required field: text"
    if kind == "header" and (block.get("text") or {}).get("type") != "plain_text":
        yield "the text of a header must be plain_text"
    if kind in ("section", "header"):
        yield from _length_faults(kind, block.get("text"))
    if kind == "actions" and not 0 < len(block.get("elements") or []) <= 25:
        yield "actions need 1 to 25 elements"
    if kind == "context" and not 0 < len(block.get("elements") or []) <= 10:
        yield "context needs 1 to 10 elements"
    for element in elements([block]):
        yield from _element_faults(element)


def _element_faults(element: dict[str, Any]) -> Iterator[str]:
    if len(element["action_id"]) > _ID_LIMIT:
        yield "`action_id` must be at most 255 characters"
    if element.get("type") == "button":
        yield from _length_faults("button", element.get("text"), required=True)
        if len(element.get("value", "")) > _VALUE_LIMIT:
            yield "`value` must be at most 2000 characters"
        if element.get("style") not in (None, "primary", "danger"):
            yield "`style` must be primary or danger"
    for option in element.get("options") or []:
        yield from _length_faults("option", option.get("text"), required=True)
    confirm = element.get("confirm")
    if confirm is not None:
        yield from _length_faults("confirm", confirm.get("text"), required=True)
        if len(_text(confirm.get("title"))) > 100:
            yield "the title of confirm must be at most 100 characters"
        if max(len(_text(confirm.get("confirm"))), len(_text(confirm.get("deny")))) > 30:
            yield "a button of confirm must be at most 30 characters"


def _length_faults(kind: str, text: Any, *, required: bool = False) -> Iterator[str]:
    if required and not _text(text):
        yield f"the text of {kind} is missing"
    if len(_text(text)) > _TEXT_LIMITS[kind]:
        yield f"the text of {kind} must be at most {_TEXT_LIMITS[kind]} characters"


def _text(value: Any) -> str:
    return str(value.get("text", "")) if isinstance(value, dict) else ""
