"""The words of the invoice, each in Dutch, French, English and German."""

from typing import Final

LANGUAGES: Final = ("nl", "fr", "en", "de")

_WORDS: Final = {
    "invoice": ("Factuur", "Facture", "Invoice", "Rechnung"),
    "credit_note": ("Creditnota", "Note de crédit", "Credit note", "Gutschrift"),
    "self_billed": (
        "Uitgereikt door de afnemer",
        "Établie par le client",
        "Issued by the customer",
        "Vom Kunden ausgestellt",
    ),
    "customer": ("Klant", "Client", "Customer", "Kunde"),
    "date": ("Datum", "Date", "Date", "Datum"),
    "due": ("Vervaldatum", "Échéance", "Due date", "Fällig am"),
    "reference": ("Uw referentie", "Votre référence", "Your reference", "Ihre Referenz"),
    "order": ("Bestelling", "Commande", "Order", "Bestellung"),
    "preceding": ("Bij factuur", "Sur facture", "For invoice", "Zu Rechnung"),
    "description": ("Omschrijving", "Description", "Description", "Beschreibung"),
    "quantity": ("Aantal", "Quantité", "Quantity", "Menge"),
    "unit_price": ("Prijs", "Prix", "Price", "Preis"),
    "vat": ("Btw", "TVA", "VAT", "MwSt."),
    "amount": ("Bedrag", "Montant", "Amount", "Betrag"),
    "taxable": ("Maatstaf", "Base", "Taxable", "Bemessung"),
    "vat_amount": ("Btw-bedrag", "Montant TVA", "VAT amount", "MwSt.-Betrag"),
    "net": ("Totaal zonder btw", "Total hors TVA", "Total without VAT", "Summe ohne MwSt."),
    "adjustments": (
        "Kortingen en toeslagen",
        "Remises et suppléments",
        "Discounts and charges",
        "Rabatte und Zuschläge",
    ),
    "total": ("Totaal met btw", "Total TVA comprise", "Total with VAT", "Summe mit MwSt."),
    "prepaid": ("Vooruitbetaald", "Acompte payé", "Prepaid", "Anzahlung"),
    "rounding": ("Afronding", "Arrondi", "Rounding", "Rundung"),
    "payable": ("Te betalen", "À payer", "To pay", "Zu zahlen"),
    "credit": ("Te uwen gunste", "En votre faveur", "In your favour", "Zu Ihren Gunsten"),
    "pay": ("Betalen", "Paiement", "Payment", "Zahlung"),
    "collected": (
        "Wordt geïnd via domiciliëring",
        "Encaissée par domiciliation",
        "Collected by direct debit",
        "Einzug per Lastschrift",
    ),
    "communication": ("Mededeling", "Communication", "Communication", "Mitteilung"),
    "note": ("Opmerking", "Remarque", "Note", "Bemerkung"),
    "terms": ("Betalingsvoorwaarden", "Conditions de paiement", "Payment terms", "Zahlungsbedingungen"),
    "page": ("Blz.", "Page", "Page", "Seite"),
    "footer": (
        "Leesbare weergave van het UBL-document, dat zonder pdf kwam. Het UBL-document is het origineel.",
        "Représentation lisible du document UBL, reçu sans PDF. Le document UBL est l’original.",
        "Readable rendering of the UBL document, which came without a PDF. The UBL document is the original.",
        "Lesbare Darstellung des UBL-Dokuments, das ohne PDF kam. Das UBL-Dokument ist das Original.",
    ),
}

# UNCL 5305 categories that carry no VAT, for documents that give no reason themselves.
_EXEMPTIONS: Final = {
    "E": ("vrijgesteld", "exonéré", "exempt", "befreit"),
    "AE": ("btw verlegd", "autoliquidation", "reverse charge", "Steuerschuldner ist der Kunde"),
    "K": ("intracommunautair", "intracommunautaire", "intra-EU supply", "innergemeinschaftlich"),
    "G": ("uitvoer", "exportation", "export", "Ausfuhr"),
    "O": ("geen btw", "hors TVA", "no VAT", "ohne MwSt."),
}

LABELS: Final = {
    language: {name: words[place] for name, words in _WORDS.items()} for place, language in enumerate(LANGUAGES)
}
EXEMPTIONS: Final = {
    language: {category: words[place] for category, words in _EXEMPTIONS.items()}
    for place, language in enumerate(LANGUAGES)
}

# UN/ECE recommendation 20; plain counts need no word, and a code that is not here is shown as it is.
UNITS: Final = dict.fromkeys(("C62", "H87", "EA", "NAR", "ZZ", "1I", "XPP"), "") | {
    "HUR": "h",
    "MIN": "min",
    "DAY": "d",
    "KGM": "kg",
    "GRM": "g",
    "TNE": "t",
    "CMT": "cm",
    "MTR": "m",
    "KMT": "km",
    "MTK": "m²",
    "MTQ": "m³",
    "LTR": "l",
    "KWH": "kWh",
}
