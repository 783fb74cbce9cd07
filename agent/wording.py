"""The words questions are made of, in English, Spanish and Portuguese: lower case, without accents."""

from __future__ import annotations

import re
from typing import Literal

from crm.folding import fold
from crm.signals.keywords import find, load_lexicon
from crm.signals.language import LANGUAGES, Language, detect

Direction = Literal["inbound", "outbound"]
Tone = Literal["positive", "neutral", "negative"]
NAME = "§"  # stands for each letter of a customer's or person's name already read
EVERYBODY = "¤"  # the same for "any customer"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What frames a question and is no topic of its own.
FRAME: dict[Language, frozenset[str]] = {
    "en": _words(
        """a an the else this that these those there here i me my mine we us our ours you your he him his she her
        hers it its they them their theirs who whom whose what which when where why how is are was were be
        been being am do does did done doing have has had having will would shall should can could may
        might must s t re ve ll d don didn doesn isn hasn haven hadn aren weren won couldn wouldn shouldn
        promise promised news wasn and or but nor not no if so as of at by for from in into on onto to
        with within without about regarding concerning around after before between during since until till
        over under up down out then than too also just only ever yet still already again please any anyone
        anybody anything some someone somebody something every everyone everybody everything all each both
        either neither other others another more most many much few several lot lots same such email
        emails e-mail e-mails e mail mails message messages thread threads conversation conversations
        correspondence inbox customer customers client clients contact contacts account accounts people
        person say says said saying tell tells told telling talk talks talked talking speak spoke discuss
        discusses discussed discussing discussion discussions mention mentions mentioned mentioning write
        writes wrote written writing reply replies replied replying respond responds responded response
        responses answer answers answered send sends sent sending ask asks asked hear heard get gets got
        receive received know think thinks thought summarize summarise summary summarized recap overview
        show list find search look give explain compare count number often times time happen happens
        happened happening going go last latest recent newest new one ones thing things exactly let lets
        want wants wanted need needs make made draft read back bring brought come came quick quickly put
        raise raised via according topic subject hello hi hey thank thanks"""
    ),
    "es": _words(
        """el la los las lo un una unos unas al del de a ante con contra desde durante en entre hacia hasta
        para por segun sin sobre tras y e o u ni que si no como cuando donde quien quienes cual cuales
        cuanto cuanta cuantos cuantas cuyo qual porque pero mas menos muy ya aun todavia tambien solo
        solamente me te se le les nos os mi mis tu tus su sus nuestro nuestra nuestros nuestras yo ella
        ellos ellas usted ustedes nosotros este esta estos estas ese esa esos esas eso esto aquel es son
        era eran fue fueron ser sido estar estan estaba estuvo hay hubo habia ha han he hemos haber tiene
        tienen tenemos tengo hacer hace hizo hicieron puede pueden puedes podemos alguien algo alguno
        alguna algunos algunas algun ningun ninguna ninguno nadie nada todo toda todos todas cada otro
        otra otros otras mismo misma tanto correo correos electronico electronicos email emails e-mail
        e-mails mail mails mensaje mensajes hilo hilos conversacion conversaciones bandeja cliente
        clientes contacto contactos cuenta cuentas persona personas gente dijo dice dicen dijeron decir
        dicho hablo hablaron hablamos hablar hablado hablando comento comentaron comentar comentado
        menciono mencionaron mencionar mencionado menciona mencionan escribio escribieron escribir escrito
        escribimos escribi respondio respondieron responder respondido respuesta respuestas respondimos
        respondi contesto contestaron contestar contestado contestamos envio enviaron enviar enviado
        enviamos envie mando mandaron mandar mandado mandamos mande pregunto preguntaron preguntar
        preguntado pidio pidieron pedir pedido trato tratado discutio discutido acordo acordado resume
        resumir resumen resumeme muestra muestrame mostrar lista listar busca buscar encuentra dame dime
        da cuentame explica explicame compara comparar veces vez paso pasa pasado ocurrido ocurrio sucedio
        ultimo ultima ultimos ultimas reciente recientes nuevo ultimamente quiero quiere necesito redacta
        escribe borrador favor gracias tema asunto respecto acerca cosa cosas prometio prometimos prometi
        prometido hola ayuda novedad novedades noticias llego recibi recibimos recibido tal sabe sabemos piensa opina despues antes"""
    ),
    "pt": _words(
        """o a os as um uma uns umas ao aos da do das dos de d e em na no nas nos num numa pela pelo pelas
        pelos por para pra com contra desde durante entre ate sem sob sobre tras ou nem que se nao como
        quando onde quem qual quais quanto quanta quantos quantas cujo porque mas mais menos muito muita
        muitos muitas ja ainda tambem so somente apenas me te lhe lhes vos meu minha meus minhas teu tua
        seu sua seus suas nosso nossa nossos nossas eu ele ela eles elas voce voces dele dela deles delas
        nele nela este esta estes estas esse essa esses essas isso isto aquele aquilo sao era eram foi
        foram ser sido estar estao estava esteve ha houve havia tem temos tenho tinha fazer faz fez
        fizeram pode podem podemos alguem algo algum alguma alguns algumas nenhum nenhuma ninguem nada
        tudo todo toda todos todas cada outro outra outros outras mesmo mesma tanto email emails e-mail
        e-mails mail mails correio mensagem mensagens conversa conversas caixa cliente clientes contato
        contatos contacto contactos conta contas pessoa pessoas gente disse diz dizem disseram dizer dito
        falou falaram falamos falar falado falando comentou comentaram comentar comentado mencionou
        mencionaram mencionar mencionado menciona mencionam escreveu escreveram escrever escrito
        escrevemos escrevi respondeu responderam responder respondido resposta respostas respondemos
        respondi enviou enviaram enviar enviado enviamos enviei mandou mandaram mandar mandado mandamos
        mandei perguntou perguntaram perguntar perguntado pediu pediram pedir pedido discutiu discutido
        discutida combinado combinou resuma resumir resumo resume mostre mostra mostrar liste lista listar
        busque buscar encontre encontrar diga conte explique compare comparar vezes vez aconteceu acontece
        passou passado ultimo ultima ultimos ultimas recente recentes novo ultimamente quero quer preciso
        redija escreva rascunho favor obrigado obrigada tema assunto respeito cerca coisa coisas prometeu
        prometemos prometi prometido ola oi ajuda novidade novidades noticias chegou recebi recebemos recebido sabe
        sabemos acha pensa depois antes"""
    ),
}

EVERYBODY_NAMED = re.compile(
    r"\b(?:(?:any|all|every|each|which|what|other)\s+(?:of\s+)?(?:(?:the|our|my|other)\s+)*(?:customers?|clients?|accounts?)"
    r"|any(?:one|body)(?:\s+else)?|some(?:one|body)|every(?:one|body)|all\s+of\s+them|across\s+(?:the\s+)?board"
    r"|(?:algun|ningun|cada|cualquier|que|cual|cuantos|que\s+otros?)\s+(?:otros?\s+)?clientes?"
    r"|tod[oa]s\s+(?:(?:l[oa]s|mis|nuestr[oa]s|[oa]s|(?:[oa]s\s+)?(?:meus|nossos))\s+)?(?:clientes|cuentas|contas)"
    r"|(?:alguno|alguna|ninguno|cuales)\s+de\s+(?:l[oa]s|mis|nuestros)\s+clientes|(?:los\s+)?(?:demas|otros)\s+clientes"
    r"|(?:algum|nenhum|qualquer|quais|qual|quantos)\s+(?:outros?\s+)?clientes?"
    r"|(?:qual|cual|which)\s+(?:(?:foi|fue|es|e|was|is)\s+)?(?:o|el|the)\s+(?:cliente|customer|client)(?=\s+(?:que|that|who)\b)"
    r"|(?:algum|nenhum|quais)\s+d(?:os|as)\s+(?:(?:meus|nossos)\s+)?clientes|(?:os\s+)?(?:demais|outros)\s+clientes"
    r"|alguien|alguem|nadie|ninguem|todos(?!\s+(?:l?[oa]s|esos|esses|estos|estes)\b))\b"
)
# "Are they talking to someone else?", "ela vai indicar alguém?": whoever that is, it is asked of them.
_WITH_SOMEBODY = re.compile(
    r"\b(?:they|she|he|ella|ell[oa]s|ela|elas|eles|ele)\b.*\b(?:some(?:one|body)|any(?:one|body)|alguien|alguem|nadie|ninguem)\b"
)

_NUMBERS = {
    word: value
    for value, words in enumerate(
        (
            "one un uno una um uma",
            "two dos dois duas couple",
            "three tres",
            "four cuatro quatro",
            "five cinco",
            "six seis",
            "seven siete sete",
            "eight ocho oito",
            "nine nueve nove",
            "ten diez dez",
        ),
        start=1,
    )
    for word in words.split()
}
_N = rf"(?P<number>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_BETWEEN = rf"\s+(?:(?:of|{NAME}+)\s+)*"
_MAIL_EN = r"(?P<mail>e-?mails?|mails?|messages?|repl(?:y|ies)|responses?|answers?|threads?|conversations?)"
_MAIL_ES_PT = (
    r"(?P<mail>correos?|e-?mails?|mails?|mensajes?|mensagens|mensagem|respuestas?|respostas?|hilos?|conversacion(?:es)?"
    r"|conversas?)(?:\s+electronicos?)?"
)
_LIMITS = tuple(
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")
    for pattern in (
        rf"(?:the\s+)?(?:last|latest|newest|(?:most\s+)?recent|past){_BETWEEN}{_N}{_BETWEEN}{_MAIL_EN}",
        rf"(?:the\s+)?{_N}\s+(?:last|latest|newest|most\s+recent){_BETWEEN}{_MAIL_EN}",
        rf"(?:the\s+)?(?:very\s+)?(?:last|latest|newest|most\s+recent){_BETWEEN}{_MAIL_EN}",
        rf"(?:[lo]?[oa]s\s+)?ultim[oa]s\s+{_N}\s+{_MAIL_ES_PT}",
        rf"(?:[lo]?[oa]s\s+)?{_N}\s+ultim[oa]s\s+{_MAIL_ES_PT}",
        rf"(?:[lo]?[oa]s\s+)?{_N}\s+{_MAIL_ES_PT}\s+mai?s\s+reci?entes",
        rf"(?:(?:el|la|[oa])\s+)?ultim[oa]\s+{_MAIL_ES_PT}",
        rf"{_MAIL_ES_PT}\s+(?:mas\s+reciente|mais\s+recente)",
        rf"(?:the\s+)?last\s+{_N}(?=\s+(?:with|from|of|to)\b|\s*[?.!]|\s*$)",
        rf"(?:[lo]?[oa]s\s+)?ultim[oa]s\s+{_N}(?=\s+(?:con|com|de|da|do|del|para|a)\b|\s*[?.!]|\s*$)",
    )
)

# "When did she last write?", "la última vez que escribió": one mail is asked for.
_LATEST_ONE = re.compile(
    r"\b(?:write|wrote|written|answered|replied|spoke)\s+last(?=\W*$|\s+(?:in|on|about|at|from)\b)|\b(?:escrib|escrev|respond|contest)\w+\s+(?:por\s+|el\s+|la\s+|o\s+|a\s+)?ultim[oa](?=\W*$|\s+en\b)|\blast\s+(?=(?:time\s+)?(?:hear|heard|write|wrote|written|repl(?:y|ied)|answer|answered|contact|contacted|e-?mail|emailed|spoke|speak"
    r"|talk|talked|in\s+touch)\b)"
    r"|\blast\s+time\b|\blast\s+contact\b|\bultimo\s+contac?to\b|\b(?:la\s+|por\s+)?ultima\s+vez(?:\s+que)?\b|\b(?:a\s+|pela\s+)?ultima\s+vez(?:\s+que)?\b"
)

# "The first mail", "cuál fue el primer correo": the oldest are asked for.
_FIRST = tuple(
    re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])(?!\s+times?\b)")
    for pattern in (
        rf"(?:the\s+)?(?:very\s+)?(?:first|earliest|oldest){_BETWEEN}(?:{_N}{_BETWEEN})?{_MAIL_EN}",
        rf"(?:(?:el|la|[lo]?[oa]s?)\s+)?primer(?:o|a|os|as)?\s+(?:{_N}\s+)?{_MAIL_ES_PT}",
        rf"(?:[oa]s?\s+)?primeir[oa]s?\s+(?:{_N}\s+)?{_MAIL_ES_PT}",
        rf"{_MAIL_ES_PT}\s+(?:mas\s+antiguos?|mais\s+antig[oa]s?)",
        r"first\s+(?=(?:write|wrote|contact|contacted|e-?mail|emailed|hear|heard|reach|reached)\b)",
    )
)
# In a conversation about the last mail: "and the one before?", "¿y el anterior?".
_ONE_BEFORE = re.compile(
    r"\b(?:the\s+)?(?:one|e-?mail|mail|message)\s+before(?:\s+(?:that|it|this))?(?:\s+one)?\W*$|\bbefore\s+that(?:\s+one)?\W*$"
    rf"|\bprevious\s+(?:one|{_MAIL_EN.replace('?P<mail>', '?:')})\b"
    rf"|\b(?:el|la|[oa])\s+(?:{_MAIL_ES_PT.replace('?P<mail>', '?:')}\s+)?anterior(?:\s+a\s+(?:ese|este|esse))?\W*$"
)

_TONES: dict[str, Tone] = {"negativ": "negative", "positiv": "positive", "neutr": "neutral"}
_MAIL_WORD = r"(?:e-?mails?|mails?|messages?|correos?|mensajes?|mensage(?:m|ns))"
_TONE_WORD = r"(?:sentiment|tone|sentimiento|sentimento|tono|tom)"
_TONE = re.compile(
    rf"\b(?:with\s+(?:a\s+)?|con\s+|com\s+)?(negative|positive|neutral)\s+{_TONE_WORD}\b"
    rf"|\b(negative|positive|neutral)(?=\s+{_MAIL_WORD}\b)"
    rf"|\b(?:con\s+|com\s+|de\s+)?{_TONE_WORD}\s+(negativo|positivo|neutral|neutro)\b"
    rf"|(?<=s\s)(negativ[oa]s|positiv[oa]s|neutr[oa]s|neutrales)\b"
)

_WE_EN = r"(?:we|i)"
_SPOKE_EN = (
    r"(?:say|said|says|tell|told|reply|replied|replies|respond|responded|answer|answered|write|wrote|written|send|sent|ask|asked"
    r"|asking|mention|mentioned|complain|complained|request|requested|promise|promised|report|reported|raise|raised|confirm"
    r"|confirmed|propose|proposed|offer|offered|give|gave|given|share|shared|explain|explained|email|emailed)"
)
# What somebody wants or thinks they write themselves.
_WISHES_EN = r"(?:wants?|wanted|needs?|needed|expects?|expected|demands?|demanded|thinks?|thought|feels?|felt|likes?|liked|insists?|insisted|objects?|objected)"
_WISHES = (
    r"(?:piden?|quieren?(?!\s+decir)|queria|querian|necesitan?|opinan?|opino|piensan?|penso|proponen?|exigen?|exigio|exigieron|insisten?|insistio|reclaman?"
    r"|(?:le|les)\s+(?:parecio|parece|gusto|gusta)|pedem?|quer(?:em)?(?!\s+dizer)|queriam|(?<!gente )precisam?|acham?|achou|acharam|pensam?|pensou|propoem?|exigem?|exigiu|exigiram|insistem?|insistiu|reclamam?|gostou|gostaram)"
)
_SPOKE_ES = (
    r"(?:dijo|dijeron|dice|dicen|respondio|respondieron|contesto|contestaron|escribio|escribieron|envio|enviaron|mando|mandaron"
    r"|pidio|pidieron|pregunto|preguntaron|menciono|mencionaron|comento|comentaron|propuso|confirmo|confirmaron|explico|prometio"
    r"|solicito|reporto|acepto)"
)
_SPOKE_PT = (
    r"(?:disse|disseram|diz|dizem|respondeu|responderam|escreveu|escreveram|enviou|enviaram|mandou|mandaram|pediu|pediram"
    r"|perguntou|perguntaram|mencionou|mencionaram|comentou|comentaram|propos|confirmou|confirmaram|explicou|prometeu"
    r"|solicitou|reportou|aceitou)"
)
_WE_SPOKE = (
    r"(?:dijimos|dije|respondimos|contestamos|conteste|escribimos|escribi|enviamos|envie|mandamos|mande|pedimos|pedi"
    r"|respondi|dimos|di|ofrecimos|ofreci|oferecemos|ofereci|preguntamos|pregunte|mencionamos|propusimos|prometimos|prometi|dissemos|eu\s+disse|respondemos|escrevemos|escrevi"
    r"|enviei|mandei|pergunte?i|perguntamos|propusemos|prometemos)"
)
_NOT_EN = r"(?:do|does|did)(?:n'?t|\s+not)"
_WE_MADE = r"(?:hice|hicimos|fiz|fizemos)"
_OFFER = r"\b(?:proposals?|offers?|quotes?|quotations?|propuestas?|ofertas?|presupuestos?|cotizacion(?:es)?|propostas?|orcamentos?)"
_THEY_EN = rf"(?:{NAME}+|{EVERYBODY}+|he|she|they|who|two)"
_MAILS = r"(?:e-?mails?|mails?|messages?|correos?|mensajes?|mensage(?:m|ns)|repl(?:y|ies)|respuestas?|respostas?)"

# "A reply to Maria's last email" is about her mail, "e-mails a Maria enviou" has an article.
_ADDRESSEE = rf"{NAME}+(?!{NAME})(?!\s+(?:\w+\s+)?(?:{_MAILS}|{_SPOKE_PT})\b)"
_OUTBOUND = re.compile(
    rf"\b(?:(?:did|have|has|what|that)\s+{_WE_EN}\s+(?:\w+\s+)?{_SPOKE_EN}\b"
    rf"|{_WE_EN}\s+(?:have\s+)?(?:last\s+)?{_SPOKE_EN}\b"
    rf"|(?:my|our)\s+(?:last\s+|latest\s+)?{_MAILS}\b|(?:{_MAILS}\s+(?:sent\s+)?|sent\s+)to\s+{_ADDRESSEE}"
    rf"|{_WE_SPOKE}\b|\ba\s+gente\s+(?:\w+\s+)?(?:{_SPOKE_PT}|prometeu|ofereceu|respondeu|combinou)\b"
    rf"|(?:hemos|he|temos|tenho)\s+(?:enviado|mandado|escrito|respondido|dicho|dito|prometido|contestado)\b"
    rf"|(?:nuestr[oa]s?|noss[oa]s?|mi|mis|meus?|minhas?)\s+(?:ultim[oa]s?\s+)?{_MAILS}\b"
    rf"|{_MAILS}\s+(?:(?:enviad|mandad)[oa]s?\s+)?(?:para(?:\s+[oa])?|ao|a(?:\s+la)?)\s+{_ADDRESSEE})"
)
# "How much was the proposal I made?", and not "did they accept it?".
_OFFER_MADE = re.compile(
    rf"{_OFFER}\s+(?:(?:d[aeo]|of|for|para|por|on)\s+\w+\s+)?(?:(?:que|that|which)\s+)?(?:(?:yo|eu|le|les|lhes?)\s+)?(?:{_WE_EN}\s+(?:have\s+)?made|{_WE_MADE})\b"
)
_REACTS = re.compile(
    r"\b(?:accept|acept|aceit|reject|rechaz|recus|lik(?:e|ed)|respond|respost|respuest|repl|answer|contest|agree|sign|firm|assin)"
)
_INBOUND = re.compile(
    rf"(?<![\w{NAME}{EVERYBODY}])(?<!to ){_THEY_EN}(?:\s+(?:ever|also|last|just|already|else|has|have|had|{_NOT_EN}))?\s+{_SPOKE_EN}\b"
    rf"|(?<![\w{NAME}{EVERYBODY}])(?<!to )(?:{NAME}+|{EVERYBODY}+|who|(?:do|does|did|what|whether|if|anything|something)\s+(?:he|she|they))(?:\s+{_NOT_EN})?\s+{_WISHES_EN}\b"
    rf"|(?:(?<![\w{NAME}{EVERYBODY}]){NAME}+|\bell[oa]s|\bel[ea]s?)\s+(?:(?:nao|no|ya|ja|tambien|tambem|me|nos)\s+)*{_WISHES}\b"
    rf"|\bque\s+{_WISHES}(?=\W*$|\s+(?:(?:a|o|la|el|al|ao)\s+)*{NAME})"
    rf"|\b(?:me|nos)\s+(?:(?:ha|han|tem)\s+(?:mandado|enviado|escrito|dicho|dito|pedido|respondido|contestado|preguntado|perguntado)|{_SPOKE_ES}|{_SPOKE_PT})\b"
    rf"|\bwho\s+(?:wants?|wanted|threatens?|threatened|demands?|demanded|needs?|likes?|is\s+(?:asking|threatening))\b"
    rf"|\bquien(?:es)?\s+(?:quier|amenaz|exig|necesit)|\bquem\s+(?:quer|ameac|exig|precisa)"
    rf"|(?<![\w{NAME}{EVERYBODY}]){EVERYBODY}+\s+(?:nos\s+)?(?:ha|han|haya)\s+\w+(?:ado|ido|cho|to)\b"
    rf"|(?<![\w{NAME}{EVERYBODY}])(?:her|his|their|{NAME}+)\s+(?:\w+\s+)?(?:last\s+|latest\s+)?{_MAILS}\b"
    r"|\b(?:came|has\s+come|have\s+come)\s+in(?=\W*$|\s+(?:today|yesterday|overnight|this|last|since)\b)|\b(?:arrived|llegaron|han\s+llegado|chegaram|chegou|entraron|entraram)\s+(?:today|yesterday|hoy|ayer|hoje|ontem|this|est[ea])"
    rf"|\b(?:me|nos)\s+(?:ha[n]?\s+)?lleg(?:o|aron|ado|an?)\b|\b(?:chegou|chegaram)[- ](?:me|nos|pra\s+mim)\b"
    rf"|\b(?:recib|receb)\w+\s+(?:\w+\s+){{0,3}}?(?:d[eao]|del)\s+(?:(?:la|el|[oa])\s+)?{NAME}"
    rf"|\b(?:tengo|tenemos|tenho|temos|hay|ha)\s+(?:\w+\s+)?(?:d[eao]|del)\s+(?:(?:la|el|[oa])\s+)?{NAME}"
    rf"|\bfrom\s+{NAME}|\b(?:sent|written|enviad[oa]s?|escrit[oa]s?)\s+(?:by|por|pel[oa])\s+(?:la\s+|el\s+)?{NAME}"
    rf"|\b{_MAILS}\s+(?:d[eao]|del|desde)\s+(?:(?:la|el|[oa])\s+)?{NAME}"
    rf"|\b{_MAILS}\s+d(?:ela|ele|elas|eles|e\s+ella|e\s+ellos)\b"
    rf"|\bnos\s+(?:ha|han|haya)\s+(?:escrito|dicho|enviado|mandado|respondido|contestado)\b"
    rf"|\b(?:algun|algum|que|quais|cuales)\s+clientes?\s+(?:nos\s+)?(?:han?\s+|tem\s+)?(?:menc|dij|dich|habl|fal|diss|pregunt|pergunt|quej|reclam|escr)"
    rf"|\b(?:recib(?:i|imos)|receb(?:i|emos))\b|\b(?:did|have)\s+{_WE_EN}\s+(?:\w+\s+)?(?:get|got|receive|received)\b(?!\s+(?:back|paid|to)\b)"
    rf"|\b(?:received|recibid[oa]s?|recebid[oa]s?|{_SPOKE_ES}|{_SPOKE_PT})\b"
)

# Asked in a conversation about one customer, these are about that customer: "who is the champion?", "when is the renewal?",
# "how many emails this month?".
_OF_ONE = re.compile(
    r"\b(?:who|quien|quem)(?:'s|\s+is|\s+es|\s+e)\s+(?:the|our|el|la|nuestr[oa]|o|a|noss[oa])\s+(?:main\s+)?(?:champion|contact|contacto|contato|owner"
    r"|stakeholder|responsable|responsavel|billing|buyer|cfo|ceo|coo)\b"
    r"|\b(?:when|cuando|quando)\s+(?:is|es|e|does|do|se)?\s*(?:the|it|they|el|la|o|a)?\s*(?:renewals?|renew|renueva|renuevan|renova|renovam|renovacion|renovacao|vence)\b"
    r"|\b(?:what|which|cual|qual|que)\s+(?:is|are|es|e)?\s*(?:the|el|la|o|a)?\s*(?:arr|plan|plano|status|renewal\s+date|fecha\s+de\s+renovacion|data\s+de\s+renovacao"
    r"|health|salud|saude)\b"
    r"|\bhow\s+many\s+(?:e-?mails|mails|messages)\b|\bcuantos\s+(?:correos|mensajes|mails|e-?mails)\b|\bquant[oa]s\s+(?:e-?mails|mensagens|mails)\b"
    r"|\bwhat(?:'s|\s+is)\s+(?:still\s+)?(?:open|pending)\b|\bque\s+(?:queda|esta)\s+pendiente\b|\bo\s+que\s+(?:esta|falta|ficou)\s+(?:em\s+aberto|pendente)\b"
    r"|\bsummari[sz]e\s+(?:that|this|it)\b"
)
_WE_DID = re.compile(
    r"\b(?:did|have)\s+(?:we|i)\s+(?:do|done|fix|fixed|solve|solved|settle|settled|handle|handled|react|deal)\b|\b(?:hicimos|hice|arreglamos|resolvimos|solucionamos|reaccionamos|fizemos|fiz|resolvemos"
    r"|corrigimos|reagimos)\b|\ba\s+gente\s+(?:fez|resolveu|corrigiu|reagiu)\b"
)
_COMPLAINS = re.compile(r"\b(?:complain|quej|reclam|queix)")
# Where another question begins within one.
_HALVES = re.compile(
    r"(?:,|;|\.|\?|,?\s+(?:and|y|e))\s*(?=(?:(?:a|de|con|com|em|en|para)\s+)?¿?(?:how|what|when|who|why|which|did|have|como|que|cuando|cuant[oa]s?|quien(?:es)?"
    r"|cual(?:es)?|o\s+que|oq|quando|quant[oa]s?|quem|qual|quais)\b)"
)
# "O que é que eu respondi?" is one question.
_CLEFT = re.compile(r"\b(que|quem|quando|onde|como|qual|quant[oa]s?) e que\b")
# "Who else has that?": what the conversation is about, and everybody. Not "quem mais paga", who pays most.
_OTHERS = re.compile(
    r"\b(?:who|any(?:one|body)|some(?:one|body))\s+else\b(?!\s+(?:on|from|at|of)\b|(?:\s+\S+){0,4}\s+there\b)|\b(?:any|which|what)\s+other\s+(?:customers?|clients?|accounts?)\b"
    r"|\b(?:quien(?:es)?|quem|alguien|alguem)\s+(?:mas|mais)\b(?!\s+(?:nos\s+)?(?:pag|escrib|escrev|respond|contest|tard|demor|compr|gast)|\s+(?:de|da|do|del|en|na|no|es|e|participa|trabaja|trabalha|hay)\b|\s+esta\s+(?:en|no|na|nisso|nesse|nessa)\b)"
    r"|\bmais\s+alguem\b(?!\s+(?:de|da|do|na|no)\b)|\b(?:algun|algum|que|quais|cuales)\s+(?:otros?|outros?)\s+clientes?\b|\b(?:otros|outros)\s+clientes\b"
)
# "What did each of them offer?": the several that were told of before.
_SEVERAL = re.compile(
    r"\b(?:de|entre)\s+l[oa]s\s+dos\b|\bof\s+the\s+two\b|\bd[oa]s\s+(?:dois|duas)\b|\b(?:each|them|those|both|they|which\s+ones?)\b|\b(?:(?:de|entre)\s+(?:es[oa]s|est[oa]s|ess[ea]s|est[ea]s)|dess[ea]s|dest[ea]s)(?=\W*$|\s*[,?]|\s+(?:dos|dois|duas|tres|\d+|cual(?:es)?|que|quien(?:es)?|qua(?:l|is)|quem|[cq]uant[oa]s|es|esta[on]?|ha|han|tienen?|tem)\b)|\b(?:a\s+)?cada\s+(?:un[oa]|um|uma|caso|cual|qual)\b|\b(?:les|lhes|ell[oa]s|el[ea]s|del[ea]s|ambos|ambas)\b"
)
_THING = r"(?:thing|problem|issue|trouble|question|error|bug|situation|problemas?|errors?|errores|asunto|tema|cosa|situacion|erro|coisa|assunto|questao|situacao)"
_THE_SAME = re.compile(
    rf"\b(?:the|that|this)\s+same(?=\s+{_THING}\b|\W*$)|\blo\s+mismo\b|\b(?:el|la|ese|esa|un|una)\s+mism[oa]\s+{_THING}\b|\bo\s+mesmo(?=\W*$)"
    rf"|\b[oa]\s+mesm[oa]\s+{_THING}\b|\b(?:esse|essa)\s+mesm[oa]\s+{_THING}\b"
    r"|\b(?:something|anything)\s+(?:similar|like\s+that)\b|\balgo\s+(?:parecid[oa]|asi|similar|semelhante|assim|do\s+genero)\b"
)
_THAT = re.compile(
    r"(?:\b(?:do|does|did|done|doing|had|have|has|with|about|like)\s+(?:that|it|this|so)|\b(?:eso|esto|isso|isto|disso|nisso))(?=\W*$)"
)
_OPENING = re.compile(
    r"^\W*(?:and|but|also|y|e|pero|mas|what\s+about|how\s+about|que\s+tal|qu?e\s+hay\s+de|e\s+quanto\s+a|tambien|tambem)\b"
)
_WHY_OF = re.compile(rf"\W*(?:(?:and|y|e)\W+)?(?:why|how\s+come|por\s*que)\W+(?:(?:a|o|el|la)\s+)?{NAME}[{NAME} ]*\W*")
_REFERENCE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:he|she|they|him|her|hers|them|their|theirs|his|it|its|there)\b"),
    "es": re.compile(
        rf"\b(?:ella|ellos|ellas|le|les|su|sus|eso|lo|ahi|alli|alla)\b(?!\s+(?:que|mas|ultimo|mismo))"
        rf"|(?<!quien )(?<!quienes )\b{_SPOKE_ES}\b"
        r"|\b(?:responde|contesta|escribe|di|manda|envia|pregunta|agradece|recuerda)les?\b"
    ),
    "pt": re.compile(
        r"\b(?:ela|eles|elas|ele|lhe|lhes|dela|dele|delas|deles|seu|sua|seus|suas|isso|isto|la|ali)\b"
        rf"|(?<!quem )\b{_SPOKE_PT}\b"
    ),
}
# That somebody leaves, which no word of it says alone ("se va", "vai embora").
_LEAVING = frozenset(
    """losing loosing lose loose lost perdemos perdiendo perdendo perder leave leaves leaving left quit quits quitting va van vai vao fue fueron marcha marchan marchar marcharse irse ir deja dejan dejar dejarnos
    embora saindo saida sair sai saiu saem deixa deixam deixar""".split()
)
_ANYBODY = rf"(?:any(?:one|body)|customers?|clients?|accounts?|clientes?|cuentas|contas|{EVERYBODY}+)"
_NO_MORE = (
    r"(?=(?:\s+(?:us|nos|soon|now|already|ya|pronto|ja|agora|em\s+breve|this\s+\w+|next\s+\w+|est[ea]\s+\w+))*[^\w"
    + NAME
    + r"]*(?:$|[?.!,;]))"
)
_GOES = r"(?:se\s+(?:(?:nos|me)\s+)?(?:va|van|fue|fueron|marchan?)(?!\s+a\b)|nos\s+dejan?|(?:vai|vao|foi|foram)\s+embora|(?:esta|estao)\s+(?:saindo|a\s+sair)|sai(?:u|em|ram)?(?=\W*$))"
_LEAVES = re.compile(
    rf"\bwhy\s+(?:is|are|did|does|do|was|has|have)\s+(?:{NAME}[{NAME} ]*|they|he|she)\s+(?:(?:\w+\s+){{0,2}}to\s+)?(?:leav(?:e|es|ing)|left)\b"
    rf"|\bwhy\s+(?:are|did|do|have)\s+we\s+(?:losing|loosing|lose|loose|lost)\s+{NAME}|\bpor\s*que\s+(?:(?:estamos|nos)\s+)?(?:perdemos|perdiendo|perdendo|a\s+perder)\s+(?:a\s+|o\s+)?{NAME}"
    rf"|\bpor\s+que\s+(?:(?:a|o|la|el)\s+)?(?:{_GOES}|{NAME}[{NAME} ]*\s+{_GOES})"
    # … or who does, and nothing else: "¿quién se va de vacaciones?" is none
    rf"|(?:\b(?:is|are)\s+{_ANYBODY}|^\W*(?:(?:and|so|but|ok|tell\s+me|show\s+me)\W+)*who(?:\s+(?:all|else))?(?:'s)?|{_ANYBODY})\s+(?:(?:all|is|are|has|have|might|may|could|wants?|plans?|planning|thinking|going|likely|that|already)\s+)*"
    rf"(?:(?:to|of|about)\s+)?(?:leav(?:e|es|ing)|(?<=has\s)left|(?<=have\s)left|(?<=already\s)left|quit(?:ting|s)?){_NO_MORE}"
    rf"|(?:^\W*(?:y\W+)?quien(?:es)?|{_ANYBODY})\s+(?:(?:se\s+(?:nos\s+)?|nos\s+)?(?:quieren?|piensan?(?:\s+en)?|van?\s+a)\s+(?:irse|marcharse|dejarnos|ir(?!\s+\w))|se\s+(?:nos\s+)?(?:van?|marchan?)|nos\s+dejan?){_NO_MORE}"
    rf"|(?:^\W*(?:e\W+)?quem|{_ANYBODY})\s+(?:(?:vai|vao)\s+embora|(?:quer(?:em)?|pode(?:m)?|vai|vao)\s+(?:ir\s+embora|sair|nos\s+deixar)|(?:esta|estao)\s+(?:saindo|de\s+saida|a\s+sair)|nos\s+(?:(?:vai|vao)\s+deixar|deixam?)){_NO_MORE}"
)
_EXPRESSION = 4  # words; a longer one holds what was cancelled, too
_NAMED = {"cancel": "cancelar", "terminate": "rescindir"}  # in Spanish and Portuguese
_TOPIC_WORD = re.compile(r"([^\W_](?:[\w./@&+-]*\w)?)(?:'\w{1,2}\b)?")
_MENTIONED = re.compile(
    r"\b(?:mention(?:s|ed|ing)?|mencion\w*|about|sobre|acerca\s+de|brought\s+up|compar\w+\s+(?:us\s+)?(?:to|with|con|com)"
    r"|habl\w+\s+de|fal\w+\s+d[aeo])\s+(?:(?:a|o|la|el|al|ao)\s+)?['\"“«]?$"
)
# Where an order to write goes from the mail to answer over to what to say in the answer.
_CONTENT = re.compile(
    r"\b(?!during\b|evening\b|morning\b|meeting\b|regarding\b)\w{2,}ing\b|\b(?:and|to)\s+(?:say|tell|ask|thank|confirm|propose|apologi[sz]e|offer|remind|suggest|invite|let)\b"
    r"|\b\w{3,}(?:ando|endo|indo|iendo)(?:l[eoa]s?|te|se|nos)?\b"
    r"|\b(?:y|e|para)\s+(?:di(?:le|ga|z|zer)?|dile|pide|pidele|pregunta|confirma|propon|agradece|ofrece|decir|pedir|confirmar|proponer|agradecer|preguntar"
    r"|peca|pergunte|confirme|proponha|agradeca|ofereca|dizer|propor|perguntar)\b|\b(?:that|que)\b"
)
_LINKS = _words(
    """only just now then for please the one ones at of in from with on solo solamente ahora el la los
        las de del en con favor so somente apenas agora o a os as da do em no na com"""
)


def language_of(raw: str, plain: str, default: Language | None) -> Language:
    """The language of a question by the words of its frame; `default` where they don't tell."""
    words = re.findall(r"[^\W_]+", plain)
    votes = {language: float(sum(word in FRAME[language] for word in words)) for language in LANGUAGES}
    if default is not None:
        votes[default] += 0.5  # a conversation seldom changes its language
    votes["es"] += 1.5 * any(char in raw.lower() for char in "¿¡ñ")
    votes["pt"] += 1.5 * any(char in raw.lower() for char in "ãõçâêô")
    best = max(votes.values())
    leading = [language for language in LANGUAGES if votes[language] == best]
    if len(leading) == 1:
        return leading[0]
    if default is not None and (default in leading or not best):
        return default
    guess = detect(raw)
    return guess if guess in leading else leading[0]


def limit_of(text: str) -> tuple[int, int, int] | None:
    """How many of the latest mails are asked for ("el último correo": 1), and the span of the words."""
    for pattern in _LIMITS:
        match = pattern.search(text)
        if match is None:
            continue
        number = match.groupdict().get("number")
        if number is not None:
            return _NUMBERS.get(number) or int(number), *match.span()
        if not match["mail"].endswith("s") and match["mail"] != "replies":
            return 1, *match.span()
    one = _LATEST_ONE.search(text)
    return (1, *one.span()) if one else None


def first_of(text: str) -> tuple[int, int, int] | None:
    """How many of the oldest mails are asked for ("the first mail": 1), and the span of the words."""
    for pattern in _FIRST:
        match = pattern.search(text)
        if match:
            number = match.groupdict().get("number")
            return (_NUMBERS.get(number) or int(number) if number else 1), *match.span()
    return None


def asks_for_one_before(text: str) -> bool:
    """Whether the mail before the one just shown is asked for."""
    return _ONE_BEFORE.search(text) is not None


def tone_of(text: str) -> tuple[Tone, int, int] | None:
    """The tone of the mails asked for ("negative emails", "correos negativos"), and the span of the words."""
    match = _TONE.search(text)
    if match is None:
        return None
    word = next(group for group in match.groups() if group)
    return next(tone for stem, tone in _TONES.items() if word.startswith(stem)), *match.span()


# "What did Fernanda think of the credit that we offered?" is about no mail of ours alone.
_OPINES = re.compile(
    r"\b(?:think|thought|say|said|feel|felt|opin\w+|ach(?:a|am|ou|aram)|pens\w+|dijo|disse|parec\w+|gust\w+|react\w+)\b"
)
_WE_OFFERED = re.compile(
    rf"(?<={NAME})[^?]*?\b(?:d[oae]s?|del|of|about|sobre|with|con|com)\s+\S+(?:\s+\S+){{0,2}}?\s+"
    rf"(?P<clause>(?:(?:que|that|which)\s+(?:(?:nos|le|les|lhes?|eu|yo|nosotros)\s+)?)?(?:{_WE_SPOKE}\b|{_WE_EN}\s+(?:{_SPOKE_EN}|made)\b|{_WE_MADE}\b))"
)


_MAIN = re.compile(r".{8,}?(?=\s+(?:when|after|once|cuando|despues\s+de|tras|quando|depois\s+(?:de|que))\s)")


def direction_of(text: str) -> Direction | None:
    """Whose mails are asked for: what somebody wrote to us, what we wrote, or both."""
    offered = _WE_OFFERED.search(text) if _OPINES.search(text) else None
    if offered:
        text = text[: offered.start("clause")]
    main = _MAIN.match(text)
    if main and _INBOUND.search(main[0]) and not _OUTBOUND.search(main[0]):
        return "inbound"  # "what did Andrés answer when I offered him …?"
    made = _OFFER_MADE.search(text) and not (_REACTS.search(text) or _OPINES.search(text))
    if made or _OUTBOUND.search(text):
        return "outbound"
    return "inbound" if _INBOUND.search(text) else None


def direction_of_all(text: str) -> Direction | None:
    """As `direction_of`; None where one half of a question is about what we wrote, and the other one is not ("what did Rose
    complain about, and what did we answer?").
    """
    found = direction_of(text)
    if _LATEST_ONE.search(text) and asks_who(text):
        return None  # "who wrote last?"
    if found == "inbound" and _WE_DID.search(text):  # "Paula complained, what did we do about it?"
        return None
    if found != "outbound":
        return found
    if _COMPLAINS.search(text):  # "who complained that we didn't answer?"
        return None
    halves = [half for half in _HALVES.split(_CLEFT.sub(r"\1", text)) if len(half.split()) > 2]
    return found if all(direction_of(half) == found for half in halves) else None


def opens_as_ellipsis(text: str) -> bool:
    """Whether the question carries on from the one before ("and …", "¿y …?", "e …", "what about …")."""
    return _OPENING.search(text) is not None


def asks_why_of(text: str) -> bool:
    """Whether nothing is asked but why, of somebody else ("why Globex?", "¿y por qué Globex?")."""
    return _WHY_OF.fullmatch(text) is not None


def is_fragment(text: str) -> bool:
    """Whether nothing but names, a period and linking words was said ("Globex?", "only last month")."""
    return all(word in _LINKS for word in re.findall(r"[^\W_]+", text))


def refers_back(text: str, language: Language) -> bool:
    """Whether somebody is meant whom only the question before names ("she", "¿qué respondió?")."""
    return _REFERENCE[language].search(text) is not None or _OF_ONE.search(text) is not None


# "By when?", "¿y por qué?", "e quanto?"
_ONE_THING_MORE = re.compile(
    r"\W*(?:(?:and|y|e|ok|but|pero|mas|so)\W+)*(?:(?:by|since|until|para|desde|hasta|ate)\s+)?"
    r"(?:when|why|how\s+much|how\s+many|who|cuando|por\s+que|cuant[oa]s?|quien(?:es)?|quando|quant[oa]s?|quem)"
    r"(?:\s+(?:was|is|fue|es|foi|e)\s+(?:that|it|eso|isso))?(?:\s+exact(?:ly|amente))?\W*"
)


_LONGEST_THING = 80  # characters; a longer question asks more


def asks_one_thing_more(text: str) -> bool:
    """Whether nothing is asked but when, why, who or how much, of what was told before."""
    return len(text) <= _LONGEST_THING and _ONE_THING_MORE.fullmatch(text) is not None


# What identifies one thing, whoever's it is: a ticket, an invoice.
NUMBER = re.compile(r"(?<![\w-])(?P<prefix>[A-Z]{2,6})-\d{2,}\b(?!\.\w)")
_PERSON = re.compile(r"\b(?:he|she|they|him|her|them|ell[oa]s?|el[ea]s?|lhes?|les?)\b")


def names_a_number(raw: str, text: str) -> bool:
    """Whether a thing is asked after by its number ("and LU-5032, whose was it?") and no person of the conversation."""
    return NUMBER.search(raw) is not None and _PERSON.search(text) is None


def everybody_named(text: str) -> re.Match[str] | None:
    """Where everybody is named whom a question may be about ("any customer", "algum cliente"), and not as the object of somebody."""
    return None if deals_with_somebody(text) else EVERYBODY_NAMED.search(text)


def deals_with_somebody(text: str) -> bool:
    return _WITH_SOMEBODY.search(text) is not None


def asks_for_others(text: str) -> bool:
    """Whether everybody else is asked for ("who else has that?")."""
    return _OTHERS.search(text) is not None and not deals_with_somebody(text)


# "Now that Andrew is leaving": not mails of his are asked for. "When does Andrew leave?" is a question.
_CONJUNCTION = (
    r"(?<=\S)\s+(?:now\s+that|since|because|when|while|after|before|ahora\s+que|desde\s+que|porque|cuando|mientras|despues\s+de\s+que|antes\s+de\s+que"
    r"|agora\s+que|quando|enquanto|depois\s+que|antes\s+que)\s+(?:se\s+\w+\s+|saiu\s+|left\s+)?(?:(?:el|la|o|a)\s+)?"
)
_SUBORDINATE = re.compile(rf"{_CONJUNCTION}$")
_CLAUSE = re.compile(
    rf"{_CONJUNCTION}{NAME}[{NAME} ]*{NAME}(?:\s+(?:is|are|was|were|has|have|had|esta|se|ha|tem))?(?:\s+\w+)?(?=\W*$|,)"
)
_BEGINS = re.compile(r"\W*(?:(?:and|so|y|e|ok|but|pero|mas)\W+)*")


def without_clause(text: str) -> str:
    """The text without a clause about somebody that only tells when or why ("… now that Andrew is leaving")."""
    begun = _begun(text)
    return text[:begun] + _CLAUSE.sub(lambda found: " " * len(found.group()), text[begun:])


def begins_a_clause(before: str, after: str) -> bool:
    """Whether a name between these words is the subject of a clause that only tells when or why."""
    clause = _SUBORDINATE.search(before[_begun(before) :]) is not None
    return clause and re.match(r"'s\s+(?!leaving|gone|left)", after) is None


def _begun(text: str) -> int:
    """Where the first word stands that is none of those a question opens with."""
    found = _BEGINS.match(text)
    return found.end() if found else 0


def asks_who(text: str) -> bool:
    """Whether it asks who it was ("and who signs it?")."""
    return (
        re.match(r"\W*(?:(?:and|so|y|e)\s+)?(?:(?:a|de|con|com|para)\s+)?(?:who|quien(?:es)?|quem)\b", text) is not None
    )


def compares_it(text: str) -> bool:
    """Whether whom the question before was about is to be compared with somebody ("compare it with Globex")."""
    return (
        re.search(
            r"\bcompar\w*\s+(?:it|them|this|that|eso|isso|esto|isto|ese|esse)?\s*(?:with|to|con|com|a)\b|\bcompar[ae]l[oae]s?\b"
            r"|(?:\b(?:better|worse|happier|healthier|lower|higher)\s+(?:or\s+(?:better|worse)\s+)?(?:off\s+)?than"
            r"|\b(?:mejor|peor|melhor|pior|mas\s+content[oa]|mais\s+(?:contente|satisfeit[oa]|feliz))\s+(?:(?:o|ou)\s+(?:mejor|peor|melhor|pior)\s+)?(?:do\s+)?que)"
            rf"(?:\s+(?:that|the|of|el|la|lo|o|a|de|del|da|do)){{0,3}}\s+{NAME}",
            text,
        )
        is not None
    )


def means_the_same(text: str) -> bool:
    """Whether what it is about is what the question before was about ("did Acme have the same problem?")."""
    return _THE_SAME.search(text) is not None


def does_that(text: str) -> bool:
    """Whether somebody does what was spoken of before ("has anyone else offered to do that?")."""
    return _THAT.search(text) is not None


_TWO = re.compile(
    r"\b(?:of|between)\s+(?:the|those|these)\s+two\b|\bboth(?:\s+of\s+them)?\W*$|\b(?:de|entre)\s+(?:l[oa]s|es[oa]s|est[oa]s)\s+dos\b|\bamb[oa]s\W*$"
    r"|\b(?:d[oa]s|dess[ea]s|dest[ea]s|entre\s+[oa]s|del[ea]s)\s+(?:dois|duas)\b"
)


def speaks_of_two(text: str) -> bool:
    """Whether two are meant that were spoken of before."""
    return _TWO.search(text) is not None


def speaks_of_several(text: str) -> bool:
    """Whether several are meant that were told of before ("what did each of them say?")."""
    return _SEVERAL.search(text) is not None


def says_what_to_write(order: str, words: str) -> bool:
    """Whether `words` of an order to write belong to what shall be written ("… confirming the meeting on Thursday") and
    not to the mail to answer ("reply to Thursday's mail saying …").
    """
    plain, wanted = flat(order), flat(words)
    begins = _CONTENT.search(plain)
    return bool(wanted and begins and plain.rfind(wanted) > begins.start())


def flat(text: str) -> str:
    """Folded, with single blanks."""
    return " ".join(fold(text).replace("’", "'").split())


def stands_as_topic(before: str) -> bool:
    """Whether a name after these words is what was written about ("did any customer mention Globex?")."""
    return _MENTIONED.search(before) is not None


def topic_of(raw: str, text: str, language: Language) -> str:
    """What is left to search for, as written, without what `text` has covered and the words of the frame.

    An expression made of words that say nothing alone is named by one that does: "se da de baja" is "cancelar".
    """
    hits = find(raw, load_lexicon()) if language != "en" else ()
    named = {
        hit.start: (hit.end, _NAMED[hit.term])
        for hit in hits
        if 1 < len(hit.form.split()) <= _EXPRESSION and hit.term in _NAMED and NAME not in text[hit.start : hit.end]
    }
    found, end = list[str](), 0
    for match in _TOPIC_WORD.finditer(text):
        begun = next((start for start in named if start <= match.start(1) < named[start][0]), None)
        if match.start(1) < end:
            continue
        if begun is not None:
            end, word = named[begun]
            found.append(word)
        elif match[1] not in FRAME[language]:
            found.append(raw[match.start(1) : match.end(1)])
    if _LEAVES.search(text):
        found = ["cancel" if language == "en" else "cancelar", *(word for word in found if fold(word) not in _LEAVING)]
    return " ".join(found)
