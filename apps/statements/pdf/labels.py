"""The words of the printed statement, each in Dutch, French, English and German."""

from typing import Final

LANGUAGES: Final = ("nl", "fr", "en", "de")

_WORDS: Final = {
    "statement": ("Rekeninguittreksel", "Extrait de compte", "Account statement", "Kontoauszug"),
    "old_balance": ("Vorig saldo", "Ancien solde", "Old balance", "Alter Saldo"),
    "new_balance": ("Nieuw saldo", "Nouveau solde", "New balance", "Neuer Saldo"),
    "credit_total": ("Totaal bij", "Total crédit", "Total credit", "Summe Haben"),
    "debit_total": ("Totaal af", "Total débit", "Total debit", "Summe Soll"),
    "entry_date": ("Datum", "Date", "Date", "Datum"),
    "value_date": ("Valuta", "Valeur", "Value", "Wert"),
    "counterparty": (
        "Tegenpartij en mededeling",
        "Contrepartie et communication",
        "Counterparty and communication",
        "Gegenpartei und Mitteilung",
    ),
    "amount": ("Bedrag", "Montant", "Amount", "Betrag"),
    "nothing": ("Geen bewegingen.", "Aucun mouvement.", "No movements.", "Keine Bewegungen."),
    "page": (
        "Blz. {page} van {pages}",
        "Page {page} sur {pages}",
        "Page {page} of {pages}",
        "Seite {page} von {pages}",
    ),
    "movements": ("Bewegingen", "Mouvements", "Movements", "Bewegungen"),
    "reference": ("Ref. bank", "Réf. banque", "Bank ref.", "Ref. Bank"),
    "messages": ("Berichten van de bank", "Messages de la banque", "Messages of the bank", "Mitteilungen der Bank"),
    "shortened": (
        (
            "Dit uittreksel telt {count} lijnen (bewegingen en hun details). Hier staan de eerste {shown}; de totalen "
            "gelden voor alle. Het volledige uittreksel staat in het CODA-bestand."
        ),
        (
            "Cet extrait compte {count} lignes (mouvements et leurs détails). Voici les {shown} premières ; les totaux "
            "portent sur toutes. L’extrait complet se trouve dans le fichier CODA."
        ),
        (
            "This statement has {count} lines (movements and their details). The first {shown} are shown; the totals "
            "cover all. The CODA file has the whole statement."
        ),
        (
            "Dieser Auszug hat {count} Zeilen (Bewegungen und ihre Einzelheiten). Gezeigt sind die ersten {shown}; die "
            "Summen gelten für alle. Der ganze Auszug steht in der CODA-Datei."
        ),
    ),
    "footer": (
        "Leesbare weergave van het CODA-bestand van de bank. Het CODA-bestand is het origineel.",
        "Représentation lisible du fichier CODA de la banque. Le fichier CODA est l’original.",
        "Readable rendering of the bank’s CODA file. The CODA file is the original.",
        "Lesbare Darstellung der CODA-Datei der Bank. Die CODA-Datei ist das Original.",
    ),
}

LABELS: Final = {
    language: {name: words[place] for name, words in _WORDS.items()} for place, language in enumerate(LANGUAGES)
}
