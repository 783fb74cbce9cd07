"""How well a mail is understood: MIME, new text, language, tone and critical words, each part with its own threshold."""
