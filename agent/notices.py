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
