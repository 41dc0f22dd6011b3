"""The backend's table. Unmanaged: Django never creates or changes it."""

from django.db import models


class Message(models.Model):
    author = models.CharField(max_length=40)
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()

    class Meta:
        db_table = "messages"
        managed = False
