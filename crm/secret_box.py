"""Encryption at rest for OAuth tokens and PKCE verifiers."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from crm.errors import SettingError


class SecretBox:
    """Fernet (AES-128-CBC + HMAC-SHA256) with key rotation: the first key encrypts, every key decrypts."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, plain: str) -> str:
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises `SettingError` when no configured key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise SettingError(
                "no key fits",
                sentence="LEALUP_SECRET_KEY does not fit the stored Gmail tokens.",
                next_step="Put the former key back (several keys, newest first, rotate them), or reconnect Gmail.",
            ) from None
