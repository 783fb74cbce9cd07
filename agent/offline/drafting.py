"""A reply without a language model: the request's intents, one sentence each, in the language of the mail.

Of the mail itself only the sender's name, the language and the subject are used. What a request says in another
language and the tables do not know is left as a placeholder for the human who reviews the draft.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from agent.offline.phrases import action, apart, clause, join, modifiers, plain, translate
from crm.mails import StoredMail
from crm.signals.language import LANGUAGES, Language

_MAX_PARAGRAPHS = 3
_MAX_NAME, _MAX_SUBJECT, _MAX_WORDS, _MAX_READ = 40, 80, 400, 1000

# Kind: what opens an intent as a gerund (anywhere), and as an order or infinitive (after "and", a comma or the start).
_CUES: dict[Language, tuple[tuple[str, str, str], ...]] = {
    "en": (
        ("apologise", r"apologi[sz]ing|saying sorry|an apology", r"apologi[sz]e|say sorry"),
        ("decline", r"declining|refusing|turning down|rejecting|saying no(?: to)?",
         r"decline|refuse|turn down|reject|say no(?: to)?"),
        ("thank", r"thanking|saying (?:thanks|thank you)|a (?:\w+ )?thank[- ]you(?: note| e-?mail| mail| reply"
         r"| message)?",
         r"thank|say (?:thanks|thank you)"),
        ("ask", r"asking|requesting|inquiring|enquiring", r"ask|request"),
        ("propose", r"proposing|suggesting|(?:scheduling|booking|arranging)(?= an? )",
         r"propose|suggest|(?:schedule|book|arrange|set up)(?= an? )"),
        ("confirm", r"confirming", r"confirm"),
        ("promise", r"promising", r"promise"),
        ("say", r"saying|telling|informing|explaining|mentioning|noting|reassuring|letting \w+ know|clarifying",
         r"say|tell|inform|explain|mention|reassure|let \w+ know|clarify"),
        ("send", r"sending|attaching|enclosing|forwarding|sharing", r"send|attach|enclose|forward|share"),
        ("congratulate", r"congratulating", r"congratulate"),
        ("chase", r"following up|chasing(?: up)?|checking in|a (?:\w+ )?follow-?up(?: note| e-?mail| mail| "
         r"reply| message)?", r"follow up|chase(?: up)?|check in"),
        ("remind", r"reminding", r"remind"),
        ("wish", r"wishing", r"wish"),
        ("accept", r"accepting|agreeing", r"accept|agree"),
        ("invite", r"inviting", r"invite"),
        ("offer", r"offering", r"offer"),
    ),
    "es": (
        ("apologise", r"disculpando(?:te|se|me|nos)|pidiendo(?:le|les)? (?:disculpas|perdon)|lamentando|de disculpas?",
         r"disculpate|se disculpe|disculpar(?:te|se|me|nos)|(?:pide|pida|pedir)(?:le|les)? (?:disculpas"
         r"|perdon)|lamentar?"),
        ("decline", r"rechazando(?:lo|la)?|declinando|diciendo(?:le|les)? que no a",
         r"rechaz(?:a|ar|e)|declin(?:a|ar|e)"),
        ("thank", r"agradeciendo(?:le|les|lo)?|dando(?:le|les)? (?:las )?gracias|(?:de|con) agradecimiento",
         r"agradec(?:e|er|ele|eles|erle|erles)|agradezca(?:le)?|(?:da|dar|de)(?:le|les)? las gracias"),
        ("ask", r"(?:pidiendo|preguntando|solicitando)(?:le|les|lo)?",
         r"(?:pide|pida|pedir|preguntar?|pregunte|solicitar?|solicite)(?:le|les)?"),
        ("propose", r"(?:proponiendo|sugiriendo)(?:le|les)?|agendando(?= una )",
         r"(?:propon|propone|proponer|sugiere|sugerir|proponga|sugiera)(?:le|les)?|(?:agendar?|programar?)(?= una )"),
        ("confirm", r"confirmando(?:le|les)?", r"(?:confirmar?|confirme)(?:le|les)?"),
        ("promise", r"prometiendo(?:le|les)?", r"(?:promete|prometer|prometa)(?:le|les)?"),
        ("say", r"(?:diciendo|informando|comentando|explicando|contando|avisando|indicando|comunicando"
         r"|aclarando)(?:le|les|lo)?",
         r"(?:di|diga|decir|informar?|informe|comentar?|comente|explicar?|explique|cuenta|contar|avisar?|avise"
         r"|aclarar?)(?:le|les|lo)?"),
        ("send", r"(?:enviando|adjuntando|mandando)(?:le|les)?",
         r"(?:envia|enviar|envie|adjuntar?|adjunte|mandar?|mande)(?:le|les)?"),
        ("congratulate", r"felicitando(?:le|les|la|lo)?|dando(?:le|les)? la enhorabuena|de felicitacion",
         r"(?:felicitar?|felicite)(?:le|les|la|lo)?|(?:da|dar)(?:le)? la enhorabuena"),
        ("chase", r"(?:haciendo|dando)(?:le)? (?:un )?seguimiento|retomando|reclamando|de seguimiento",
         r"(?:haz|hacer|haga|da|dar|de)(?:le)? (?:un )?seguimiento|retomar?|retome|reclamar?"),
        ("remind", r"recordando(?:le|les)?", r"(?:recuerda|recordar|recuerde)(?:le|les)?"),
        ("wish", r"deseando(?:le|les)?", r"(?:desear?|desee)(?:le|les)?"),
        ("accept", r"aceptando(?:lo|la)?", r"aceptar?|acepte"),
        ("invite", r"invitando(?:le|les|la|lo|los)?", r"(?:invitar?|invite)(?:le|les|la|lo|los)?"),
        ("offer", r"ofreciendo(?:le|les)?", r"(?:ofrece|ofrecer|ofrezca)(?:le|les)?"),
    ),
    "pt": (
        ("apologise", r"pedindo(?:-lhes?)? (?:desculpas?|perdao)|desculpando-(?:se|me|nos|te)|lamentando|de desculpas?",
         r"pe(?:ca|de|dir)(?:-lhes?)? (?:desculpas?|perdao)|desculp(?:e|ar)-(?:se|me|nos)|se desculpe|lament(?:e|ar)"),
        ("decline", r"recusando|declinando|rejeitando", r"recus(?:e|a|ar)|declin(?:e|a|ar)|rejeit(?:e|a|ar)"),
        ("thank", r"agradecendo(?:-lhes?)?|(?:de|com) agradecimento", r"agradec(?:a|e|er)(?:-lhes?)?"),
        ("ask", r"(?:pedindo|perguntando|solicitando)(?:-lhes?)?",
         r"(?:peca|pede|pedir|pergunt(?:e|a|ar)|solicit(?:e|a|ar))(?:-lhes?)?"),
        ("propose", r"(?:propondo|sugerindo)(?:-lhes?)?|(?:marcando|agendando)(?= uma )",
         r"(?:propo(?:nha|e|r)|sug(?:ira|ere|erir))(?:-lhes?)?|(?:mar(?:car?|que)|agend(?:e|ar?))(?= uma )"),
        ("confirm", r"confirmando(?:-lhes?)?", r"confirm(?:e|a|ar)(?:-lhes?)?"),
        ("promise", r"prometendo(?:-lhes?)?", r"promet(?:a|e|er)(?:-lhes?)?"),
        ("say", r"(?:dizendo|informando|explicando|avisando|comentando|contando|comunicando"
         r"|esclarecendo)(?:-lhes?|-[ao])?",
         r"(?:di(?:ga|z|zer)|inform(?:e|a|ar)|expli(?:que|ca|car)|avis(?:e|a|ar)|comuni(?:que|ca|car)"
         r"|esclare(?:ca|ce|cer))(?:-lhes?|-[ao])?"),
        ("send", r"(?:enviando|anexando|mandando|encaminhando)(?:-lhes?)?",
         r"(?:envi(?:e|a|ar)|anex(?:e|a|ar)|mand(?:e|a|ar)|encaminh(?:e|a|ar))(?:-lhes?)?"),
        ("congratulate", r"(?:parabenizando|felicitando)(?:-[ao]|-lhe)?|dando(?:-lhe)? (?:os )?parabens",
         r"(?:parabeniz|felicit)(?:e|a|ar)(?:-[ao]|-lhe)?|d(?:e|ar?)(?:-lhe)? (?:os )?parabens"),
        ("chase", r"fazendo (?:um |o )?(?:follow-?up|acompanhamento)|dando (?:seguimento|sequencia)|cobrando"
         r"|retomando|de (?:acompanhamento|follow-?up)",
         r"fa(?:ca|zer) (?:um |o )?(?:follow-?up|acompanhamento)|d(?:e|ar?) (?:seguimento|sequencia)|cobr(?:e"
         r"|ar?)|retom(?:e|ar?)"),
        ("remind", r"lembrando(?:-lhe|-[ao])?", r"lembr(?:e|ar?)(?:-lhe|-[ao])?"),
        ("wish", r"desejando(?:-lhes?)?", r"desej(?:e|ar?)(?:-lhes?)?"),
        ("accept", r"aceitando", r"aceit(?:e|ar?)"),
        ("invite", r"convidando(?:-[ao]s?)?", r"convid(?:e|ar?)(?:-[ao]s?)?"),
        ("offer", r"oferecendo(?:-lhes?)?", r"ofere(?:ca|ce|cer)(?:-lhes?)?"),
    ),
}  # fmt: skip
# Speech acts go on after "and" whatever came before; the rest may belong to what somebody else is asked or told.
_SPEECH = frozenset({"thank", "ask", "apologise", "congratulate", "say", "remind", "wish"})
_OPEN = frozenset({"ask", "say", "remind", "propose", "promise", "invite", "offer"})
_DIRECT = re.compile(r"([A-ZÀ-Ý][\w'-]+) to |(?:can|could|would|will|do|does|did|is|are|have|has) ")
_TELLING = frozenset({"say", "confirm", "remind", "promise"})
_NOT_A_CUE = re.compile(
    r"(?:\b(?:for|by|before|after|of|on|about|with|from|is|are|was|were|be|been|am|keep|keeps|esta|estan|estamos|estoy"
    r"|sigue|seguimos|estao|estou|segue|continuamos)|'re|'m)$"
)
_WITHOUT = re.compile(r"\b(?:without|not|don't|do not|never|sin|no|sem|nao)$")
_JOINS = re.compile(
    r"(?:^|[,;.:]|\b(?:and|then|also|just|please|y|e|tambien|tambem|solo|luego|apenas|depois|por favor)(?: to| para)?)$"
)
_TO = re.compile(r"\b(?:to|para|that|which|que)$")
# "... that we will check the logs and confirm", "to send the logs and confirm": what follows "and" is still theirs.
_GOES_ON = re.compile(
    r"\b(?:to|will|can|could|would|shall|going|que|para|vamos|podemos|puede|podria|pode|poderia)\b|'ll\b"
)

# (kind, form) -> the sentence in each language. {x} is the object; {por} and {a} put that word before it.
_SENTENCES: dict[tuple[str, str], tuple[str, str, str]] = {
    ("thank", "noun"): ("Thank you for {x}.", "Gracias por {x}.", "Agradeço {por}."),
    ("thank", "clause"): ("Thank you that {x}.", "Le agradezco que {x}.", "Agradeço que {x}."),
    ("thank", "bare"): ("Thank you for your message.", "Gracias por su mensaje.", "Agradeço pela sua mensagem."),
    ("ask", "action"): ("Could you please {x}?", "¿Podría {x}, por favor?", "Poderia {x}, por favor?"),
    ("ask", "clause"): ("Could I please ask that {x}?", "Le pido, por favor, que {x}.", "Peço, por favor, que {x}."),
    ("ask", "question"): ("Could you let me know {x}?", "¿Podría decirme {x}?", "Poderia me dizer {x}?"),
    ("ask", "direct"): ("{x}?", "¿{x}?", "{x}?"),
    ("ask", "noun"): ("I would like to ask you for {x}.", "Quisiera pedirle {x}.", "Gostaria de lhe pedir {x}."),
    ("ask", "about"): ("I would like to ask you about {x}.", "Quisiera preguntarle por {x}.",
     "Gostaria de perguntar sobre {x}."),
    ("call", "when"): ("Could we have {x}?", "¿Podríamos tener {x}?", "Podemos marcar {x}?"),
    ("call", "open"): (
        "Could we have {x}? Please let me know which day and time would suit you.",
        "¿Podríamos tener {x}? Por favor, indíqueme qué día y hora le vienen bien.",
        "Podemos marcar {x}? Por favor, me diga qual dia e horário são melhores para você.",
    ),
    ("propose", "noun"): ("I would like to propose {x}.", "Me gustaría proponerle {x}.", "Gostaria de propor {x}."),
    ("propose", "action"): ("I would like to propose to {x}.", "Me gustaría proponerle {x}.",
     "Gostaria de propor {x}."),
    ("propose", "clause"): ("I would like to propose that {x}.", "Me gustaría proponerle que {x}.",
     "Gostaria de propor que {x}."),
    ("confirm", "noun"): ("I confirm {x}.", "Le confirmo {x}.", "Confirmo {x}."),
    ("confirm", "clause"): ("I confirm that {x}.", "Le confirmo que {x}.", "Confirmo que {x}."),
    ("apologise", "noun"): ("I apologise for {x}.", "Le pido disculpas por {x}.", "Peço desculpas {por}."),
    ("apologise", "clause"): ("I am sorry that {x}.", "Lamento que {x}.", "Lamento que {x}."),
    ("apologise", "bare"): ("Please accept my apologies.", "Le pido disculpas.", "Peço desculpas."),
    ("promise", "action"): ("I promise to {x}.", "Me comprometo a {x}.", "Comprometo-me a {x}."),
    ("promise", "noun"): ("I promise you {x}.", "Le prometo {x}.", "Prometo {x}."),
    ("promise", "clause"): ("I promise that {x}.", "Le prometo que {x}.", "Prometo que {x}."),
    ("say", "clause"): ("{x}.", "{x}.", "{x}."),
    ("say", "about"): ("I am writing to tell you about {x}.", "Le escribo para informarle sobre {x}.",
     "Escrevo para informar sobre {x}."),
    ("decline", "noun"): ("Unfortunately, I have to decline {x}.", "Lamentablemente, debo declinar {x}.",
     "Infelizmente, preciso recusar {x}."),
    ("decline", "bare"): ("Unfortunately, I have to decline.", "Lamentablemente, debo declinar.",
     "Infelizmente, preciso recusar."),
    ("send", "noun"): ("I am attaching {x}: [attachment].", "Le adjunto {x}: [adjunto].",
     "Envio em anexo {x}: [anexo]."),
    ("congratulate", "noun"): ("Congratulations on {x}!", "¡Felicidades por {x}!", "Parabéns {por}!"),
    ("congratulate", "bare"): ("Congratulations!", "¡Felicidades!", "Parabéns!"),
    ("chase", "noun"): ("I am following up on {x}.", "Le escribo para retomar {x}.", "Escrevo para retomar {x}."),
    ("chase", "question"): ("I am following up to ask {x}.", "Le escribo para preguntarle {x}.",
     "Escrevo para perguntar {x}."),
    ("chase", "bare"): (
        "I am following up on our conversation.", "Le escribo para retomar nuestra conversación.",
        "Escrevo para retomar a nossa conversa.",
    ),
    ("remind", "clause"): ("As a reminder, {x}.", "Le recuerdo que {x}.", "Lembro que {x}."),
    ("remind", "noun"): ("This is a reminder about {x}.", "Le recuerdo {x}.", "Gostaria de lembrar {x}."),
    ("remind", "action"): ("This is a reminder to {x}.", "Le recuerdo {x}.", "Lembre-se de {x}."),
    ("wish", "noun"): ("I wish you {x}.", "Le deseo {x}.", "Desejo a você {x}."),
    ("accept", "noun"): ("I accept {x}.", "Acepto {x}.", "Aceito {x}."),
    ("accept", "action"): ("I agree to {x}.", "Acepto {x}.", "Aceito {x}."),
    ("accept", "clause"): ("I agree that {x}.", "Acepto que {x}.", "Aceito que {x}."),
    ("accept", "bare"): ("I agree.", "Estoy de acuerdo.", "Estou de acordo."),
    ("invite", "noun"): ("I would like to invite you to {x}.", "Quisiera invitarle {a}.",
     "Gostaria de convidar você para {x}."),
    ("invite", "action"): ("I would like to invite you to {x}.", "Quisiera invitarle a {x}.",
     "Gostaria de convidar você para {x}."),
    ("offer", "noun"): ("I would like to offer you {x}.", "Quisiera ofrecerle {x}.", "Gostaria de lhe oferecer {x}."),
    ("offer", "action"): ("I would like to offer to {x}.", "Quisiera ofrecerle {x}.",
     "Gostaria de me oferecer para {x}."),
}  # fmt: skip
_LABELS = {
    "thank": ("thanks for", "agradecer", "agradecer"),
    "ask": ("ask", "pedir", "pedir"),
    "question": ("ask", "preguntar", "perguntar"),
    "propose": ("propose", "proponer", "propor"),
    "confirm": ("confirm", "confirmar", "confirmar"),
    "apologise": ("apologise for", "disculpas por", "desculpas por"),
    "promise": ("promise", "prometer", "prometer"),
    "say": ("say", "decir", "dizer"),
    "decline": ("decline", "declinar", "recusar"),
    "send": ("attachment", "adjunto", "anexo"),
    "congratulate": ("congratulate on", "felicitar por", "parabenizar por"),
    "chase": ("follow up on", "retomar", "retomar"),
    "remind": ("remind", "recordar", "lembrar"),
    "wish": ("wish", "desear", "desejar"),
    "accept": ("accept", "aceptar", "aceitar"),
    "invite": ("invite to", "invitar a", "convidar para"),
    "offer": ("offer", "ofrecer", "oferecer"),
}
_FALLBACK = (
    ("Thank you for your message{about}.", " about “{subject}”", "[your answer here]"),
    ("Gracias por su mensaje{about}.", " sobre «{subject}»", "[su respuesta aquí]"),
    ("Agradeço pela sua mensagem{about}.", " sobre “{subject}”", "[sua resposta aqui]"),
)
_GREETINGS = {
    "formal": ("Dear {name},", "Buen día, {name}:", "Olá, {name}."),
    "": ("Hi {name},", "Hola, {name}:", "Olá, {name},"),
}
_NAMELESS = {"formal": ("Good day,", "Buen día:", "Olá."), "": ("Hello,", "Hola:", "Olá,")}
_CLOSINGS = {
    "formal": ("Kind regards,", "Atentamente,", "Atenciosamente,"),
    "warm": ("Warm regards,", "Un cordial saludo,", "Um abraço,"),
    "short": ("Best,", "Saludos,", "Abs.,"),
    "": ("Best regards,", "Saludos cordiales,", "Atenciosamente,"),
}
_LANGUAGE_ORDER = re.compile(
    r",? ?\b(?:(?:but )?(?:in|into)(?: brazilian)? (?P<en>english|spanish|portuguese)|en (?P<es>ingles|espanol"
    r"|castellano|portugues)"
    r"|em (?P<pt>ingles|espanhol|castelhano|portugues))\b,?"
)
# "a training in Spanish" is about the training, not about the reply.
_SPOKEN_IN = re.compile(
    r"(?:training|demo|webinar|documentation|support|version|formacion|capacitacion|documentacion|soporte"
    r"|treinamento|documentacao|suporte"
    r"|versao)$"
)
_NAMED_LANGUAGES: dict[str, Language] = {"e": "es", "s": "es", "c": "es", "i": "en", "p": "pt"}
_WARM = r"warm(?:er|ly)?|friendl(?:y|ier)|calid[oa]|cercan[oa]|cordial|caloros[oa]|amigavel|amistos[oa]"
_FORMAL = r"formal(?:ly|mente)?"
_SHORT = r"short(?:er)?|brief(?:ly)?|concise|breve(?:mente)?|cort[oa]|concis[oa]|curt[oa]|resumid[oa]"
_TONE = rf"(?:{_WARM}|{_FORMAL}|{_SHORT})"
_TONES = (("formal", _FORMAL), ("warm", _WARM), ("short", _SHORT))
_LEAD = (
    r"(?:keep it|make it|be|in an?|with an?|more|que sea|hazlo|se|en(?: un)? tono|con(?: un)? tono|de (?:forma"
    r"|manera)|mas|muy|que seja"
    r"|seja|faca|em(?: um)? tom|num tom|com(?: um)? tom|mais|bem)"
)
_TONE_ORDER = re.compile(
    rf"(?:[,.;]? ?(?:and |y |e )?\b(?:{_LEAD} )+|[,;] ?){_TONE}(?:,? (?:and|but|y|e|pero|mas) (?:{_LEAD} )?{_TONE})*"
    r"(?: (?:tone|way|manner|style|and sweet))?(?= ?(?:[,.;]|$)| (?:and|y|e) |(?<=tone) )"
)
_NEXT_WORD = (
    r"(?:for|that|to|if|whether|when|where|what|which|who|how|why|on|about|of|the|an?|our|we|i|it|this|these"
    r"|those|they|she|he|you"
    r"|your|my|all|there|again)"
)
_NOUN_START = r"(?:the|an?|our|your|my|this|these|her|his|their|all)"
_FINITE = re.compile(
    r"^(?:i|we|you|she|he|they|it|there)\b|\b(?:is|are|was|were|will|has|have|can|cannot|would|should|could"
    r"|did|does|do)\b|'(?:ll|s|re|ve)\b|n't\b"
)
_QUESTION = {
    "en": r"(?:if|whether|when|where|what|which|who|how|why)\b",
    "es": r"(?:si|cu[aá]ndo|qu[eé](?<=qué)|c[oó]mo|qui[eé]n(?:es)?|cu[aá]l(?:es)?|d[oó]nde|cu[aá]nt[oa]s?)\b",
    "pt": r"(?:se|quando|o que|como|quem|qual|quais|onde|quant[oa]s?|por que)\b",
}
_INFINITIVE = {
    "en": r"to (?!" + _NOUN_START + r"\b)",
    "es": r"(?:a |para )?(?=(?:nos |me |le )?\w{2,}(?:ar|er|ir|[aei]r(?:nos|me|le|lo|la|los|las|se))\b)",
    "pt": r"(?:a |para )?(?=(?:nos |me |lhe )?\w{2,}[aeio]r(?:mos|em|-\w+)?(?![\w-]))",
}
_PREPOSITION = {
    "en": r"(about|regarding|for|on|of|to)",
    "es": r"(por|de|sobre|acerca de|a)",
    "pt": r"(por|de|sobre|acerca de|em|a(?= [ao]s? )|para)",
}
_SUBJUNCTIVE = re.compile(
    r"(?:nos |me |lo |la )?(?:llame|envie|confirme|revise|mande|responda|firme|pague|recomiende|comparta"
    r"|indique|ligue|assine|avise"
    r"|compartilhe|verifique|conteste|escriba|escreva)\b"
)
_MEETINGS = {
    "en": (r"(?:to |(?:if|whether) we (?:can|could|might) )?(?:(?:have|schedule|set up|book|arrange|do|jump on"
        r"|hop on|get on|for) )?(?:us )?an? (?:(?:quick|short|brief) )?", "(video call|call|phone call|meeting|demo)"),
    "es": (r"(?:(?:que |si (?:podemos|podriamos) )?(?:tener|tengamos|agendar|agendemos|programar|hacer|fijar"
        r"|concertar) )?una (?:breve )?", "(videollamada|llamada|reunion|demo)(?: (?:corta|breve))?"),
    "pt": (r"(?:(?:para |que |se (?:podemos|poderiamos) )?(?:ter|marcar|marquemos|agendar|agendemos|fazer"
        r"|tenhamos) )?uma (?:breve )?", "(videochamada|chamada|ligacao|call|reuniao|demo)(?: (?:rapida|curta"
        "|breve))?"),
}  # fmt: skip
_MEET = {
    "en": r"(?:to|we|that we) (?:meet|talk|speak)(?: up)?",
    "es": r"(?:reunirnos|vernos|hablar|que nos reunamos)",
    "pt": r"(?:para )?(?:nos reunir(?:mos)?|nos encontrar(?:mos)?|conversar(?:mos)?)",
}
_ABLE = {
    "en": r"(?:if|whether) you (?:can|could|would|might)(?: be (?:able|open|willing|happy) to| like to)? ?",
    "es": r"si (?:usted )?(?:puede|podría|querría|aceptaría|estaría dispuest[oa] a) ",
    "pt": r"se (?:você )?(?:pode|poderia|aceitaria|gostaria de|estaria dispost[oa] a) ",
}
_AN = {"en": "a", "es": "una", "pt": "uma"}
_A_MEETING = {"en": "meeting", "es": "reunión", "pt": "reunião"}
_AFTER_MEETING = re.compile(
    r"(?:on|next|this|at|tomorrow|today|by|before|about|to|with|for|el|la|este|esta|manana|hoy|a|sobre|para"
    r"|con|en|na|no|as|amanha|hoje"
    r"|com|proxim[oa]|em|in|de)\b"
)
_ADDRESSED: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"\b(?:s?he is|s?he's)\b", "you are"), (r"\bs?he isn't\b", "you aren't"), (r"\bs?he was\b", "you were"),
        (r"\bs?he wasn't\b", "you weren't"), (r"\bs?he has\b", "you have"), (r"\bs?he hasn't\b", "you haven't"),
        (r"\bs?he does\b", "you do"), (r"\bs?he doesn't\b", "you don't"), (r"\bis s?he\b", "are you"),
        (r"\bwas s?he\b", "were you"),
        (r"\bhas s?he\b", "have you"), (r"\bdoes s?he\b", "do you"), (r"\bs?he (\w+)ies\b", r"you \1y"),
        (r"\bs?he (\w+(?:s|sh|ch|x|go|do))es\b", r"you \1"), (r"\bs?he (\w*[^\Ws])s\b", r"you \1"),
        (r"\bs?he\b", "you"),
        (r"\b(?:herself|himself)\b", "yourself"), (r"\bhers\b", "yours"), (r"\bhis\b", "your"), (r"\bhim\b", "you"),
        (r"\bher(?=$|[,.;:?!]| (?:on|in|at|by|to|for|with|and|or|if|when|before|after|about|that|as|soon|today"
         r"|tomorrow|next|this|the|an?|our|back|again|know|until|from|we|i|directly|personally)\b)", "you"),
        (r"\bher\b", "your"),
    ),
    "es": ((r"\bella\b|\bél\b", "usted"),),
    "pt": ((r"\bpara el[ae]\b", "para você"), (r"\bel[ae]\b", "você")),
}  # fmt: skip
_PLURAL = ((r"\bthey\b", "you"), (r"\bthem\b", "you"), (r"\btheirs\b", "yours"), (r"\btheir\b", "your"))
_PERSON = r"[A-ZÀ-Ý][\w'-]+(?: [A-ZÀ-Ý][\w'-]+)?"
# Pronouns, what may stand before and what must follow: "thank her for", "pidiendo a María que".
_RECIPIENT: dict[Language, tuple[str, str, str]] = {
    "en": (r"her|him|them|you|everyone", "(?:to )?", rf"(?:'s team)? (?={_NEXT_WORD}\b)"),
    "es": (r"ella|él|ellos|ellas|usted", "a ", " "),
    "pt": (r"ela|ele|você", "(?:à|ao?|para(?: [ao])?) ", " "),
}
_GENITIVE = r"\b([A-ZÀ-Ý]\w+)'s\b"
_OWNED = {
    "es": rf"\b(?P<article>el|la|los|las) (?P<noun>\w+) de (?P<owner>ella|él|{_PERSON})(?!\w)",
    "pt": rf"\b(?P<before>|pel|d|n)(?P<article>os?|as?) (?P<noun>[\w-]+) (?:d[aeo] "
    rf"(?=[A-ZÀ-Ý]))?(?P<owner>dela|dele|{_PERSON})(?!\w)",
}
_ADVERB = re.compile(
    r"^(?:politely|kindly|gently|warmly|again|briefly|amablemente|de nuevo|otra vez|cordialmente|gentilmente"
    r"|novamente|educadamente) "
)
_YOURS = {"el": "su", "la": "su", "los": "sus", "las": "sus", "o": "seu", "a": "sua", "os": "seus", "as": "suas"}


_THAT = {
    "en": r"^(?:please )?(?:reply|answer|respond|write)(?: back)?(?:(?: to)? \S+(?: \S+)?)??(?P<that>:| that)\s",
    "es": r"^(?:por favor,? )?(?:responde|responda|contesta|conteste|escribe|escriba)(?:le)?(?: a \S+(?: "
    r"\S+)?)?(?P<that>:| que)\s",
    "pt": r"^(?:por favor,? )?(?:responda|responde|escreva|escreve)(?: (?:a|ao|para(?: [ao])?) \S+(?: "
    r"\S+)?)?(?P<that>:| que)\s",
}
_A_REPLY = re.compile(
    r"(?: \S+){0,3}? (?:reply|response|answer|e-?mail|mail|message|note|respuesta|correo|mensaje|resposta|mensagem)\b"
)
_LINK = re.compile(r"<[^>]*>|\S*(?:://|www\.)\S*|\S+@\S+|\b[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
_NOT_PEOPLE = re.compile(
    r"\b(?:team|support|billing|info|sales|no-?reply|equipo|equipe|equipa|soporte|suporte|facturacion|notifications?)\b"
)


@dataclass(frozen=True, kw_only=True)
class _Recipient:
    """Whom the reply goes to: folded words of the name, and whether the request calls them "them"."""

    names: frozenset[str]
    plural: bool


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One thing the reply shall do. `words` are what the request says about it, `form` how it says it."""

    kind: str
    form: str
    words: str  # addressed to the recipient
    original: str


def write_reply(request: str, mail: StoredMail, *, sender_name: str, request_language: Language) -> str:
    """Plain text of at most twelve lines that does what `request` asks, in the language asked for or that of `mail`.

    Never fails: a request that is not understood gives thanks and a placeholder for the answer.
    """
    asked = _one_line(request)
    asked, language = _target(asked, mail, request_language)
    asked, tones = _tones(asked)
    person, name = _named(mail), _first_name(mail)
    source, intents, header = _understood(asked, person, request_language)
    tones |= {tone for tone, pattern in _TONES if re.search(rf"\b(?:{pattern})\b", plain(header))}
    tone = next((tone for tone, _ in _TONES if tone in tones), "")
    said = list(dict.fromkeys(_sentence(intent, source, language) for intent in intents)) or _unknown(mail, language)
    place = LANGUAGES.index(language)
    greeting = (_GREETINGS if name else _NAMELESS)["formal" if tone == "formal" else ""][place].format(name=name)
    size = max(2, -(-len(said) // _MAX_PARAGRAPHS))
    body = [" ".join(said[start : start + size]) for start in range(0, len(said), size)]
    return "\n\n".join([greeting, *body, f"{_CLOSINGS[tone][place]}\n{_one_line(sender_name)}"])


def _target(request: str, mail: StoredMail, request_language: Language) -> tuple[str, Language]:
    """The request without the words that name a language, and the language to write in."""
    bare = plain(request)
    match = next(
        (found for found in _LANGUAGE_ORDER.finditer(bare) if not _SPOKEN_IN.search(bare[: found.start()])), None
    )
    if match:
        named = next(word for word in match.groups() if word)
        language: Language = "en" if named == "english" else _NAMED_LANGUAGES[named[0]]
        return f"{request[: match.start()]}, {request[match.end() :]}".replace(", ,", ",").strip(" ,"), language
    return request, next((known for known in LANGUAGES if known == mail.language), request_language)


def _tones(request: str) -> tuple[str, set[str]]:
    found: set[str] = set()
    while match := _TONE_ORDER.search(plain(request)):
        found |= {tone for tone, pattern in _TONES if re.search(rf"\b(?:{pattern})\b", match.group())}
        request = f"{request[: match.start()]}{request[match.end() :]}"
    return request.strip(), found


def _understood(request: str, person: str, first: Language) -> tuple[Language, list[Intent], str]:
    """The language the request is in (that of most intents), its intents in order, and what stands before them."""
    best: tuple[Language, list[Intent], str] = (first, [], request)
    for language in sorted(LANGUAGES, key=lambda known: known != first):
        header, segments = _segments(request, language)
        plural = language == "en" and any(re.match(r"(?:to )?them\b", words.lower()) for _, _, words in segments)
        names = frozenset(plain(" ".join([person, *re.findall(r"(?<=\s)[A-ZÀ-Ý][\w-]+", header)])).split())
        recipient = _Recipient(names=names, plural=plural)
        intents = [_intent(kind, cue, words, language, recipient) for kind, cue, words in segments]
        if len(intents) > len(best[1]):
            best = language, intents, header
    return best


def _segments(request: str, language: Language) -> tuple[str, list[tuple[str, str, str]]]:
    """(kind, cue, words up to the next cue); what follows "without" is left out."""
    bare = plain(request)
    starts: list[tuple[int, int, str]] = []
    for begin, end, kind, gerund in _cues(bare, language):
        before = bare[:begin].rstrip()
        last = starts[-1][2] if starts else None
        if _WITHOUT.search(before):
            starts.append((begin, end, "skip"))
        elif gerund and not _NOT_A_CUE.search(before):
            starts.append((begin, end, kind))
        elif not gerund and (_JOINS.search(before) or (last is None and _TO.search(before))):
            clitic, pronoun = (
                re.search(r"les?$|-lhes?$", bare[begin:end]),
                re.match(r" (?:her|him|them) (?!to )", bare[end:]),
            )
            goes_on = last in _OPEN and _GOES_ON.search(bare[starts[-1][1] : begin])
            if not goes_on or kind in _SPEECH or clitic or pronoun:
                starts.append((begin, end, kind))
    header = request[: starts[0][0]] if starts else request
    ends = [*(begin for begin, _, _ in starts), len(request)][1:]
    found = [
        (kind, bare[begin:end], _trim(request[end:until]))
        for (begin, end, kind), until in zip(starts, ends, strict=True)
    ]
    return header, [segment for segment in found if segment[0] != "skip" and (segment[0] != "say" or segment[2])]


def _cues(bare: str, language: Language) -> Iterator[tuple[int, int, str, bool]]:
    found: dict[int, tuple[int, int, str, bool]] = {}
    if match := re.match(_THAT[language], bare):
        found[match.start("that")] = (*match.span("that"), "say", True)
    for kind, gerund, order in _CUES[language]:
        ending = "(?:e?s)?" if language == "en" else ""  # "a reply that thanks her"
        for pattern, strong in ((gerund, True), (order, False)):
            for match in re.finditer(rf"(?<![\w-])(?:{pattern}){ending}(?![\w-])", bare):
                begin, end = match.span()
                writes = kind == "send" and not strong and begin < 10 and _A_REPLY.match(bare[end:])
                if not writes and not any(start <= begin < held[1] for start, held in found.items()):
                    found[begin] = (begin, end, kind, strong)
    for begin in sorted(found):
        yield found[begin]


def _trim(words: str) -> str:
    words = re.sub(
        r"(?:[ ,;.:!?]|(?:^|(?<=\W))(?:(?:and|then|also|just|y|e|tambien|también|também)(?: to| para)?|please"
        r"|por favor))+$",
        "",
        words.strip(),
        flags=re.I,
    )
    return words.strip(' ,;.:“”"«»')[:_MAX_WORDS]


def _intent(kind: str, cue: str, words: str, language: Language, recipient: _Recipient) -> Intent:
    original = _ADVERB.sub("", _without_recipient(_ADVERB.sub("", words), language, recipient))
    form, spoken = _form(kind, cue, _addressed(original, language, recipient), language)
    if kind == "say" and form == "action":
        kind = "ask"
    if kind == "say" and form == "clause" and language != "en" and _SUBJUNCTIVE.match(plain(spoken)):
        kind = "ask"
    return Intent(kind=kind, form=form, words=spoken, original=original)


def _without_recipient(words: str, language: Language, recipient: _Recipient) -> str:
    """The words without the pronoun or name of the recipient they begin with; a third person's name stays."""
    pronouns, before, after = _RECIPIENT[language]
    match = re.match(rf"{before}(?:(?:{pronouns})|(?P<name>{_PERSON}))(?:$|{after})", words)
    if match is None or (match["name"] and not frozenset(plain(match["name"]).split()) <= recipient.names):
        return words
    return words[match.end() :]


def _addressed(words: str, language: Language, recipient: _Recipient) -> str:
    """Third person about the recipient turned into the second, formal in Spanish, with você in Portuguese."""

    def yours(match: re.Match[str]) -> str:
        owner, article, noun = match["owner"], match["article"], match["noun"]
        if owner not in ("ella", "él", "dela", "dele") and plain(owner) not in recipient.names:
            return match.group()
        kept = f"{match['before']}{article} " if language == "pt" else ""
        return f"{kept}{_YOURS[article]} {noun}"

    if language == "en":
        words = re.sub(_GENITIVE, lambda match: "your" if plain(match[1]) in recipient.names else match.group(), words)
    else:
        words = re.sub(_OWNED[language], yours, words)
    words = re.sub(r"^((?:que )?(?:sí|sim|no|não)), que ", r"\1, ", words)
    for pattern, spoken in _ADDRESSED[language] + (_PLURAL if recipient.plural else ()):
        words = re.sub(pattern, spoken, words)
    return re.sub(r"\bpara você (?=\w+[aei]r\b)", "para ", words)


def _form(kind: str, cue: str, words: str, language: Language) -> tuple[str, str]:
    """How the words follow the cue (bare, clause, direct, question, action, about or noun), and the words."""
    if not words:
        return "bare", ""
    if found := _connected(kind, cue, words, language):
        return found
    telling = language == "en" and kind in _TELLING
    if telling and (cue in ("say", "saying") or _FINITE.search(words.lower()) or _told(cue, words)):
        return "clause", words
    loose = apart(words, language)
    if match := re.match(rf"{_PREPOSITION[language]} ", loose):
        asks_after = kind == "ask" and cue.startswith("pregunt") and match[1] == "por"
        about = match[1] in ("about", "regarding", "sobre", "acerca de") or asks_after
        return "about" if about else "noun", loose[match.end() :]
    return "noun", words


def _connected(kind: str, cue: str, words: str, language: Language) -> tuple[str, str] | None:
    """The form that a connective tells: "that", a question word, or an infinitive."""
    that = re.match({"en": r"that ", "es": r"que ", "pt": r"(?:para )?que "}[language], words)
    if that or cue.strip() in ("that", "que", ":"):
        return "clause", words[that.end() :] if that else words
    if kind == "ask" and language == "en" and (asked := _DIRECT.match(words)):
        return "direct", f"could {asked[1]} {words[asked.end() :]}" if asked[1] else words
    if re.match(_QUESTION[language], words, re.I):
        return "question", words
    if match := re.match(_INFINITIVE[language], words):
        return "action", words[match.end() :]
    return None


def _told(cue: str, words: str) -> bool:
    """Whether the words are a fact: "tell her the export works" is one, "tell her the price" names one."""
    named = re.match(r"(?:about|of|on) ", words) or translate(words, "en", "es")
    return bool(re.match(r"tell|let", cue)) and not named


def _sentence(intent: Intent, source: Language, target: Language) -> str:
    """The intent in the target language; a placeholder with the request's own words where they can't be said in it."""
    return (
        _meeting(intent, source, target)
        or _request(intent, source, target)
        or _plainly(intent, source, target)
        or _missing(intent, target)
    )


def _meeting(intent: Intent, source: Language, target: Language) -> str | None:
    if intent.kind not in ("ask", "propose"):
        return None
    words = f"to {intent.words}" if source == "en" and intent.form == "action" else intent.words
    lead, noun = _MEETINGS[source]
    match = re.match(rf"{lead}{noun}(?= |$)", plain(words)) or re.match(rf"{_MEET[source]}(?= |$)", plain(words))
    if match is None:
        return None
    rest = words[match.end() :].strip()
    if rest and not _AFTER_MEETING.match(plain(rest)):
        return None
    named = words[slice(*match.span(1))] if match.lastindex else _A_MEETING[source]
    thing = translate(f"{_AN[source]} {named}", source, target)
    if thing is None:
        return None
    tail = modifiers(rest, source, target)
    template = _SENTENCES["call", "when" if rest else "open"][LANGUAGES.index(target)]
    return template.format(x=thing + (f" [{rest}]" if tail is None else tail))


def _request(intent: Intent, source: Language, target: Language) -> str | None:
    if intent.kind != "ask" or intent.form not in ("action", "clause", "question"):
        return None
    words = intent.words
    if intent.form == "question":  # "whether you could sign the contract" asks to sign it
        able = re.match(_ABLE[source], words)
        if able is None or source == target:
            return None
        words = words[able.end() :]
    infinitive = action(words, source, target)
    return None if infinitive is None else _SENTENCES["ask", "action"][LANGUAGES.index(target)].format(x=infinitive)


def _plainly(intent: Intent, source: Language, target: Language) -> str | None:
    near = {"about": "noun", "noun": "about"}.get(intent.form, "")
    form = intent.form if (intent.kind, intent.form) in _SENTENCES else near
    templates = _SENTENCES.get((intent.kind, form))
    said = _said(form, intent.words, source, target)
    if templates is None or said is None:
        return None
    after = {word: join(word, said, target) for word in ("por", "a")}
    sentence = templates[LANGUAGES.index(target)].format(x=said, **after)
    return sentence[:1].upper() + sentence[1:]


def _said(form: str, words: str, source: Language, target: Language) -> str | None:
    if source == target or not words:
        return words
    match form:
        case "noun" | "about":
            return translate(words, source, target)
        case "clause":
            return clause(words, source, target)
        case "action":
            return action(words, source, target)
    return None


def _missing(intent: Intent, target: Language) -> str:
    asks = intent.kind == "ask" and intent.form in ("question", "direct", "about")
    label = _LABELS["question" if asks else intent.kind][LANGUAGES.index(target)]
    return f"[{label}: {intent.original.replace('[', '').replace(']', '') or '…'}]"


def _unknown(mail: StoredMail, language: Language) -> list[str]:
    thanks, about, answer = _FALLBACK[LANGUAGES.index(language)]
    subject = _subject(mail.subject)
    return [thanks.format(about=about.format(subject=subject) if subject else ""), answer]


def _one_line(text: str) -> str:
    """The beginning of a text without control and invisible characters, on one line."""
    composed = unicodedata.normalize("NFC", text[:_MAX_READ])
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in composed)
    return " ".join(kept.replace("’", "'").split())


def _subject(subject: str) -> str:
    bare = re.sub(
        r"^(?:(?:re|fwd?|rv|res|enc|aw)\s*:\s*)+", "", _LINK.sub(" ", _one_line(subject)).strip(), flags=re.IGNORECASE
    )
    bare = " ".join(re.sub(r"[“”«»\"<>\[\]]", "", bare).split())
    return bare if len(bare) <= _MAX_SUBJECT else bare[: _MAX_SUBJECT - 1].rsplit(" ", 1)[0] + "…"


def _named(mail: StoredMail) -> str:
    """The name, given name first, of whom the reply goes to; "" when the mail does not name a person."""
    people = (mail.sender,) if mail.direction == "inbound" else mail.to
    written = _LINK.sub(" ", _one_line(people[0].name if people else ""))
    written = re.sub(r"\([^)]*\)|\b(?:dr|dra|mr|mrs|ms|sr|sra|prof)\b\.?", " ", written, flags=re.IGNORECASE)
    if _NOT_PEOPLE.search(plain(written)):
        return ""
    family, _, given = written.partition(",")
    letters = "".join(char for char in f"{given} {family}" if char.isalpha() or char in " -'")
    return " ".join(word.strip("-'") for word in letters.split())


def _first_name(mail: StoredMail) -> str:
    named = _named(mail)
    first = named.split()[0] if named else ""
    first = (first if len(first) > 1 else named)[:_MAX_NAME].strip()  # "J. Smith" keeps the surname
    return first.title() if first.isupper() or first.islower() else first
