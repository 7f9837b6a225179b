"""The signs of the design: drawn on a grid of 16, one line weight, filled only for done and refused."""

from typing import Final

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_DISC: Final = '<circle cx="8" cy="8" r="6.2"/>'
ICONS: Final[dict[str, str]] = {
    "check": '<circle class="f" cx="8" cy="8" r="7"/><path class="k" d="M4.9 8.3l2.1 2.1 4.1-4.5"/>',
    "half": f'{_DISC}<path class="f" d="M8 4.2a3.8 3.8 0 0 1 0 7.6z"/>',
    "clock": f'{_DISC}<path d="M8 4.6V8l2.3 1.6"/>',
    "stop": (
        '<path class="f" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path class="k" d="M8 4.4v4.2M8 11.4v.1"/>'
    ),
    "pause": '<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2"/><path d="M6.2 5.4v5.2M9.8 5.4v5.2"/>',
    "dash": f'{_DISC}<path d="M5.2 8h5.6"/>',
    "ring": _DISC,
    "finding": '<path d="M8 2l6.6 11.6H1.4z"/><path d="M8 6.4v3.2M8 11.6v.1"/>',
    "find": '<circle cx="7" cy="7" r="4.6"/><path d="M10.6 10.6L14 14"/>',
    "open": '<path d="M4 6.2l4 4 4-4"/>',
    "remove": '<path d="M4 4l8 8M12 4l-8 8"/>',
    "download": '<path d="M8 2v8.2M4.6 7L8 10.4 11.4 7M2.6 13.6h10.8"/>',
    "copy": (
        '<rect x="5.6" y="5.6" width="8.4" height="8.4" rx="1.4"/>'
        '<path d="M10.4 5.4V3.2c0-.7-.5-1.2-1.2-1.2h-6C2.5 2 2 2.5 2 3.2v6c0 .7.5 1.2 1.2 1.2h2.2"/>'
    ),
    "mail": '<rect x="1.6" y="3.2" width="12.8" height="9.6" rx="1.4"/><path d="M2 4.4l6 4.4 6-4.4"/>',
    "menu": '<path d="M2 4.2h12M2 8h12M2 11.8h12"/>',
}  # fmt: skip


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a sign; a word beside it says what it means, so it is hidden from screen readers.

    :raises KeyError: for a name that the design does not have.
    """
    return mark_safe(f'<svg class="i" viewBox="0 0 16 16" aria-hidden="true">{ICONS[name]}</svg>')  # noqa: S308
