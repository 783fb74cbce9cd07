"""Every tool the assistant has. A new tool is a new file and a line here."""

from __future__ import annotations

from langchain_core.tools import BaseTool

from tools.attachments import list_attachments
from tools.customers import list_customers
from tools.draft_reply import draft_reply
from tools.health import customer_health
from tools.mentions import scan_mentions
from tools.search import search_mail
from tools.thread import read_thread
from tools.timeline import read_timeline


def all_tools() -> list[BaseTool]:
    return [
        search_mail,
        read_timeline,
        scan_mentions,
        read_thread,
        list_attachments,
        list_customers,
        customer_health,
        draft_reply,
    ]
