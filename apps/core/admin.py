"""What every page of the back-office shares: rows that are read, and actions that ask a service."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import DomainError

M = TypeVar("M", bound=Model)
R_contra = TypeVar("R_contra", contravariant=True)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
else:
    # At run time Django's classes are not generic.
    class ModelAdmin(admin.ModelAdmin):
        """Django's, with a type parameter."""

        def __class_getitem__(cls, _item: Any) -> type:
            return cls

    class TabularInline(admin.TabularInline):
        """Django's, with type parameters."""

        def __class_getitem__(cls, _item: Any) -> type:
            return cls


class LightPagesAdmin(ModelAdmin[M]):
    """Django's, without the scripts that fill in slugs, of which there are none: half of what its pages weigh."""

    @property
    def media(self) -> forms.Media:
        """Return the scripts that lists and forms do use."""
        names = (
            "vendor/jquery/jquery.min.js",
            "jquery.init.js",
            "core.js",
            "admin/RelatedObjectLookups.js",
            "actions.js",
        )
        return forms.Media(js=[f"admin/js/{name}" for name in names])


def in_words(word: Callable[[str], object]) -> type[admin.FieldListFilter]:
    """Return a filter by a column of codes, each offered as `word` says it: a link always has a text to be heard."""

    class InWords(admin.AllValuesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            every, *codes = super().choices(changelist)
            yield every
            for choice in codes:
                code = str(choice["display"])
                yield {**choice, "display": word(code) if code else _("none")}

    return InWords


def column(field: str, word: Callable[[str], object], *, title: "str | StrPromise") -> Callable[[Any], str]:
    """Return a column of codes, or a field of a page, in which each stands as `word` says it."""

    @admin.display(description=title, ordering=field)
    def show(row: Any) -> str:
        code = getattr(row, field)
        return str(word(code)) if code else "–"

    show.__name__ = field
    return show


def reason_form(label: "str | StrPromise", *, longest: int = 300) -> type[helpers.ActionForm]:
    """Return the field beside the actions in which staff say why; `label` tells who reads it."""

    class ReasonForm(helpers.ActionForm):
        reason = forms.CharField(label=label, required=False, max_length=longest)

    return ReasonForm


class ReadOnlyAdmin(LightPagesAdmin[M]):
    """A list and a page that show everything and change nothing but by actions."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: rows are made by services."""
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: states move by actions."""
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Refuse: nothing is deleted."""
        del request, obj
        return False


class ReadOnlyInline(TabularInline[M, M]):
    """Rows beside their parent, to read."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows are made by services."""
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows are changed by services."""
        del request, obj
        return False


class Ask(Protocol[R_contra]):
    """What an action does with one row: ask a service, as the member of staff, now."""

    def __call__(self, row: R_contra, *, actor: str, now: datetime) -> object:
        """Ask."""


def run_for_each(request: HttpRequest, queryset: QuerySet[M], ask: Ask[M], done: str) -> None:
    """Ask a service for every chosen row and tell staff what happened; a refusal does not stop the others."""
    succeeded, actor, now = 0, staff_actor(request), clock.now()
    for row in queryset:
        try:
            ask(row, actor=actor, now=now)
        except DomainError as error:
            messages.error(request, f"{row}: {error}")
        else:
            succeeded += 1
    if succeeded:
        messages.success(request, f"{done}: {succeeded}")


def staff_actor(request: HttpRequest) -> str:
    """Return how the trail names the member of staff."""
    return f"staff:{request.user.pk}"
