"""Google's OAuth scopes, and which of them each method takes."""

_AUTH = "https://www.googleapis.com/auth/"
FULL = "https://mail.google.com/"
READONLY = f"{_AUTH}gmail.readonly"
SEND = f"{_AUTH}gmail.send"
MODIFY = f"{_AUTH}gmail.modify"
COMPOSE = f"{_AUTH}gmail.compose"
METADATA = f"{_AUTH}gmail.metadata"
LABELS = f"{_AUTH}gmail.labels"
SETTINGS = f"{_AUTH}gmail.settings.basic"
EMAIL = f"{_AUTH}userinfo.email"
PROFILE = f"{_AUTH}userinfo.profile"
_SHORT = {"email": EMAIL, "profile": PROFILE}

KNOWN = frozenset({
    FULL, READONLY, SEND, MODIFY, COMPOSE, METADATA, LABELS, SETTINGS, EMAIL, PROFILE, "openid", "email", "profile",
})  # fmt: skip

READS = frozenset({FULL, MODIFY, READONLY})
READS_METADATA = READS | {METADATA}
PROFILES = READS_METADATA | {COMPOSE}
READS_LABELS = READS_METADATA | {LABELS}
READS_SETTINGS = READS | {SETTINGS}
SENDS = frozenset({FULL, MODIFY, COMPOSE, SEND})
MODIFIES = frozenset({FULL, MODIFY})
DELETES = frozenset({FULL})
READS_DRAFTS = READS | {COMPOSE}
WRITES_DRAFTS = frozenset({FULL, MODIFY, COMPOSE})


def expand(scope: str) -> frozenset[str]:
    """A space-separated scope parameter; `email` and `profile` become their long names, as in Google's answers."""
    return frozenset(_SHORT.get(name, name) for name in scope.split())
