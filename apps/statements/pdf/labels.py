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
    "page": ("Blz.", "Page", "Page", "Seite"),
    "shortened": (
        "Dit uittreksel telt {count} bewegingen. Hier staan de eerste {shown}; de totalen gelden voor alle.",
        "Cet extrait compte {count} mouvements. Voici les {shown} premiers ; les totaux portent sur tous.",
        "This statement has {count} movements. The first {shown} are shown; the totals cover all.",
        "Dieser Auszug hat {count} Bewegungen. Gezeigt sind die ersten {shown}; die Summen gelten für alle.",
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
