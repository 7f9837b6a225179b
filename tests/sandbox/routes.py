"""All routes, as the sandbox has them."""

from django.urls import path

from apps.api.v2.sandbox import urls as sandbox_urls
from config.urls import urlpatterns as service_patterns

urlpatterns = [path("v2/sandbox/", sandbox_urls), *service_patterns]
