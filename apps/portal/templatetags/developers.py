"""How the pages for makers of software write our own sentences, which mark in Markdown what they name."""

from django import template

from apps.portal.markdown import render_inline

register = template.Library()
register.filter("named", render_inline)
