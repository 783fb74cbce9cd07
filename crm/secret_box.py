"""Encryption at rest for OAuth tokens and PKCE verifiers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from crm.errors import SettingError


class SecretBox:
    """Fernet (AES-128-CBC + HMAC-SHA256) with key rotation: the first key encrypts, every key decrypts.

    `newest` reads the keys again: a process that runs while another one rotates them goes on with the new ones.
    """

    def __init__(self, keys: Sequence[str], *, newest: Callable[[], Sequence[str]] | None = None) -> None:
        self._fernet, self._newest = _fernet(keys), newest

    def seal(self, plain: str) -> str:
        self._reload()
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `SettingError` when no configured key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            self._reload()
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SettingError(
                "no key fits",
                sentence="LEALUP_SECRET_KEY does not fit the stored Gmail tokens.",
                next_step="Put the former key back (several keys, newest first, rotate them), or reconnect Gmail.",
            ) from None

    def reseal(self, sealed: str) -> str:
        """The same secret under the newest key. Raises `SettingError` when no configured key fits."""
        return self.seal(self.open(sealed))

    def _reload(self) -> None:
        if self._newest is not None:
            self._fernet = _fernet(self._newest())


def _fernet(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
