"""GET /stats/authors: who writes how much."""

import os

from django.db.models import Count
from django.http import JsonResponse
from django.urls import path

from .models import Message


def health(_request):
    return JsonResponse({"status": "ok"})


def authors(_request):
    rows = Message.objects.values("author").annotate(messages=Count("id")).order_by("-messages", "author")
    pictures = len(os.listdir(os.environ.get("MEDIA_ROOT", "/srv/media")))
    return JsonResponse({"authors": list(rows), "pictures": pictures})


urlpatterns = [path("health", health), path("stats/authors", authors)]
