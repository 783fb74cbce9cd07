"""The pages a Slack user's browser sees while linking: plain HTML, no scripts."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>LealUp · Slack</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1.25rem;cursor:pointer}}small{{opacity:.7}}
@media (prefers-color-scheme:dark){{body{{background:#111;color:#eee}}}}</style>
</head><body><h1>{title}</h1>{body}</body></html>"""


def confirm_page(*, slack_name: str, team_id: str, email: str, code: str) -> str:
    """Names both sides, and asks."""
    return _page(
        "Link Slack with LealUp?",
        f"<p>The Slack user <strong>{escape(slack_name)}</strong> (workspace {escape(team_id)}) will be "
        f"able to ask about the mail of <strong>{escape(email)}</strong> and to send replies from it.</p>"
        "<p>Link only your own Slack user.</p>"
        f'<form method="post"><input type="hidden" name="code" value="{escape(code)}">'
        "<button>Link</button></form>",
    )


def linked_page(*, slack_name: str, email: str) -> str:
    return _page(
        "Linked",
        f"<p>The Slack user <strong>{escape(slack_name)}</strong> is linked to "
        f"<strong>{escape(email)}</strong>. Go back to Slack and repeat your command.</p>",
    )


def refused_page(sentence: str, *, trace: str) -> str:
    return _page("Not linked", f"<p>{escape(sentence)}</p><p><small>Trace id {escape(trace)}</small></p>")


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=title, body=body)
