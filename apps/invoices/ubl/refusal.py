"""Why bytes are not taken in as an invoice at all."""


class UblRefused(ValueError):
    """Bytes that cannot be read as an invoice or credit note.

    `code` is one of `file_empty`, `file_too_large`, `xml_malformed`, `xml_doctype`, `encoding_unsupported`,
    `not_ubl`, `number_missing` and `ubl_incomplete`. `element` is the path of the missing or unreadable
    header element, such as `cbc:IssueDate`, for the last two; `message` is an English sentence.
    """

    def __init__(self, code: str, message: str, *, element: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.element = element
