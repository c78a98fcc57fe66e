"""The words in which people ask for a person, by language. Compared folded; "|" between entries.

`reach` are ways to talk to somebody, and with one of them `somebody` is enough. What is wanted as
such has to be one of `persons`. Between the two stand only words of `between`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words of one language.

    `denials` take back what follows, over words of `light` alone, and `needs` make it a question
    of whether it has to be. `others` are people who are not the customer, anywhere before the wish
    unless one of `own` comes in between; `actors` directly before it, where `reports` tell of what
    was. After a person who is wanted as such may stand one of `after`, after somebody who is looked
    for one of `whom` or `serve`. With `says` others are quoted. In some languages the person comes
    before the verb: `person_first`, where there are `articles` with one of them.
    """

    reach: str
    persons: str
    somebody: str
    between: str
    want: str
    denials: str
    own: str
    others: str
    needs: str = ""
    light: str = ""
    actors: str = ""
    after: str = ""
    reports: str = ""
    whom: str = ""
    serve: str = ""
    says: str = ""
    articles: str = ""
    person_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The phrases of a language that writes no spaces, or joins words: found as they stand.

    `denials` anywhere in the same clause take the phrase back.
    """

    wishes: str
    denials: str


POLITE = """
please|pls|plz|plss|kindly|just|simply|directly|really|finally|actually|maybe|perhaps|now|asap|sir
|immediately|urgently|right away|right now|straight away|honestly|ok|okay|thanks|thank you|quickly
|bitte|einfach|sofort|endlich|direkt|mal|jetzt|gerne|gern|vielleicht|doch|nur|danke|wirklich
|unbedingt|lieber|por favor|porfa|ahora|ya|directamente|mejor|simplemente|urgente|gracias|svp|stp
|s il vous plait|s'il vous plait|s il te plait|s'il te plait|s'il|vous plait|directement
|maintenant|simplement|vraiment|merci|per favore|per piacere|subito|adesso|ora|direttamente|grazie
|agora|diretamente|obrigado|obrigada|alstublieft|aub|graag|gewoon|direct|prosze|teraz|пожалуйста
|сеичас|срочно|будь ласка|prosim|tack|gerna|venligst|vaer sa snill|kiitos|kerem|παρακαλω|va rog
|te rog
"""
"""Said along, and left out before anything is compared."""

SUBJECTS = """
i|we|i'd|i'm|i'll|i've|we'd|we're|we'll|im|ive|id|ich|wir|je|j|nous|yo|nosotros|io|noi|eu|nos|ik
|wij|jag|vi|jeg|mina|я|мы|εγω|ja|my
"""
"""The customer as a subject: with one a clause of its own begins."""

CONTRAST = """
but|but for|but with|but to|but a|but an|sondern|sondern mit|mais|mais a|mais avec|sino|sino con|ma
|ma con|mas|mas sim|mas com|maar|maar met|ale|ale z|utan|men
"""
"""After a denial what is wanted instead: "not a bot but a person"."""

CAN = """
kann|konnte|darf|konnen|puedo|podria|podemos|peux|puis|pourrais|peut|posso|potrei|poderia|consigo
|kan|mag|puede|podria|pode|pourrait|puo|moge|mohu|muzu|могу|можна|можно|μπορω|pot|voinko|lehet
"""
"""With one of these a denial in a question is none: "Kann ich nicht mit jemandem sprechen?"."""

ENGLISH = Language(
    reach="""
talk|speak|chat|get through|get in touch|be connected|be transferred|get connected|get transferred
|be put through|connect|connect me|connect us|put me through|put us through|transfer me
|transfer us|transferred|connected|pass me|hand me over|forward me|switch me|prefer talking to
|prefer talking with|prefer speaking to|prefer speaking with|prefer to talk|insist on talking to
|insist on talking with|insist on speaking to|insist on speaking with|interested in talking to
|interested in speaking with|connecting me|transferring me|putting me through|forwarding me
|redirect me|direct me|refer me|escalate|escalate this|escalate it|escalate me|put me in touch
|put me in contact|discuss|discuss this|discuss it|pass this|forward this|hand this over
|a word with""",
    persons="""
human|humans|human being|human beings|person|persons|agent|agents|representative|representatives
|rep|reps|operator|operators|advisor|advisors|adviser|advisers|manager|supervisor|staff member
|team member|member of staff|member of your team|member of the team|real people|actual people
|live people|real one|support agent|support agents|support person|customer service agent
|customer service representative|customer support agent|support representative|service agent
|someone from|somebody from|anyone from|live support|human support|human agent|human agents
|human operator|human assistance|real somebody|real someone|somebody real|someone real
|somebody human|someone human|live agent|live agents|live person|real human""",
    somebody="""
someone|somebody|anyone|anybody|some one|some body|people|employee|employees|staff|support
|support team|support staff|customer service|customer support|customer care|tech support
|technical support|technician|specialist|expert|consultant|colleague|colleagues|boss|team
|who can i talk to|who can i speak to|who can i talk with|who can i speak with|who do i talk to
|help desk|helpdesk|management|sales|billing|billing team|billing department|human resources""",
    between="""
a|an|the|your|some|any|another|one|of|from|in|real|actual|live|human|physical|living|to|with|me
|proper|different|at|competent|responsible|up|over|through|else""",
    want="""
want|wanna|need|prefer|demand|require|request|requesting|would like|i'd like|we'd like|like
|looking for|asking for|ask for|asked for|get me|get us|give me|give us|find me|bring me|fetch me
|send me|let me have|can i have|could i have|may i have|can i get|could i get|can you get me
|could you get me|can you give me|could you give me|is there|are there|is there any|do you have
|reach|contact|insist on|rather have""",
    denials="""
don't|dont|not|never|without|can't|cannot|cant|couldn't|won't|wont|wouldn't|didn't|didnt|doesn't
|doesnt|isn't|aren't|wasn't|weren't|haven't|hasn't|shouldn't|needn't|no need|no reason|no interest
|no longer|instead of|rather than|stop|avoid|refuse|hate|neither|nor|nobody|no one|none|unwilling
|afraid|don't think|dont think|never said|didn't say|not mean|not mean that""",
    light="""
i|we|you|to|be|being|been|have|having|get|getting|want|wanna|wish|wishing|need|needing|like|care
|feel|ever|even|yet|able|going|gonna|try|trying|keep|asking|ask|asked|told|tell|say|said|think
|intend|plan|planning|bother|bothering|interested|interest|any|more|again|necessarily|particularly
|currently|today|that|it|for|of|do|is|would|could|rather|also|always|first|call|email|mail|write
|phone|message|or|nor|chat|talk|speak|wanting|about|right|me|in|us|only|the|option|must|should
|will|possibility|had|necessary|required|supposed|obliged|forced|made|reason""",
    needs="""
do i have|do i need|do we have|do we need|should i|should we|must i|must we|would i need
|would i have|will i need|will i have|would we need|will we need|will we have|have i got
|is it necessary|is it required|is it mandatory|is it compulsory|is it obligatory|am i required
|am i supposed|am i obliged|are we required|are we supposed|am i forced|why do i have
|why do i need|why must i|why should i|why would i|does one have|does one need
|i need to know if i have|ought i|need i|before i|after i|while i|when i|when we|is there a need
|is it better""",
    reports="""
was able|were able|managed|got|used|did|was|were|have been|had been|had|has been|been|remember
|went|get to|having been|am|are""",
    whom="""
i can talk|i can speak|i could talk|i could speak|i can chat|we can talk|i may talk
|that i can talk|that i can speak|who i can talk|whom i can talk|i can email|i can call
|i can contact|i can write""",
    serve="""
call me|call me back|phone me|ring me|contact me|call us|get in touch with me|get in touch
|get back to me|reach out to me|contact us|email me|phone us|write to me""",
    says="say|says|said|saying|write|writes|wrote|writing|type|types|typed|typing|ask|asks",
    own="i|me|we|us|i'd|i'm|i'll|i've|we'd|we're|we'll|let's|im|ive|id",
    others="""
customer|customers|user|users|visitor|visitors|client|clients|guest|guests|shoppers|buyers
|subscribers|end users|patients|students|disable|enable|configure|customize|customise|rename|hide
|translate|integrate|train|set up|turn off|turn on|switch off|switch on""",
    actors="""
they|he|she|who|wants|needs|asks|likes|prefers|people|someone|somebody|anyone|anybody|everyone
|everybody|one|employees|staff|agents|agent|representatives|colleagues|members|bot|bots|chatbot
|assistant|ai|api|widget|system|software|tool|product|app|it|colleague|boss|team|human|operator
|person""",
    after="""
to|who|that|from|in|on|about|for|at|with|not|instead|because|here|there|as|or|when|if|this|it
|today|rather|over|my|your|the|nothing|why|how|where|what|can|could|do|we|i|they|he|which|is|right
|soon|already|again|available|around|online|helping|help|help me|call me|me|whom|very|anymore
|regarding|and|of|only|immediately|i'm|i've|i'd|no|this time|like""",
)

WORDS: dict[str, Language | Phrases] = {
    "en": ENGLISH,
    "de": Language(
        reach="""
sprechen|sprech|spreche|sprechn|reden|chatten|telefonieren|unterhalten|verbinden|verbinde
|weiterleiten|weiterverbinden|durchstellen|verbunden werden|weitergeleitet werden|leiten|leite
|stellen|stell|kontakt|kontaktieren|schreiben|kommunizieren|erreichen|anrufen|zuruckrufen""",
        persons="""
mensch|menschen|mitarbeiter|mitarbeiterin|mitarbeitern|mitarbeitende|mitarbeitenden|berater
|beraterin|agent|agenten|agentin|kundenberater|kundenberaterin|kundenbetreuer|kundenbetreuerin
|supportmitarbeiter|support mitarbeiter|servicemitarbeiter|ansprechpartner|ansprechpartnerin
|sachbearbeiter|sachbearbeiterin|vorgesetzten|vorgesetzter|person|kollegen|kollegin|techniker
|experten|operator|manager|menschliche hilfe|menschliches wesen""",
        somebody="""
jemand|jemandem|jemanden|wem|wen|kundenservice|kundendienst|support|kundensupport|personal|team
|chef|hotline|service""",
        between="""
mit|an|zu|zum|zur|einem|einen|einer|eine|ein|nem|ner|nen|dem|den|der|die|ihrem|ihren|ihrer|deinem
|eurem|euren|eurer|echten|echter|echte|richtigen|richtiger|richtige|realen|realer|reale|lebenden
|lebendigen|wirklichen|menschlichen|menschlicher|menschliche|anderen|anderer|zustandigen|aus|von
|vom|im|sie|mich|mir|uns|hier|lebender|lebende|kompetenten""",
        want="""
will|wollen|mochte|moechte|brauche|sondern mit|sondern|benotige|verlange|wunsche|hatte|bevorzuge
|fordere|geben sie mir|gib mir|gebt mir|holen sie mir|hol mir|holen sie|schicken sie mir|gibt es
|gibts|bekomme ich""",
        denials="""
nicht|kein|keine|keinen|keinem|keiner|ohne|nie|niemals|statt|anstatt|niemand|niemandem|niemanden
|weder""",
        light="""
ich|wir|zu|dafur|dazu|deswegen|darum|wegen|extra|lust|ich habe|erst|vorher|lange|mehr|dass|notig
|zwingend|brauche|muss|mussen|mit|reden|sprechen|will|mochte|also|oder|um|werden|unbedingt""",
        needs="muss|musste|mussen|soll|sollte|sollen|ist es notig|ist es notwendig|brauche ich",
        whom="""
mit dem ich sprechen|mit dem ich reden|mit der ich sprechen|mit der ich reden|mit denen ich sprechen
|mit denen ich reden|mit dem man sprechen|mit dem man reden|mit denen man reden""",
        own="ich|mich|mir|wir|uns|will|mochte|brauche",
        others="""
kunden|kundinnen|kunde|nutzer|nutzerinnen|benutzer|besucher|besucherinnen|gaste|anwender""",
        actors="mitarbeiter|leute|man|sie|er|bot|assistent|widget|team|agenten|jemand|wer",
        after="""
der|die|das|mit|von|vom|aus|und|nicht|statt|kein|keinen|keine|zum|zu|um|im|am|an|hier|da|oder
|sprechen|weil|wegen|fur|so|heute|wenn|ich|mein|meine|es""",
        articles="mit|an|zu|zum|zur|einem|einen|einer|eine|ein|nem|ner|nen|den|dem|jemand|jemanden|jemandem",
        person_first=True,
    ),
    "es": Language(
        reach="""
hablar|ablar|chatear|charlar|conversar|platicar|comunicarme|comunicarse|comunicar|comuniqueme
|comunicame|comuniquenme|contactar|contacte|conectar|conectarme|conectame|conecteme|conectenme
|pasame|paseme|pasenme|pasarme|pasar|pase|pasen|transfiereme|transfierame|transfieranme
|transferirme|transferir|transfiera|derivame|deriveme|ponme|pongame|ponerme|contacto|atienda
|atenderme|atiendame|llamarme|me llame|me puede llamar|me pueden llamar|me podria llamar
|puede llamarme|podria llamarme|pueden llamarme""",
        persons="""
humano|humana|humanos|persona|personas|agente|agentes|asesor|asesora|representante|operador
|operadora|empleado|empleada|supervisor|supervisora|gerente|encargado|encargada|ejecutivo
|ejecutiva|tecnico|ser humano|responsable|persona real|agente humano|atencion humana""",
        somebody="""
alguien|soporte|atencion al cliente|servicio al cliente|personal|equipo|servicio tecnico""",
        between="""
con|a|un|una|el|la|al|del|de|vuestro|su|tu|algun|alguna|otro|otra|real|reales|verdadero|verdadera
|me|en|lo|que|directo""",
        want="""
quiero|necesito|prefiero|exijo|deme|dame|denme|quisiera|querria|busco|pido|solicito|me gustaria
|hay|requiero|tienen|puedo tener|sino con|sino""",
        denials="no|nunca|sin|tampoco|jamas|evitar|en vez de|en lugar de|ni",
        light="""
que|de|tener|falta|hace|tengo|necesidad|ganas|gustaria|quiere|quieres|deseo|me|se|volver|necesario
|para|con|hablar|nos|obligado|obligada""",
        needs="""
tengo|necesito|debo|deberia|hace falta|es necesario|es obligatorio|tenemos|necesitamos|hay que
|debemos""",
        whom="con quien hablar|con quien pueda|con la que pueda|con el que pueda|con quien puedo",
        serve="""
me llame|me puede llamar|puede llamarme|podria llamarme|me contacte|me puede contactar
|puede contactarme|se ponga en contacto""",
        own="yo|me|quiero|necesito|puedo|podria|quisiera|prefiero|exijo|gustaria",
        others="clientes|cliente|usuarios|usuario|visitantes|visitante|compradores|huespedes",
        actors="ellos|alguien|gente|personas|agentes|quien|bot|asistente|widget|robot",
        after="""
con|que|y|no|de verdad|real|en|para ayudarme|ya|porque|por|humano|aqui|mi|la|el|a|o|si|cuando
|disponible""",
    ),
    "fr": Language(
        reach="""
parler|discuter|dialoguer|echanger|communiquer|m'adresser|adresser|passez|passer|passe|relation
|contact|passez moi|passe moi
|transferez|transferer|joindre|contacter|connecter|connectez|chatter|tchatter""",
        persons="""
humain|humaine|humains|etre humain|personne|conseiller|conseillere|conseille|agent|operateur
|operatrice|employe|employee|responsable|interlocuteur|collaborateur|manager|technicien
|teleconseiller|superviseur|membre de l'equipe|vraie personne|vrai humain|agent humain""",
        somebody="""
quelqu'un|quelqun|service client|service clientele|support|equipe|service apres vente""",
        between="""
a|avec|au|aux|vers|un|une|le|la|l|d|de|du|des|votre|vos|vrai|vraie|veritable|reel|reelle|autre|moi
|me|en|nous|qui|mon""",
        want="""
veux|voudrais|souhaite|souhaiterais|aimerais|prefere|prefererais|exige|demande|donnez moi
|donne moi|besoin|avoir|il y a|y a t il|existe t il|trouvez moi|faut""",
        denials="""
ne|n|pas|sans|jamais|plus|eviter|plutot que|au lieu de|ni|aucun|aucune|aucunement|nul""",
        light="""
je|j|d|de|besoin|envie|etre|avoir|obliger|oblige|a|que|me|m|necessaire|veux|voudrais|souhaite
|devoir|vouloir|parler|faut|vous|nous|pas""",
        needs="""
dois|doit|devons|devrais|faut il|est il necessaire|est il obligatoire|ai je besoin|suis je oblige
|est ce que je dois|faut|besoin""",
        whom="a qui parler|a qui je peux|avec qui parler|avec qui je peux|avec qui discuter",
        serve="""
peut me rappeler|peut m appeler|peut me contacter|pourrait me rappeler|pourrait m appeler
|pourrait me contacter|peut il me rappeler|peut il m appeler|peut il me contacter|me rappelle
|me contacte|me recontacte""",
        own="je|j|me|moi|nous|m",
        others="clients|clientes|client|utilisateurs|utilisateur|visiteurs|visiteur|acheteurs",
        actors="ils|elles|il|elle|on|gens|agents|conseillers|qui|robot|bot|assistant|widget",
        after="""
qui|a|pour m'aider|et|pas|avec|en|de|au|svp|reel|reelle|humain|humaine|parce|car|mon|ma|il|je|c
|maintenant|ou|quand|si|vraie""",
    ),
    "it": Language(
        reach="""
parlare|parlo|chattare|comunicare|discutere|passi|passami|passatemi|passarmi|mettermi|mettetemi
|contatto|farmi richiamare|farmi chiamare|farmi contattare
|collegare|collegarmi|trasferire|trasferirmi|trasferitemi|contattare""",
        persons="""
umano|persona|persone|operatore|operatrice|agente|consulente|addetto|addetta|responsabile
|impiegato|rappresentante|essere umano|persona vera|persona reale|supervisore|tecnico
|operatore umano""",
        somebody="qualcuno|assistenza|assistenza clienti|servizio clienti|supporto",
        between="""
con|a|un|una|il|la|al|del|d|l|vostro|vostra|vero|vera|reale|altro|altra|in|mi|dell|della|di""",
        want="""
voglio|vorrei|preferisco|esigo|mi serve|ho bisogno|datemi|dammi|mi dia|c e|bisogno|serve|cerco""",
        denials="non|senza|mai|invece di|evitare|nessuno|ne",
        light="di|che|ho|bisogno|voglio|vorrei|dover|dovere|mi|si|per forza|serve|parlare",
        needs="devo|dobbiamo|bisogna|e necessario|e obbligatorio|occorre",
        serve="""
puo chiamarmi|puo richiamarmi|puo contattarmi|mi puo chiamare|mi puo richiamare|mi puo contattare
|mi chiami|mi richiami|mi contatti""",
        own="io|mi|voglio|vorrei|posso|potrei|preferisco",
        others="clienti|cliente|utenti|utente|visitatori|visitatore",
        actors="loro|agenti|operatori|bot|assistente|chi|gente",
        after="con|che|e|non|vero|vera|reale|in|per|di|umano|perche|o|qui|al",
    ),
    "pt": Language(
        reach="""
falar|falo|fale|conversar|chatear|contatar|contactar|contato|contacto|passe|passa|passar|transfira
|transferir|transfere|conectar|conecte|ligar""",
        persons="""
humano|humana|pessoa|pessoas|atendente|agente|operador|operadora|representante|funcionario
|funcionaria|supervisor|supervisora|gerente|ser humano|pessoa real|atendente humano|responsavel
|tecnico|assistente humano|colaborador""",
        somebody="alguem|suporte|atendimento|apoio ao cliente|equipe|equipa|servico ao cliente",
        between="""
com|a|ao|para|um|uma|o|do|da|de|seu|sua|algum|alguma|real|verdadeiro|verdadeira|outro|outra|em|me
|uns""",
        want="""
quero|preciso|prefiro|exijo|queria|gostaria|quisera|me de|da me|ha|tem|solicito|peco|necessito""",
        denials="nao|nunca|sem|jamais|em vez de|evitar|ninguem|nem",
        light="que|de|ter|preciso|quero|precisar|necessario|vontade|me|gostaria|falar|tenho|queria",
        needs="preciso|devo|tenho|temos|e necessario|precisamos|e obrigatorio|deveria",
        serve="""
pode me ligar|pode ligar me|pode me contatar|pode contactar me|poderia me ligar|me ligue
|me contate|me contacte|entre em contato|entre em contacto""",
        own="eu|me|quero|preciso|posso|poderia|gostaria|queria|prefiro",
        others="clientes|cliente|usuarios|usuario|utilizadores|visitantes|visitante",
        actors="eles|elas|agentes|atendentes|bot|assistente|quem|pessoas",
        after="com|que|e|nao|real|de verdade|em|para me ajudar|porque|por|humano|ou|aqui",
    ),
    "nl": Language(
        reach="""
spreken|praten|chatten|bellen|terugbellen|opbellen|doorverbinden
|doorverbonden|verbind|verbinden|contact|overleggen
|spreek|praat""",
        persons="""
mens|persoon|medewerker|medewerkster|medewerkers|agent|collega|adviseur|manager|leidinggevende
|klantenservicemedewerker|vertegenwoordiger|echt mens|echt persoon|echte persoon|echte mens""",
        somebody="iemand|klantenservice|support|helpdesk|klantendienst|team",
        between="""
met|een|de|het|n|uw|jullie|je|echt|echte|levend|levende|menselijke|andere|van|naar|door|me|mij|aan
|ons|te""",
        want="""
wil|willen|zou|heb|nodig|liever|geef me|geef mij|eis|verlang|is er|wens|mag ik|kan ik""",
        denials="niet|geen|zonder|nooit|in plaats van|niemand",
        light="ik|met|te|hoeven|hoef|nodig|wil|eerst|per se|daarvoor|of|om|wij|spreken|praten",
        needs="moet|moeten|hoef|is het nodig|dien",
        own="ik|me|mij|wij|we|ons|wil",
        others="klanten|klant|gebruikers|gebruiker|bezoekers|bezoeker",
        actors="ze|zij|medewerkers|bot|assistent|wie|agenten|mensen|men",
        after="die|met|van|en|niet|geen|aan|in|om|voor mij|of|alsjeblieft|want|spreken|te",
        articles="met|een|n|iemand",
        person_first=True,
    ),
    "pl": Language(
        reach="""
rozmawiac|porozmawiac|mowic|pogadac|połączyc|połącz|połączcie|połączenie|skontaktowac|kontakt
|przełącz|przełączcie|pomowic|przełączyc|przekierowac""",
        persons="""
człowiekiem|człowieka|konsultantem|konsultanta|pracownikiem|pracownika|osoba|osobe|agentem|agenta
|doradca|doradcy|kierownikiem|operatorem|operatora|konsultant""",
        somebody="kims|obsługa klienta|pomoca techniczna|biurem obsługi",
        between="z|ze|mnie|do|prawdziwym|prawdziwego|zywym|zywego|zywa|prawdziwa|sie|waszym|jakims|nas",
        want="chce|potrzebuje|chcialbym|chcialabym|wolę|zadam|dajcie mi|prosze o",
        denials="nie|bez|nigdy|zamiast|nikim",
        light="chce|musze|potrzebuje|chcialbym|chcialabym|mam|ochoty|z|do|zadnym|koniecznosci",
        needs="musze|powinienem|powinnam|trzeba|musimy|czy musze",
        own="ja|mnie|chce|chcialbym|chcialabym|moge|potrzebuje",
        others="klienci|klientom|klient|użytkownicy|odwiedzajacy|goscie",
    ),
    "cs": Language(
        reach="mluvit|promluvit|hovorit|bavit|spojte|spojit|prepojte|prepojit|kontaktovat|psat",
        persons="""
clovekem|cloveka|operatorem|operatora|pracovnikem|osobou|zamestnancem|agentem|konzultantem
|vedoucim""",
        somebody="nekym|podporou|zakaznickou podporou",
        between="s|se|me|na|zivym|skutecnym|opravdovym|realnym|vasim|nejakym|mne|nas",
        want="chci|potrebuji|chtel bych|chtela bych|dejte mi",
        denials="ne|nechci|nepotrebuji|bez|nikdy|misto|nemusim|nechteji|nikym",
        light="chci|s|bych|uz|musim|potrebuji|muset|chtel|chtela",
        needs="musim|mam|musime|je nutne|je potreba",
        own="ja|chci|chtel|chtela|muzu|mohu|potrebuji",
        others="zakaznici|uzivatele|navstevnici|klienti",
    ),
    "da": Language(
        reach="tale|snakke|chatte|tales|kontakte|stil|stille|viderestil|kontakt",
        persons="menneske|medarbejder|person|agent|konsulent|leder|radgiver|rigtigt menneske",
        somebody="nogen|kundeservice|support",
        between="med|et|en|rigtig|rigtigt|levende|jeres|mig|til|over|fra|i|om|igennem|den|anden",
        want="vil have|vil|ønsker|foretrækker|har brug for|giv mig|skal bruge",
        denials="ikke|uden|aldrig|ingen|i stedet for",
        light="jeg|at|gerne|have|vil|skulle|behøver|brug|for|skal|ønsker",
        needs="skal|behøver|ma",
        own="jeg|mig|vi|os",
        others="kunder|brugere|besogende|kunderne|brugerne",
    ),
    "no": Language(
        reach="snakke|prate|tale|chatte|kontakte|sett|sette|kontakt",
        persons="menneske|medarbeider|person|agent|konsulent|leder|radgiver|ekte menneske",
        somebody="noen|kundeservice|support|kundestotte",
        between="med|et|en|ekte|levende|virkelig|deres|meg|til|over|fra|i|om|annen",
        want="vil ha|vil|ønsker|foretrekker|trenger|gi meg",
        denials="ikke|uten|aldri|ingen|i stedet for",
        light="jeg|a|gjerne|ha|vil|matte|trenger|skal|ma|ønsker",
        needs="ma|trenger|skal",
        own="jeg|meg|vi|oss",
        others="kunder|brukere|besokende|kundene|brukerne",
    ),
    "sv": Language(
        reach="prata|tala|chatta|koppla|kopplas|kontakta|kontakt|snacka",
        persons="""
manniska|person|medarbetare|handlaggare|agent|chef|kundtjanstmedarbetare|riktig manniska""",
        somebody="nagon|kundtjanst|support|supporten|kundsupport",
        between="med|en|ett|riktig|levande|verklig|er|mig|till|annan|fran|pa|den|i",
        want="vill ha|vill|behover|kraver|foredrar|ge mig|onskar",
        denials="inte|utan|aldrig|ingen|istallet for|i stallet for",
        light="jag|att|vill|behova|garna|ha|ens|behover|maste|skulle",
        needs="maste|behover|ska|bor",
        own="jag|mig|vi|oss",
        others="kunder|anvandare|besokare|kunderna|anvandarna",
    ),
    "fi": Language(
        reach="puhua|jutella|keskustella|yhdista|yhdistakaa|chattailla|asioida|yhteyden|yhteytta",
        persons="""
ihmisen|ihmiselle|ihminen|ihmista|asiakaspalvelijan|asiakaspalvelijalle|asiakaspalvelijaa|henkilon
|henkilolle|tyontekijan|agentin|esimiehen|asiakaspalvelijaan|ihmiseen""",
        somebody="jonkun|jollekin|joku|asiakaspalvelun|asiakaspalveluun|tuen",
        between="oikean|oikealle|elavan|elavalle|kanssa|minut|oikeaan|teidan|jonkun",
        want="haluan|tarvitsen|vaadin|haluaisin|antakaa|saisinko",
        denials="en|ei|ilman|enka|sen sijaan",
        light="halua|haluaisi|tarvitse|haluan|tahdo|joudu|minun",
        needs="pitaako|taytyyko|taytyy|onko pakko|tarvitseeko|pitaa",
        own="mina|minut|minun|haluan|haluaisin|voinko|saanko|tarvitsen",
        others="asiakkaat|asiakkaani|asiakkaamme|kayttajat|kavijat|asiakkaiden",
        person_first=True,
    ),
    "el": Language(
        reach="μιλησω|μιλησουμε|συνομιλησω|συνδεστε|συνδεθω|συνδεσετε|επικοινωνησω|επικοινωνια",
        persons="ανθρωπο|εκπροσωπο|υπαλληλο|ατομο|υπευθυνο|προισταμενο|πρακτορα|συνεργατη",
        somebody="καποιον|εξυπηρετηση πελατων|υποστηριξη",
        between="με|εναν|ενα|πραγματικο|ζωντανο|την|τον|σας|αληθινο|μια|στην|αλλον",
        want="θελω|χρειαζομαι|προτιμω|απαιτω|δωστε μου|ηθελα",
        denials="δεν|μη|μην|χωρις|ποτε|αντι",
        light="θελω|να|θα|ηθελα|χρειαζεται|χρειαζομαι|πρεπει",
        needs="πρεπει|χρειαζεται|ειναι απαραιτητο",
        own="εγω|θελω|μπορω|ηθελα|με|χρειαζομαι",
        others="πελατες|χρηστες|επισκεπτες",
    ),
    "hu": Language(
        reach="beszelni|beszelhetek|beszelhetnek|kapcsolja|kapcsoljon|kapcsoljanak|csevegni|besz",
        persons="""
emberrel|ugyintezovel|munkatarssal|szemellyel|ugynokkel|operatorral|vezetovel|ember|ugyintezo
|ugyintezot|embert|ugyfelszolgalatossal""",
        somebody="valakivel|ugyfelszolgalattal",
        between="egy|elo|igazi|valodi|az|a|masik|eleve|hus ver|onok",
        want="akarok|szeretnek|kerek|kell|kerem|kivanok",
        denials="nem|nelkul|soha|ne|helyett|sem",
        light="akarok|szeretnek|kell|kivanok|egy|szukseges",
        needs="kell|muszaj|szukseges",
        own="en|akarok|szeretnek|kerek|engem",
        others="ugyfelek|ugyfeleim|ugyfeleink|felhasznalok|latogatok",
        person_first=True,
    ),
    "ro": Language(
        reach="""
vorbesc|vorbi|discut|discuta|conectati|conecta|transferati|transfera|contactez|contactati|contact""",
        persons="""
persoana|operator|om|agent|reprezentant|angajat|consultant|manager|fiinta umana|operatorul""",
        somebody="cineva|serviciul clienti|suport|asistenta",
        between="cu|un|o|la|real|reala|adevarat|adevarata|uman|umana|ma|in|din|al|de|alt",
        want="vreau|doresc|prefer|am nevoie|dati mi|as vrea|as dori",
        denials="nu|fara|niciodata|in loc|nici",
        light="vreau|doresc|sa|as|vrea|am|nevoie|de|trebuie|mai|dori",
        needs="trebuie|este necesar|e nevoie|am nevoie",
        own="eu|vreau|pot|as|ma|doresc|imi",
        others="clientii|clienti|utilizatorii|vizitatorii",
    ),
    "ru": Language(
        reach="""
поговорить|говорить|пообщаться|общаться|соедините|соединить|переключите|переключить|связаться
|свяжите|позовите|позвать|переведите|перевести|побеседовать|подключите""",
        persons="""
человеком|человека|человек|оператором|оператора|оператор|сотрудником|сотрудника|менеджером
|менеджера|агентом|агента|представителем|консультантом|консультанта|специалистом|специалиста
|руководителем|операторам""",
        somebody="кем-нибудь|кем нибудь|кем то|службои поддержки|поддержкои",
        between="с|со|на|живым|живого|живои|реальным|реального|настоящим|вашим|меня|мне|к|другим",
        want="хочу|нужен|нужна|требую|дайте|хотел бы|хотела бы|предпочитаю|хотелось бы",
        denials="не|без|никогда|вместо",
        light="хочу|хотел|хотела|бы|нужно|надо|мне|желаю|буду|с|чтобы|хотелось|обязательно",
        needs="нужно|надо|должен|должна|обязательно|необходимо|обязан",
        own="я|мне|меня|хочу|могу|нам",
        others="клиенты|клиентам|пользователи|пользователям|посетители|посетителям|клиентов",
    ),
    "uk": Language(
        reach="""
поговорити|говорити|поспілкуватися|поспилкуватися|зєднаите|з'єднаите|з'єднати|переключіть
|зв'язатися|покличте|покликати|спілкуватися|розмовляти|переведіть""",
        persons="""
людиною|людину|людина|оператором|оператора|оператор|співробітником|співробітника|менеджером
|менеджера|агентом|консультантом|представником|спеціалістом|фахівцем""",
        somebody="кимось|кимсь|службою підтримки|підтримкою",
        between="з|із|зі|на|живою|справжньою|реальною|вашим|мене|мені|до|іншим",
        want="хочу|потрібен|потрібна|вимагаю|даите|хотів би|хотіла б",
        denials="не|без|ніколи|замість",
        light="хочу|хотів|хотіла|би|б|потрібно|треба|мені|з|щоб",
        needs="потрібно|треба|мушу|повинен|повинна|чи треба",
        own="я|мені|мене|хочу|можу|нам",
        others="клієнти|клієнтам|користувачі|користувачам|відвідувачі|відвідувачам",
    ),
    "ar": Phrases(
        wishes="التحدث مع شخص|التحدث إلى شخص|التحدث مع موظف|التحدث إلى موظف|اتحدث مع انسان"
        "|أتحدث مع شخص|موظف خدمة العملاء|التحدث مع إنسان|التحدث إلى إنسان|أتحدث مع موظف"
        "|أتحدث إلى شخص|أتحدث إلى موظف|أكلم موظف|اكلم موظف|شخص حقيقي",
        denials="لا أريد|لا اريد|لا أحتاج|لا احتاج|دون|بدون|هل يجب|هل علي|عملائي|لا داعي|ليس"
        "|عملاؤنا|زبائني|لا أرغب|لست",
    ),
    "hi": Phrases(
        wishes="इंसान से बात|व्यक्ति से बात|एजेंट से बात|किसी से बात|आदमी से बात|इंसान चाहिए|असली इंसान"
        "|प्रतिनिधि से बात|अधिकारी से बात",
        denials="नहीं|बिना|मत|क्या मुझे|ग्राहक",
    ),
    "tr": Phrases(
        wishes="bir insanla|temsilciyle|temsilciye bağla|müşteri temsilcisi|canlı destek"
        "|yetkiliyle görüş|biriyle konuş|biriyle görüş|gerçek bir insan|gerçek bir kişi"
        "|bir yetkiliyle|insanla konuş|insan istiyorum",
        denials="istemiyorum|istemem|gerek yok|gerekiyor mu|zorunda mıyım|olmadan|müşterilerim"
        "|kullanıcılar|ziyaretçiler|konuşmadan|görüşmeden|bağlama|gerekmiyor|lazım mı"
        "|müşterilerimiz",
    ),
    "ja": Phrases(
        wishes="人と話したい|担当者と話|オペレーターと|オペレーターにつな|オペレーターに繋"
        "|担当者につな|担当者に繋|人間と話|有人対応|人と話せ|人に代わ|担当者に代わ|担当の方と話"
        "|オペレーターに代わ|スタッフと話",
        denials="たくな|必要あり|必要が|必要は|必要な|不要|ずに|お客様|顧客|ユーザー"
        "|なくてい|なければ|ないといけ|しないで",
    ),
    "ko": Phrases(
        wishes="상담원|상담사|사람과 이야기|사람과 대화|사람이랑|사람하고 이야기|사람과 통화",
        denials="필요 없|필요없|싶지 않|원하지 않|말고|해야 하나|해야 합니까|해야 되나"
        "|고객이|고객들|없이|친절"
        "|연결하지|추가하|추가 방법|해야하나",
    ),
    "zh": Phrases(
        wishes="人工客服|转人工|轉人工|真人客服|找人工|转接人工|人工服务|人工服務|跟真人|和真人|找真人"
        "|真人服务|转真人|和人说话|跟人说话|与真人",
        denials="不想|不要|不用|不需要|别转|無需|无需|不必"
        "|我的客户|我们的客户|用户|顾客|要不要|需要转人工吗|是否需要|必须|怎么设置|如何设置"
        "|不想要|沒必要|没必要|需不需要",
    ),
}
