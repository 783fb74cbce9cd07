"""What the graph itself says, in the language of the question: never about a mail, only about what it did."""

from __future__ import annotations

_WAITS = {
    "en": "The draft still waits for your review.",
    "es": "El borrador sigue esperando tu revisión.",
    "pt": "O rascunho ainda espera a sua revisão.",
}
OUTCOMES = {
    "sent": {"en": "The reply was sent.", "es": "La respuesta se envió.", "pt": "A resposta foi enviada."},
    "discarded": {
        "en": "The draft was discarded.",
        "es": "El borrador se descartó.",
        "pt": "O rascunho foi descartado.",
    },
    "uncertain": {
        "en": "It is not known yet whether the reply went out; it is being looked up in Sent mail.",
        "es": "Aún no se sabe si la respuesta salió; se está comprobando en Enviados.",
        "pt": "Ainda não se sabe se a resposta saiu; está sendo verificada nos Enviados.",
    },
    "draft": _WAITS,
    "approved": _WAITS,
    "sending": _WAITS,
}
STOPPED = {
    "en": "I stopped: the language model kept calling tools and came to no answer. Nothing was sent.",
    "es": "Me detuve: el modelo de lenguaje siguió llamando herramientas sin llegar a una respuesta. No se envió nada.",
    "pt": "Parei: o modelo de linguagem continuou chamando ferramentas sem chegar a uma resposta. Nada foi enviado.",
}
EMPTY = {
    "en": "The language model gave no answer that could be checked. Please ask again or in other words.",
    "es": "El modelo de lenguaje no dio ninguna respuesta que se pudiera comprobar. Pregunta de nuevo o con otras palabras.",
    "pt": "O modelo de linguagem não deu nenhuma resposta que pudesse ser verificada. Pergunte de novo ou com outras palavras.",
}
DRAFTED = {
    "en": "A draft is stored. Nothing is sent until you review and approve it.",
    "es": "Hay un borrador guardado. No se envía nada hasta que lo revises y lo apruebes.",
    "pt": "Há um rascunho guardado. Nada é enviado até que você o revise e aprove.",
}
OUT_OF_TIME = {
    "en": "I stopped: the language model took longer than {seconds} seconds for this answer. Ask again, or about less at once.",
    "es": "Me detuve: el modelo de lenguaje tardó más de {seconds} segundos en esta respuesta. Pregunta de nuevo, o sobre menos a la vez.",
    "pt": "Parei: o modelo de linguagem demorou mais de {seconds} segundos nesta resposta. Pergunte de novo, ou sobre menos de uma vez.",
}
OUT_OF_TOKENS = {
    "en": "I stopped: this answer would have used more than the {tokens} tokens that one may use. Ask about one customer, or about a shorter period.",
    "es": "Me detuve: esta respuesta habría gastado más de los {tokens} tokens permitidos. Pregunta por un solo cliente o por un periodo más corto.",
    "pt": "Parei: esta resposta teria gasto mais do que os {tokens} tokens permitidos. Pergunte sobre um só cliente ou sobre um período mais curto.",
}
# what an answer ended with, as the endpoint says; None: it did not say
ENDINGS: dict[str | None, dict[str, str]] = {
    "length": {
        "en": "(The language model's answer ends here because it was too long.)",
        "es": "(La respuesta del modelo de lenguaje termina aquí porque era demasiado larga.)",
        "pt": "(A resposta do modelo de linguagem termina aqui porque era longa demais.)",
    },
    "content_filter": {
        "en": "(The provider of the language model withheld its answer, or the rest of it.)",
        "es": "(El proveedor del modelo de lenguaje retuvo su respuesta, o el resto de ella.)",
        "pt": "(O fornecedor do modelo de linguagem reteve a sua resposta, ou o resto dela.)",
    },
    None: {
        "en": "(The language model did not say that its answer is complete.)",
        "es": "(El modelo de lenguaje no indicó que su respuesta esté completa.)",
        "pt": "(O modelo de linguagem não indicou que a sua resposta está completa.)",
    },
}
