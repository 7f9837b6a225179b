"""Who is signed in."""

from django.http import HttpRequest

from apps.users.models import User


def viewer_of(request: HttpRequest) -> User:
    """Return the person behind a request that `login_required` let through.

    :raises TypeError: when nobody is signed in, which is a view without its guard.
    """
    if not isinstance(request.user, User):
        raise TypeError("This view needs login_required.")
    return request.user


def person_or_none(user: object) -> User | None:
    """Return the person that a template's `user` is, or nothing for an anonymous visitor."""
    return user if isinstance(user, User) else None
