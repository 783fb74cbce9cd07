"""The consent page: which account, which permissions, allow or deny."""

from collections.abc import Iterable, Mapping
from html import escape

from sandbox.gmail import scopes

_MEANINGS = {
    scopes.FULL: "Read, compose, send, and permanently delete all your email",
    scopes.READONLY: "View your email messages and settings",
    scopes.SEND: "Send email on your behalf",
    scopes.MODIFY: "Read, compose, and send emails",
    scopes.COMPOSE: "Manage drafts and send emails",
    scopes.METADATA: "View your email message metadata",
    scopes.LABELS: "See and edit your email labels",
    scopes.SETTINGS: "See and edit your email settings",
    scopes.EMAIL: "See your email address",
    scopes.PROFILE: "See your personal info",
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
label{{display:block;margin:.4rem 0}}button{{font:inherit;padding:.4rem 1.2rem;margin:1rem .5rem 0 0}}</style></head>
<body><h1>{title}</h1>{content}</body></html>"""


def consent_page(
    *, client_id: str, accounts: Iterable[str], chosen: str, asked: Iterable[str], request: Mapping[str, str]
) -> str:
    """A form that posts the request back with `account`, the `granted` scopes and the `decision`."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in request.items()
    )
    options = "".join(
        f"<option{' selected' if account == chosen else ''}>{escape(account)}</option>" for account in accounts
    )
    boxes = "".join(
        f'<label><input type="checkbox" name="granted" value="{escape(scope)}" checked> '
        f"{escape(_MEANINGS.get(scope, scope))}</label>"
        for scope in sorted(asked)
    )
    return _PAGE.format(
        title="Sandbox Google: sign in",
        content=f"<p><b>{escape(client_id)}</b> wants access to a sandbox account.</p>"
        f'<form method="post" action="/o/oauth2/v2/auth">{hidden}'
        f'<label>Account <select name="account">{options}</select></label>{boxes}'
        '<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>',
    )


def error_page(error: str, description: str) -> str:
    """What Google shows instead of redirecting to an address it does not trust."""
    content = f"<p>Error 400: {escape(error)}</p><p>{escape(description)}</p>"
    return _PAGE.format(title="Access blocked", content=content)
