"""Which kind of question it is, from its words, in English, Spanish and Portuguese."""

from __future__ import annotations

import re
from typing import Literal

from agent.everyday import FILLER, telling
from agent.offline.roles import asks_for_job
from agent.periods import ANY_TIME
from agent.scope import Scope
from agent.typed import as_meant
from agent.wording import EVERYBODY_NAMED, asks_for_others, asks_who, direction_of
from crm.folding import fold
from crm.index.search import is_identifier
from crm.signals.lexicon import concept_forms

Kind = Literal[
    "help", "draft", "mentions", "count", "record", "role", "compare", "pace", "health", "waiting", "attachments", "open",
    "timeline", "search", "story", "briefing",
]  # fmt: skip

_POLITE = (
    r"^(?:please|por favor|hi|hola|ola)?[ ,]*(?:(?:can|could|would) you|puedes|podrias|voce pode|pode|podes|podrias)? ?"
)
_DRAFT = re.compile(
    r"^(?:(?:ok|okay|vale|bueno|bien|alright|great|perfect[oa]?|gracias|thanks|entonces|entao|then|now|ahora|agora|e|y|and|so)[,.:;]? )*"
    + _POLITE.removeprefix("^")
    + r"(?:please |por favor,? )?(?:help me |ayudame a |me ajude a )?"
    r"(?:(?:write|draft|compose|prepare|reply|respond|answer (?=[a-z]+'s|the (?:last|latest)))\b"
    r"|(?:escribe|escribele|escribir|redacta|redactar|redactale|responde|respondele|responder|contesta|contestale|contestar)\b"
    r"|send (?:\S+ )?(?:an? |the )?(?:short |quick )?(?:e-?mail|mail|message|reply|note|answer)\b"
    r"|(?:envia|enviale|manda|mandale|envie|mande)(?:-lhe)? (?:un|una|um|uma) (?:\S+ )?(?:correo|e-?mail|mail|mensaje|mensagem|respuesta|resposta|nota)\b"
    r"|(?:escreva|escreve|escrever|redija|redige|redigir|responda|responder|rascunhe|rascunha|elabore|elabora|prepare|prepara)\b)"
)
_MENTIONS = re.compile(
    r"\bmention|\bmencion|\b(?:said|use[sd]?|dijo|dicho|disse|falou) (?:the word|la palabra|a palavra)\b"
    r"|\b(?:did|has|have|was) (?:any|some)(?:body|one| customers?| clients?| of)\b"
    r"|\b(?:algun|algum)a?s? (?:clientes?|contactos?|contatos?)\b|\balguien\b|\balguem\b"
    r"|\bwho (?:talked|spoke|complained|asked|wrote)\b|\bquien(?:es)? (?:hablo|hablaron|pregunt|se quej|escribi)"
    r"|\bwho (?:threaten|told|said|mention|want|request|demand|ask|(?:is |are |keeps )?complain)|\bquien(?:es)? (?:se (?:esta|estan) quej|amenaz|dijo|dijeron|menc|quiere|pidi)"
    r"|\bquem (?:ameac|disse|menc|quer|pediu|falou|falaram|pergunt|(?:se |esta |estao |anda )?(?:reclam|queix)|escreveu)|\b(?:which|what|how many) customers? (?:have |has |had )?(?:talk|spoke|told|sa[iy]|want|threat|request|complain|mention|ask)"
    r"|\b(?:que|cuales|cuantos) clientes? (?:habl|menc|se quej|pregunt)|\b(?:que|quais|quantos) clientes? (?:fal|menc|reclam|pergunt)"
)
_COUNT = re.compile(
    r"\bhow many (?:e-?mails?|mails?|messages?)\b|\bcuantos (?:correos|mails|e-?mails|mensajes)\b"
    r"|\bquant(?:os|as) (?:e-?mails?|mails?|mensagens|correios)\b"
    r"|\bhow (?:often|many times) (?:did|do|does|has|have) (?:\S+ ){1,4}?(?:write|written|e-?mail|answer|reply|contact)"
    r"|\b(?:cuantas veces|con que frecuencia) (?:\S+ ){0,3}?(?:escrib|contest|respond)"
    r"|\b(?:quantas vezes|com que frequencia) (?:\S+ ){0,3}?(?:escrev|respond)"
)
_RECORD = re.compile(
    r"\bwho (?:is|are|'s) (?:the |our |my )?(?:\S+ ){0,4}?(?:champion|contacts?|owner|stakeholders?|billing)\b"
    r"|\bquien(?:es)? (?:es|son) (?:\S+ ){0,4}?(?:champion|contactos?|responsable|propietario)\b"
    r"|\bquem (?:e|sao) (?:\S+ ){0,4}?(?:champion|contatos?|responsavel|dono)\b"
    r"|\bwhen (?:does|do|is|will) .*\brenew|\bcuando (?:se )?renueva|\bcuando vence\b|\bquando (?:se )?renova|\bquando vence\b"
    r"|\bwhen (?:is|are) .*\brenewals?\b|\bcuando es .*\brenovacion\b|\bquando e .*\brenovacao\b"
    r"|\b(?:which|what|que|cuales|quais) (?:customers|clients|accounts|clientes|cuentas|contas) (?:\S+ ){0,2}?(?:pay|pagan|pagam)\b|\bhow much (?:does|do) .*\bpay\b|\bcuanto (?:nos )?pagan?\b|\bquanto (?:nos )?pagam?\b"
    r"|\brenewal date\b|\bfecha de renovacion\b|\bdata (?:de|da) renovacao\b|\barr\b"
    r"|\bwhich customers? (?:renew|are up for renewal)|\b(?:que|cuales) clientes? renuevan|\bquais clientes renovam"
    r"|\bcontacts? (?:at|of|for) |\bcontactos de |\bcontatos d"
    # … but "how many customers were affected by the outage?" is answered by mail, not by the list of customers
    r"|\bhow many (?:customers|clients|accounts)\b(?! (?:were|was|got|have been|had been))"
    r"|\bcuantos clientes\b(?! (?:fueron|se vieron|han sido|resultaron))|\bquantos clientes\b(?! (?:foram|ficaram|tem sido))"
    r"|\b(?:customers|clients|accounts|clientes|cuentas|contas|quien(?:es)?|quem|who(?:'s| is| are)?) (?:\S+ ){0,3}?(?:on|in|with|en|con|em|no|com|tienen?|tem|have|has) (?:\S+ ){0,3}?(?:plan|plano)\b"
    r"|\b(?:list|which|what|show|how many|lista|que|quais|cuales|cuantos|quantos) (?:\S+ ){0,3}?(?:customers|clients|accounts|clientes|cuentas|contas) (?:\S+ ){0,2}?(?:paused|churned|(?:on|in) trial|pausados|en prueba|em teste|em pausa|en pausa)\b"
    r"|\b(?:what|which) plan\b|\bque plan\b|\b(?:qual(?: e)? o|que) plano\b"
    r"|\bwho (?:owns|manages)\b|\baccount manager\b|\bquien (?:lleva|gestiona)\b|\bquem (?:cuida|gere|gerencia)\b"
    r"|\b(?:que|cuales|quais|which|what) (?:renovaciones|renovacoes|renewals|contratos|contracts) (?:\S+ ){0,2}?(?:vencen?|vencem|caen|caem|tocan|tenemos|temos|are|come|fall)\b"
    r"|\b(?:upcoming|next) renewals?\b|\brenewals? (?:in|this|next|coming|due)\b|\bproximas renovaciones\b|\bproximas renovacoes\b"
    r"|\b(?:que|cuales|quais) (?:contratos?|clientes?|cuentas|contas|licencias|licencas) (?:se )?(?:renuevan|renovam|vencen|vencem)\b|\bwhich (?:contracts?|customers?) (?:renew|are due)"
    r"|\b(?:se renuevan?|renovam|renuevan) (?:en|no|em|este|el|neste|nos|proxim)"
    r"|\brenovaciones (?:de|en|este|esta|del|tengo|tenemos|hay|que (?:tengo|tenemos|hay|vienen))\b|\brenovacoes (?:tenho|temos|ha|que (?:tenho|temos|ha|vem))\b|\brenovacoes (?:de|em|no|na|deste|desta|do|da) "
    r"|\b(?:biggest|largest|top) (?:customers?|clients?|accounts?)\b|\bpays? (?:us )?(?:the )?most\b|\b(?:highest|lowest) arr\b"
    r"|\bclientes? mas grandes?\b|\bmayor(?:es)? clientes?\b|\bpagan? mas\b|\bmaior(?:es)? clientes?\b|\bpagam? mais\b"
    r"|\b(?:who|quien(?:es)?|quem) (?:pays?|paga|pagan|pagam) (?:more|mas|mais|less|menos)\b"
    r"|\b(?:who|quien(?:es)?|quem) (?:renews?|is renewing|renuevan?|renovam?)\b"
    r"|\b(?:customers|clients|accounts) (?:\S+ ){0,3}?renew|\bclientes (?:\S+ ){0,3}?(?:renuevan|renovam)"
)
_LEADS = re.compile(r"\b(?:owns|manages|lleva|gestiona|cuida|gere|gerencia)\b")
_COMPARED = re.compile(
    r"\b(?:health|salud|saude|scores?|puntuacion(?:es)?|pontuac(?:ao|oes)|arr|plans?|planes|planos?|renewals?|renovacion(?:es)?|renovac(?:ao|oes)"
    r"|accounts?|cuentas?|contas?|vs|versus|side|differences?|diferencias?|diferencas?)\b"
)
_ATTACHMENTS = re.compile(
    r"\b(?:which|what|any|list|show).*\battachments?\b|\b(?:which|what|any|list|show)(?: \S+){0,3} (?:files?|documents?)\b|\b(?:adjuntos|ficheros|archivos|anexos|ficheiros|arquivos)\b"
)
_OPEN = re.compile(
    r"\b(?:left|still) to (?:do|send|answer|deliver)\b|\bstill (?:need|want|expect)s? (?:\S+ )?from (?:us|me)\b|\b(?:do|did) (?:we|i) (?:still )?owe\b(?!.*\b(?:answer|reply))|\bwhat(?:'s| is| remains?) (?:still )?(?:open|pending|outstanding)\b|\bopen (?:points|topics|items|questions|issues)\b|\bnext steps?\b"
    r"|\bpendientes?\b|\bpendentes?\b|\b(?:open|outstanding|pending) (?:with|at|for|from)\b|\bto-?dos?\b|\bqueda abierto\b|\bproximos pasos\b|\bem aberto\b|\bpor resolver\b|\bpromis|\bpromet|\bquestions? (?:did|has|have) .*\bask|\bfaltam? (?:todavia |aun |ainda )?(?:por |me |nos |te )*(?:hacer|fazer|resolver|enviar|mandar|responder|contestar|entregar|fechar|cerrar)"
)
_PACE = re.compile(
    r"\b(?:response|reply|answer) times?\b|\btiempos? (?:medio )?de respuesta\b|\btempos? (?:medio )?de resposta\b"
    r"|\bhow (?:long|fast|quick(?:ly)?|soon|slow(?:ly)?)\b.*\b(?:answer|repl(?:y|ies)|respond|get back|write back)"
    r"|\b(?:en|em) (?:cuanto|quanto) (?:tiempo|tempo)\b.*\b(?:respond|contest)|\b(?:cuanto|quanto) (?:tiempo |tempo )?(?:\S+ ){0,4}?(?:tard|demor|llev|lev)\w+\b.*\b(?:respond|contest)"
    r"|\b(?:tard(?:a|an|amos|o|aron)|demor(?:a|am|amos|an|ou|aram))\b.*\b(?:respond|contest)"
    r"|\b(?:con que rapidez|que tan rapido|com que rapidez|quao rapido)\b.*\b(?:respond|contest)"
    r"|\b(?:fast|slow)(?:est)? to (?:answer|reply|respond)\b|\b(?:fast|slow)est (?:answer|repl(?:y|ies)|respons)"
    r"|\b(?:hemos tardado|tardamos|hemos demorado|demoramos|demorei|tardei|he tardado) (?:\S+ )?(?:mas|menos|mais)\b"
    r"|\b(?:respuestas?|respostas?) (?:mas|mais) (?:lent|rapid|demorad)"
)
_OUR_PACE = re.compile(
    r"\b(?:we|i)\b(?! (?:get|receive|wait))|\btakes? (?:me|us)\b|\btook (?:me|us)\b|\ba gente\b|\bour\b|\b(?:tardamos|demoramos|respondemos|contestamos|nuestr[oa]|noss[oa]|nosotros|nos mesmos|(?:hemos|he) (?:tard|demor)ado|demorei|tardei)\b"
)
_THEIR_PACE = re.compile(
    r"\b(?:answer|reply|respond|write back|get back) (?:to )?(?:us|me)\b|\b(?:respond|contest)\w+[- ](?:nos|me)\b|\bnos (?:tarda|respond|contest)\w*"
    r"|\b(?:they|she|he|it|their)\b"
)
_COMPARE = re.compile(r"\bcompar|\bversus\b|\bvs\b|\bside by side\b|\bdiferenc|\bdifferences?\b")
_THREAT = re.compile(
    r"\bthreat|\bamenaz|\bameac|\b(?:wants?|wanted|plans?|planning|going|intends?|decided) to\b|\bconfirm"
    r"|\b(?:quier|quer|va|vai|vao|van) \w+(?:ar|er|ir)\b|\b(?:is|are) (?:\S+ )?(?:cancel|leav|churn)"
)
# "Prep me for a call with Maria", "tengo llamada con Acme, ¿qué hay?"
_BRIEFING = re.compile(
    r"\bprep(?:are|arame|arar|ara|aro)?\b(?: \S+){0,3}? (?:call|calls|meeting|qbr|llamada|reunion|visita|visit|ligacao|chamada|reuniao|conversa)\b"
    r"|\b(?:before|antes de|antes da|ahead of) (?:\S+ ){0,2}?(?:call|meeting|llamada|reunion|ligacao|chamada|reuniao)\b"
    r"|\b(?:have|got|tengo|tenho|temos|tenemos) (?:\S+ ){0,3}?(?:call|meeting|llamada|reunion|ligacao|chamada|reuniao) (?:with|con|com|at|on|in|en|em|a)\b"
    r"|\bbrief me\b|\bponme al dia\b|\bme (?:atualiza|poe a par|ponha a par)\b|\bget me up to speed\b"
)
_STATE = re.compile(
    r"\b(?:still|sigue|siguen|continuam?|ainda|todavia|aun)\b|\bwhere (?:do|are) we\b|\bstand on\b|\bstatus\b|\bstate of\b|\bhow (?:is|are|'s)\b|\blatest\b|\bcurrent(?:ly)?\b|\bnow\b"
    r"|\b(?:end(?:ed)? up|ended|turn(?:ed)? out|outcome|settle[ds]?|resolved|solved|fixed|repaired)\b|\b(?:como|en que) (?:acabo|termino|quedo|quedamos|quedaron|se resolvio)\b"
    r"|\bcomo (?:acabou|terminou|ficou|ficaram|se resolveu)\b|\bem que (?:deu|ficou)\b|\b(?:resuelt[oa]s?|solucionad[oa]s?|arreglad[oa]s?|corregid[oa]s?|resolvid[oa]s?|corrigid[oa]s?|consertad[oa]s?|resolvemos|resolv(?:eu|io)|solucion(?:o|ou)|arreglo)\b"
    r"|\ben que (?:punto|estado)\b|\bcomo (?:va|van|esta|estan)\b|\bestado\b|\bahora\b|\bactual\b|\bem que (?:pe|ponto|estado)\b|\bagora\b|\batual\b"
)
_WAITING = re.compile(
    r"\bunanswered\b|\bwait(?:s|ing)? (?:for|on)\b.*\b(?:repl|answer|respon|us\b|me\b|them\b)|\bow(?:es?|ing) .*\b(?:repl|answer|mail)"
    r"|\b(?:who|which) (?:\S+ ){0,2}?(?:has|have|did|does) ?(?:n't|not) (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:we|i) (?:have|did|do) ?(?:n't|not) (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:have|did|do)(?:n't| not) (?:we|i) (?:yet )?(?:repl|answer|respond)|\b(?:have|did|do) (?:we|i) not (?:yet )?(?:repl|answer|respond)"
    r"|\b(?:do|should|must) (?:i|we) (?:still )?(?:need to |have to )?(?:answer|reply|respond)\b"
    r"|\bwhat should (?:i|we) (?:do|work on)\b|\bneeds? (?:my|our|an|a) (?:answer|reply|attention)"
    r"|\bsin (?:responder|contestar|respuesta)\b|\besper(?:a|an|ando) (?:\S+ ){0,3}?(?:respuesta|contestacion)"
    r"|\bno (?:nos |me |les |le )?(?:ha|han|hemos|he) (?:respondido|contestado)|\b(?:debo|debemos|tengo que|hay que) (?:responder|contestar)"
    r"|\bque (?:debo|deberia|tengo que) hacer\b|\bdeb(?:o|en?|emos) (?:\S+ ){0,2}?(?:respuesta|contestacion)|\bdev(?:o|em?|emos) (?:\S+ ){0,2}?resposta"
    r"|\bsem (?:responder|resposta)\b|\besper(?:a|am|ando) (?:\S+ ){0,3}?resposta|\baguard(?:a|am|ando) (?:\S+ ){0,3}?resposta"
    r"|\bnao (?:nos |me )?(?:respondeu|responderam|respondi|respondemos)|\b(?:devo|devemos|tenho (?:de|que)|preciso) responder"
    r"|\bo que (?:devo|tenho que|tenho de) fazer\b"
)
_THEY_OWE = re.compile(
    r"\bwho (?:\S+ )?(?:has|have|did|does) ?(?:n't|not)|\bcustomers? (?:\S+ )?(?:has|have|did|does) ?(?:n't|not)"
    r"|\bwe(?: are|'re) waiting|\bare we waiting|\bow(?:es?|ing) (?:us|me)\b|\b(?:nos|me) deben?\b|\b(?:nos|me) devem?\b"
    r"|\bno (?:nos|me) (?:ha|han) |\b(?:estamos|estoy) esperando|\besperamos|\bnao (?:nos|me) respond|\baguardamos"
)
_NOT_OURS = re.compile(
    r"\b(?:have|did|do)(?:n't (?:we|i)| not (?:we|i)| (?:we|i) not) (?:yet )?(?:repl|answer|respond)"
)
_WE_OWE = re.compile(
    r"\b(?:we|i) (?:have|did|do) ?(?:n't|not)|\b(?:from|for|on) (?:us|me)\b|\b(?:my|our) (?:answer|reply|attention|response)"
    r"|\b(?:should|must|do) (?:i|we)\b|\bwe owe\b|\bno (?:les |le )?(?:hemos|he) |\b(?:nuestra|nossa|mi|minha) respuest|\bnossa resposta|\b(?:respuesta|contestacion|resposta) (?:nuestra|mia|nossa|minha)\b"
    r"|\b(?:debo|debemos|tengo que|hay que|deberia|devo|devemos|tenho|preciso)\b|\bnao respond(?:i|emos)\b"
)
# "Which customers have not written for a month?"
_NO_WORD = (
    r"(?:\bnot|n't) (?:written|wrote|(?:\S+ )?heard from|been in touch)\b|\bno (?:me |nos )?(?:escriben?|han escrito|ha escrito)\b|\bsin escribir(?:me|nos)?\b"
    r"|\bnao (?:me |nos )?(?:escreve|escrevem|escreveram|escreveu)\b|\bsem escrever\b"
)
_FOR_HOW_LONG = frozenset(
    """month months mes meses week weeks semana semanas day days dia dias long while tiempo tempo touch written wrote heard escrito escriben escribe
    escrevem escreve escreveu escreveram more than mas mais de""".split()
)
_MOOD = re.compile(
    r"\b(?:un|dis)?happ(?:y|iest|ier)\b|\b(?:dis|un)?satisfied\b|\bin trouble\b|\bsilen(?:t|ce|cios[oa]s?|cio)\b|\bquiet\b|\bgone dark\b"
    r"|\b(?:in|des)?satisf(?:ech|eit)[oa]s?\b|\b(?:des)?content[oa]s?\b|\benfadad[oa]s?\b|\bcallad[oa]s?\b|\bcalad[oa]s?\b|\bfeliz(?:es)?\b|\bfelices\b"
    r"|\b(?:might|could|may|will|likely to|going to) (?:churn|leave)\b"
)
_ATTITUDE = re.compile(
    r"(?:threat|amenaz|ameac|confirm|announc|anunci|decid|consider|plan(?:s|ned|ning|ea|ej)|hint|insinu|want|quier|quer|pens|pretend|intend|ask(?:ed|s)? to|their|his|her|ya$|ja$)"
)
_LONGEST = re.compile(r"\b(?:longest|most|tiempo|tempo)\b")
_SILENCE = re.compile(_NO_WORD + r"|\bsilen|\bquiet\b|\bgone dark\b|\bcallad|\bcalad")
_BEST = re.compile(
    r"\b(?:happ|satisfied|content[oa]|satisf(?:ech|eit)|feli[zc]|healthiest|best|mas sanos|mais saudaveis)"
)
_BIGGEST = re.compile(r"\b(?:biggest|largest|top|most|highest|mas grandes?|mayor|pagan? mas|maior|pagam? mais)")
_RENEWAL = re.compile(r"\bren(?:ew|uev|ov)|\bvenc")
_WHO = re.compile(r"^(?:who(?:'s| is| are| was)|quien(?:es)? (?:es|son|era)|quem (?:e|sao|era))\b")
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|hola|ola|oi|good (?:morning|afternoon|evening)|buen[oa]s (?:dias|tardes|noches)|buenas|bom dia|boa (?:tarde|noite)"
    r"|help(?: me)?|ayuda(?:me)?|ajuda|thanks?(?: you)?(?: very much| a lot)?|(?:muchas )?gracias|(?:muito )?obrigad[oa]|there|please|por favor)[ ,.!?]*)+$"
    r"|^(?:what can (?:you do|i ask(?: you)?)|how (?:do(?:es)? (?:this|it|you) work|can you help(?: me)?)|what are you|who are you"
    r"|que (?:puedes hacer|sabes hacer|puedo preguntar(?:te)?)|como funciona(?:s)?(?: esto| isto| isso)?|quien eres|(?:en|em) que (?:me )?(?:puedes|pode) (?:ayudar|ajudar)(?:me)?"
    r"|o que (?:voce )?(?:pode|consegue|sabe) fazer|o que posso perguntar|quem e voce)$"
)
_HEALTH = re.compile(
    r"\bhealthy?\b|\bscores?\b|\bat risk\b|\bsentiment\b|\bsalud\b|\ben riesgo\b|\bsaude\b|\bem risco\b|\bsentimento\b|\bsentimiento\b|\bpuntuacion\b|\bpontuacao\b"
)
# Health, where nothing but the customer is asked after: "how is the renewal going" is about the renewal.
_HOW_IS = re.compile(r"\bhow (?:is|are|'s) .*\b(?:doing|going)\b|\bhow(?:'s| is| are)\b|\bcomo (?:va|van|esta|estan)\b")
_TIMELINE = re.compile(
    r"\bsummar|\brecap\b|\bwhat(?:'s| is| has)? (?:happened|happening|new|going on|changed)\b|\bwhat did .* (?:reply|answer|say|write)\b"
    r"|\blatest\b|\bcatch me up\b|\bresum|\bque (?:ha )?(?:paso|pasado|sucedio|hay de nuevo|cambio)\b|\bnovedades\b"
    r"|\bque (?:respondio|contesto|dijo|escribio)\b|\bo que (?:aconteceu|houve|mudou|ha de novo)\b|\bnovidades\b"
    r"|\bo que (?:\S+ ){0,2}(?:respondeu|disse|escreveu)\b"
)
_QUOTED = re.compile(r"[\"“”«‘']([^\"“”«»‘’']{2,60})[\"“”»’']")
_WORD = re.compile(r"[\w-]+(?:\.\w+)*")
# "Who approved?", "quem aprovou?": nothing is said of what.
_WHO_DID = re.compile(r"(?:and |y |e )?(?:who|quien|quem) (?:ha |lo |o |a )?(?!is\b|are\b|es\b|e\b)\w+$")
# Kinds of a question which, in a conversation about one customer, is about that one when it names none.
_OF_ONE = frozenset({"search", "mentions", "timeline", "open", "attachments", "pace"})
_BRIEF = 12  # words
_OF_ALL = re.compile(
    r"\b(?:customers|clients|accounts|clientes|cuentas|contas|portfolio|cartera|carteira|overall|in total|en total|no total)\b"
)
_SPEAKS = re.compile(
    r"\b(?:say|said|tell|told|write|wrote|offer(?:ed)?|give|gave|given|ask(?:ed)?|mention(?:ed)?|promised?|dij\w+|dice[n]?|escrib\w+|ofrec\w+|dimos|pidi\w+|pregunt\w+"
    r"|disse\w*|diz(?:em)?|escrev\w+|oferec\w+|pedi\w+|pergunt\w+)\b"
)
_AMOUNT = re.compile(r"\d[\d.,]*(?:k|m|mil)?", re.IGNORECASE)
_AND = re.compile(
    r",?\s+(?:and|y|e)\s+(?=(?:(?:a|de|con|com|em|en)\s+)?(?:how|what|when|who|why|which|where|c[oó]mo|qu[eé]|cu[aá]ndo|cu[aá]nt[oa]s?|qui[eé]n(?:es)?"
    r"|cu[aá]l(?:es)?|o\s+que|quando|quant[oa]s?|quem|qual|quais)\b)",
    re.IGNORECASE,
)
_OF_MAIL = frozenset({"count", "timeline", "search"})
_ONE_TOOL = frozenset({"count", "pace", "record", "role", "timeline", "search", "waiting", "health"})
# "And who handles their invoices?" asks something of its own, "and who else?" does not.
_ASKS = re.compile(
    r"(?:and|y|e) (?:who|whom|what|when|where|why|how|did|has|have|is|was|does|quien|que|cuando|donde|como|por que|cuant[oa]s?|en que|quem|o que|quando|onde"
    r"|quant[oa]s?)(?: (?!about\b|else\b|hay\b|tal\b)\S+){2,}"
)
_SINCE_THEN = re.compile(
    r"\b(?:since|after) (?:then\b|that(?!\s+\w))|\bdesde (?:entonces|entao)\b|\bdespues de eso\b|\bdepois disso\b|\ba partir de? ?(?:ahi|ai|entao|entonces)\b"
)
_IT = re.compile(
    r"\bof (?:them|those|these)\b|\b(?:de|entre) (?:ell[oa]s|es[oa]s|est[oa]s)\b|\b(?:del[ea]s|dess[ea]s)\b|\bit\b|\b(?:that|this|those)(?=$| (?:is|was|be|been|get|got|happen|work|cost|mean)\b)|\b(?:eso|esto|isso|isto|disso|nisso)\b"
    r"|\blo (?!que\b|de\b|del\b|mismo\b|ultimo\b)\w+(?:aron|ieron|imos|amos|o|io|an?|en?)\b"
)
_SUM = re.compile(
    r"\b(?:totals?|sum|add up to|altogether|combined|suman?|sumando|somam?|somando|juntos|juntas|en conjunto|no total)\b"
)
_TOPIC_ONLY = re.compile(
    r"(?:and|y|e|so)?\s*(?:what about|how about|anything (?:about|on)|que hay de|e quanto a|algo (?:de|sobre)|about|on|sobre|de|do|da|del)\s+(?:(?:el|la|los|las|o|a|os|as|the|our|his|her|their)\s+)?"
    r"[\w-]+(?:\s+[\w-]+){0,3}$"
)
_ANOTHER = re.compile(
    r"(?:(?:and|y|e|also|tambien|tambem)\s+)+(?:(?:another|an?(?: \w+)? one|one|otr[oa]|outr[oa]|lo mismo|o mesmo|un[oa]?|uma?)(?: \w+)? )?(?:to|for|a|para|ao|al|à)\s+(?:[oa] )?\w+"
    r"(?! (?:did|said|dijo|disse|contest|respond))"
)
_OR = {"en": r"\bor\b", "es": r"\b[ou]\b", "pt": r"\bou\b"}
_ANSWERED = re.compile(r"\b(?:answer|repl(?:y|ied|ies)|respon|contest|wr[oi]te back|written back)")
# "Which customers …", "quiénes …": everybody who did something, not the best few mails.
_WHO_ALL = re.compile(
    r"^(?:and |so |y |e )?(?:(?:which|what) (?:of (?:our|my|the) )?(?:customers?|clients?|accounts?|companies)|who(?: else)?(?! (?:is|are|was|were)\b)"
    r"|(?:a |de |con )?(?:que|cuales|cual) (?:de (?:l[oa]s|mis|nuestros) )?(?:clientes?|empresas|cuentas)|(?:a |de )?quien(?:es)?(?! (?:es|son|era)\b)"
    r"|(?:a |de )?(?:que|quais|qual) (?:d[oa]s (?:meus|nossos|minhas) )?(?:clientes?|empresas|contas)|(?:a |de )?quem(?! (?:e|sao|era)\b))\b"
)


def is_greeting(question: str) -> bool:
    """True when a question asks nothing of the mail: "hello", "what can you do?", no word at all."""
    text = _plain(question)
    return not re.search(r"\w", text) or _GREETING.search(text) is not None


def route(question: str, scope: Scope) -> Kind:
    """The kind of a question; a draft is only what begins as an order to write one."""
    text = _plain(question)
    return _asked_outright(question, text, scope) or _by_words(text, scope)


def _asked_outright(question: str, text: str, scope: Scope) -> Kind | None:
    """The kinds that a question shows whatever else it says; the first that fits."""
    tests: tuple[tuple[Kind, bool], ...] = (
        ("help", is_greeting(question)),
        ("draft", asks_for_draft(question)),
        ("pace", _PACE.search(text) is not None),
        ("waiting", _WAITING.search(text) is not None),
        ("compare", len(scope.customer_ids) > 1 and _COMPARE.search(text) is not None and not _said_about(scope)),
        ("role", asks_for_job(text)),
        ("briefing", _BRIEFING.search(text) is not None and bool(scope.customer_ids)),
        ("timeline", scope.limit == 1 and asks_who(text)),
        ("mentions", _MENTIONS.search(text) is not None or (asks_for_others(text) and not scope.customer_ids)),
        ("timeline", scope.tone is not None),
        ("record", bool(scope.people) and _WHO.search(text) is not None and not topic(scope)),
        ("count", _COUNT.search(text) is not None),
        ("record", _RECORD.search(text) is not None and not _led(text, scope) and not _of_mail(text, scope)),
        ("attachments", _ATTACHMENTS.search(text) is not None),
        ("open", _OPEN.search(text) is not None),
        ("health", _HEALTH.search(text) is not None and not _scored(text, scope)),
        ("timeline", scope.limit is not None),
    )
    return next((kind for kind, fits in tests if fits), None)


def _by_words(text: str, scope: Scope) -> Kind:
    """The kind of a question that shows none: by whether anything but customers and dates is left to look for."""
    wanted = topic(scope)
    if _HOW_IS.search(text) and not wanted:
        return "health"
    if _MOOD.search(text) and not _MOOD.sub("", _LONGEST.sub("", fold(wanted))).strip():
        return "health"
    rest = [word for word in fold(wanted).split() if word not in _FOR_HOW_LONG]
    if re.search(_NO_WORD, text) and not rest and not scope.customer_ids:
        return "health"
    if wanted and not scope.customer_ids and scope.direction != "outbound" and _WHO_ALL.search(text):
        return "mentions"
    return "search" if wanted else "timeline"


def _said_about(scope: Scope) -> str:
    """What customers are compared by, once the words for all that is compared anyway are gone."""
    return _COMPARED.sub("", fold(topic(scope))).strip()


def _led(text: str, scope: Scope) -> bool:
    """ "Who manages Valencia at Ibéricos?": of a customer, the account manager is asked; of something else, the mails tell."""
    return _LEADS.search(text) is not None and bool(_LEADS.sub("", fold(topic(scope))).strip())


def halves(question: str, scope: Scope) -> list[str]:
    """Both questions of one that asks for two kinds of thing ("how many mails did he send, and how fast did we answer?"), each
    answered by one tool; else the question as it is.
    """
    parts = _AND.split(question, maxsplit=1)
    kinds = [route(part, scope) for part in parts if len(part.split()) > 1]
    if len(kinds) < 2 or kinds[0] == kinds[1] or not _ONE_TOOL.issuperset(kinds):
        return [question]
    ways = [direction_of(fold(part)) for part in parts]
    of_mail = [kind in _OF_MAIL for kind in kinds]
    # The scope has one direction. It must not be the other half's, where this one is about mails of either.
    clash = ways[0] != ways[1] if all(of_mail) else any(
        mine is not None and not mail and others for mine, mail, others in zip(ways, of_mail, of_mail[::-1], strict=True)
    )  # fmt: skip
    return [question] if clash else parts


def _of_mail(text: str, scope: Scope) -> bool:
    """ "Which plan did we give Acme for the tickets?", "who is responsible for LU-5023?": what mails tell and no record does."""
    said = scope.direction is not None and _SPEAKS.search(text) is not None
    return said or any(is_identifier(word) and not _AMOUNT.fullmatch(word) for word in topic(scope).split())


def _scored(text: str, scope: Scope) -> bool:
    """ "The committee's score for LealUp and Churnly": a score of something else than a customer's health."""
    return (
        re.search(r"\bhealth|\brisk|\briesgo|\brisco|\bsalud|\bsaude", text) is None and len(topic(scope).split()) > 2
    )


def our_pace(question: str) -> bool | None:
    """Whether a question about answering times is about ours, theirs, or (None) both."""
    text = _plain(question)
    if re.search(r"\b(?:takes?|took|taken) (?:me|us)\b", text):
        return True
    if _THEIR_PACE.search(text):
        return False
    return True if _OUR_PACE.search(text) else None


def wants_to(question: str) -> bool:
    """Whether it asks who wants, plans or threatens something: who says the opposite is no answer."""
    return _THREAT.search(_plain(question)) is not None


def about_state(question: str) -> bool:
    """Whether it asks how something stands now, so that the latest mails say most."""
    return _STATE.search(_plain(question)) is not None


def plain(question: str) -> str:
    """The question as the patterns read it: slips undone, folded, without the marks at its ends."""
    return _plain(question)


def asks_for_draft(question: str) -> bool:
    """Whether it begins as an order to write ("write a reply to …", "redacta …", "responda …")."""
    return _DRAFT.search(_plain(question)) is not None


def owing(question: str) -> Literal["us", "customer"] | None:
    """Whose answer a question about waiting is after; None for both."""
    text = _plain(question)
    if _NOT_OURS.search(text):
        return "us"
    if _THEY_OWE.search(text):
        return "customer"
    return "us" if _WE_OWE.search(text) else None


def about_records(question: str, scope: Scope) -> bool:
    """Whether the customers' records answer it, and no mail: a period in it is then none of mails."""
    return route(question, scope) == "record"


def leaves_open_whom(question: str, scope: Scope) -> bool:
    """Whether a short question after something that was said names nobody ("who approved?"): in a conversation it is about those
    of the one before.
    """
    if scope.customer_ids or scope.people or scope.unknown or scope.ambiguous:
        return False
    text = plain(question)
    everybody = _MENTIONS.search(text) or EVERYBODY_NAMED.search(text) or asks_for_others(text) or _OF_ALL.search(text)
    kind = route(question, scope)
    who_does_something = kind == "mentions" and bool(telling(scope.remainder, question)) and not _WHO_DID.match(text)
    return len(text.split()) <= _BRIEF and not (everybody or who_does_something) and kind in _OF_ONE


def asks_what_came_back(question: str, scope: Scope, previous: Scope) -> bool:
    """Whether a question within a conversation asks what was answered, and names neither a topic nor a time of its own."""
    return (
        scope.direction is not None
        and (scope.customer_ids == previous.customer_ids or not previous.customer_ids)
        and scope.remainder == previous.remainder
        and scope.period in (ANY_TIME, previous.period)
        and scope.limit is None
        and _ANSWERED.search(plain(question)) is not None
    )


def about_renewal(question: str) -> bool:
    """Whether a question about records is one about renewals: then its period is theirs."""
    return _RENEWAL.search(_plain(question)) is not None


def biggest_first(question: str) -> bool:
    return _BIGGEST.search(_plain(question)) is not None


def best_first(question: str) -> bool:
    """Whether a ranking begins with the healthiest ("who is happy with us?")."""
    text = _plain(question)
    return _BEST.search(text) is not None and re.search(r"\bun|\bdis|\bdes|\binsat|\bnot? |\bnao ", text) is None


def about_silence(question: str) -> bool:
    return _SILENCE.search(_plain(question)) is not None


def _plain(question: str) -> str:
    return fold(as_meant(question.replace("’", "'"))).strip(" ¿¡?!.")


def says_since_then(question: str) -> bool:
    """Whether it asks for what came after what was told before."""
    return _SINCE_THEN.search(_plain(question)) is not None


def about_it(question: str) -> bool:
    """Whether it speaks of a thing that only the question before names ("when was it fixed?", "¿y eso?")."""
    return _IT.search(_plain(question)) is not None


def asks_for_all(question: str) -> bool:
    """Whether everybody is asked for who said something ("which customers …", "quiénes …")."""
    text = _plain(question)
    return _WHO_ALL.search(text) is not None or asks_for_others(text)


def has_quotation(question: str) -> bool:
    """Whether it asks for the very words in quotation marks."""
    return _QUOTED.search(question) is not None


def carries_on(question: str) -> bool:
    """Whether a question only changes who or when of the one before: "and Globex?", "¿y el mes pasado?"."""
    text = _plain(question)
    short = (
        re.match(r"(?:and|y|e|what about|how about|que tal|only|solo|so)\b", text) is not None
        and len(text.split()) <= 6
    )
    return short and _ASKS.match(text) is None


def topic(scope: Scope) -> str:
    """What the question is about once names, dates and filler are gone; "" when nothing is left."""
    words = [word for word in _WORD.findall(scope.remainder) if fold(word) not in FILLER and not _is_order(fold(word))]
    return "" if words == ["exchange"] else " ".join(words)  # "which mails did we exchange", but "the exchange rate"


def wanted(scope: Scope, question: str) -> str:
    """The topic without everyday words, where others are left."""
    return " ".join(telling(topic(scope), question)) or topic(scope)


def adds_up(question: str) -> bool:
    """Whether a sum is asked for."""
    return _SUM.search(_plain(question)) is not None


def names_topic_only(question: str) -> bool:
    """Whether it only names another topic ("and about blockchain?"): what is not found then was not said."""
    return _TOPIC_ONLY.match(_plain(question)) is not None


def orders_another(question: str, before: str) -> bool:
    """Whether it orders one more draft after one ("and a short one to Jonas thanking him")."""
    return asks_for_draft(before) and _ANOTHER.match(_plain(question)) is not None


def terms(question: str, scope: Scope) -> list[str]:
    """What to scan for: the words in quotation marks, else the topic, whose words must stand together.

    Beside a word that stands for a whole concept, who "confirmed" or "considers" it is no word to scan for.
    """
    quoted = [found.strip() for found in _QUOTED.findall(question)]
    if quoted:
        return quoted
    words = list(dict.fromkeys(wanted(scope, question).split()))
    meant = [word for word in words if not _ATTITUDE.match(fold(word))]
    if meant and any(len(concept_forms(word)) > 1 for word in meant):
        words = meant
    return [found for piece in _alternatives(question, scope, words) if (found := " ".join(piece))]


def _alternatives(question: str, scope: Scope, words: list[str]) -> list[list[str]]:
    """The words of each side of an "or": any one of them will do."""
    either = _OR[scope.language]
    if not re.search(either, question):
        return [words]
    sides = [set(_WORD.findall(side)) for side in re.split(rf"{either}|,(?!\d)", question)]
    held = [[word for word in words if word in side] for side in sides]
    renamed = [word for word in words if not any(word in side for side in sides)]  # "darse de baja" is "cancelar"
    for side in held:
        if not side and renamed:
            side.append(renamed.pop(0))
    return held if len(sides) > 1 and all(held) and not renamed else [words]


def _is_order(word: str) -> bool:
    return bool(
        re.match(
            r"(?:haz(?:me)?$|dame$|ponme$|quiero$|necesito$|faz$|faca$|quero$|preciso$|need$|want$|short$|brief|breve|rapid|summar|resum|recap|tell|show|dime|diga|conta|cuenta|mostr|muestr|happen|pas[oa]d?|acontec|latest|ultim)",
            word,
        )
    )
