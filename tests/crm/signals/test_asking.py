"""Which mails want something."""

from __future__ import annotations

import pytest

from crm.signals.asking import asks_something


@pytest.mark.parametrize(
    "text",
    [
        "Could you send the invoice again?",
        "Please add two seats.",
        "Necesitamos la factura antes del viernes.",
        "Quedo a la espera de vuestra respuesta.",
        "Preciso da nota fiscal até sexta.",
        "Let me know what you think",
    ],
)
def test_a_request(text: str) -> None:
    assert asks_something(text)


@pytest.mark.parametrize("text", ["Thanks, that was it.", "Perfecto, muchas gracias.", "Recebido, obrigada!", ""])
def test_a_closing(text: str) -> None:
    assert not asks_something(text)
