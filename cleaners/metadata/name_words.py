"""List the words that bylines and publishers' names are made of, in the languages that Winnow reads."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# News agencies, as `letters_only` writes them: lower-case letters and digits.
AGENCIES = _words("""
    ap afp dpa apa sda ats ansa efe lusa anp belga ritzau ntb tt stt pap ctk čtk tass ria pti ani ians aap cp pa upi cna
    reuters bloomberg kyodo jiji yonhap xinhua dpaafx awp sid kna epd rtr dts afxp europapress anadolu aa antara bernama
    lapresse adnkronos agi associatedpress theassociatedpress agencefrancepresse deutschepresseagentur pressassociation
    canadianpress thecanadianpress unitedpressinternational bloombergnews dowjones prnewswire businesswire
    globenewswire kyodonews jijipress xinhuanews keystonesda cnnwire anadoluajansı 共同通信 時事通信 新华社
""")

# Words that may surround a publisher's name without changing whose it is: "The", "Online", "Redaktion".
PUBLISHER_FILLERS = _words("""
    the der die das le la les el los il lo de het a o online digital digitale com org net at ch co uk fr es it nl jp cn
    news nachrichten zeitung newspaper magazine magazin web website redaktion desk staff team editors editorial
    redazione redaccion redacción rédaction redacao redação redactie redakcja redaktionen official home homepage daily
    live plus print app by from von
""")

# Placeholders that stand where an author should, as `letters_only` writes them.
PLACEHOLDERS = _words("""
    admin administrator administrador root webmaster user guest unknown anonymous author autor default null none
    undefined na system test editor editors staff writer staffwriter staffreporter reporter contributor webdesk newsdesk
    seealso more share follow facebook twitter instagram linkedin email print wordpress superuser super correspondent
    newsstaff webstaff editorialstaff readmore getty gettyimages shutterstock sponsored advertorial profile login subscribe menu
""")

# Particles, which stay lower-case inside a name: "Ursula von der Leyen".
PARTICLES = _words("""
    von van der den de di da del della dos das du la le el al bin ibn ben ter ten zu zur vom af av y e st do
""")

# Words that no name contains: a line with one of them is a sentence or a heading.
STOP_WORDS = _words("""
    the a an of in on at to for with from is are was were be this that these how why what who when where not new news
    will says said more read your our his her their its it we you they as by und oder der die das ein eine ist sind im
    am mit für auf aus bei nicht wie was wer les des une est sur dans pour avec los las una es con para por il gli che
    per sono non uma com não het een op voor met key table top latest breaking live best next
    gegen ohne nach vor über unter zwischen durch contre sans entre sobre sin
""")

# Beginnings that only a byline has, as a regular expression: "Written by", "Veröffentlicht von".
BYLINE_VERBS = r"""
    (?:(?:written|reported|words|story|text|reporting|compiled|posted|published|interview|analysis|photos?)\s+(?:and\s+\w+\s+)?by
    |(?:veröffentlicht|geschrieben|verfasst|erstellt|ein\s+beitrag|ein\s+gastbeitrag)\s+von
    |(?:publié|écrit|rédigé|propos\s+recueillis)\s+par
    |(?:publicado|escrito|redactado|scritto|pubblicato)\s+(?:por|da|di)
    |(?:geschreven|geplaatst)\s+door)
"""

# Job titles, as a regular expression of whole words.
ROLES = r"""\b(?:
    reporters?|correspondents?|correspondante?|editors?|editor-in-chief|journalists?|journaliste?|columnists?
    |contributors?|writers?|staff|freelancer?|producer|photographer|analyst|chief|deputy|assistant|senior|associate
    |bureau|intern|fellow|professor|director|expert|specialist|presenter|critic|blogger|published|updated
    |redakteur(?:in)?|redaktorin|redaktor|reporter(?:in)?|korrespondent(?:in)?|journalistin|volont[äa]r(?:in)?
    |autor(?:in)?|chefredakt\w*|ressort\w*|leiter(?:in)?|gastautor\w*|kolumnist\w*
    |r[ée]dacteur|r[ée]dactrice|envoy[ée]e?|sp[ée]ciale?|grand\s+reporter|chef|cheffe
    |periodista|redactora?|corresponsal|colaboradora?|enviad[oa]|subdirectora?|jef[ea]|delegad[oa]
    |giornalista|corrispondente|inviat[oa]|collaborator[ei]|caporedattore|direttore
    |jornalista|rep[óo]rter|correspondente|editora?
    |verslaggever|redacteur|wartawan|jurnalis|penulis|muhabir
    |редактор|корреспондент|журналист|обозреватель|журналістка?
    )\b|記者$|編集委員$|编辑$|特派員$|論説委員$"""
