"""The back-office's page on which staff decide about a held statement, its findings before their eyes."""

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock
from apps.core.admin import staff_actor
from apps.core.errors import DomainError
from apps.statements.forms import DecisionForm
from apps.statements.models import Statement
from apps.statements.selectors import find_standing, list_statement_findings
from apps.statements.services.held import choose_statement, release_statement, set_statement_aside

ROUTE: Final = "statements_statement_decide"
RELEASE, CHOOSE, SET_ASIDE = "release", "choose", "set_aside"
SERVICES: Final = {RELEASE: release_statement, CHOOSE: choose_statement, SET_ASIDE: set_statement_aside}
LABELS: Final = {
    RELEASE: gettext_lazy("Release it: its movements count as the bank sent them"),
    CHOOSE: gettext_lazy("Let this one count instead of the first"),
    SET_ASIDE: gettext_lazy("The first stays: set this one aside"),
}


def show(request: HttpRequest, statement_id: int, *, context: dict[str, Any]) -> HttpResponse:
    """Show the statement with what was found and what stands beside it, and do what staff decide."""
    statement = Statement.objects.select_related("coda_file").filter(pk=statement_id).first()
    if statement is None:
        raise Http404
    first = find_standing(statement)
    choices = [(name, LABELS[name]) for name in ((CHOOSE, SET_ASIDE) if first else (RELEASE,))]
    form = DecisionForm(request.POST if request.method == "POST" else None, choices=choices)
    if request.method == "POST" and form.is_valid() and _decide(request, statement, form):
        return redirect("admin:statements_statement_change", statement.pk)
    context |= {
        "title": _("Decide about a held statement"),
        "statement": statement,
        "first": first,
        "compared": [first, statement] if first else [statement],
        "findings": list_statement_findings(statement=statement),
        "form": form if statement.is_undecided else None,
        "opts": Statement._meta,
    }
    return render(request, "admin/statements/decide.html", context)


def _decide(request: HttpRequest, statement: Statement, form: DecisionForm) -> bool:
    """Ask the service, and tell staff; a refusal leaves them on the page with its reason."""
    decide = SERVICES[form.cleaned_data["decision"]]
    try:
        decide(
            statement_uuid=statement.uuid,
            reason=form.cleaned_data["reason"],
            actor=staff_actor(request),
            now=clock.now(),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Decided: %(statement)s") % {"statement": statement})
    return True
