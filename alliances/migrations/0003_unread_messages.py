"""The bell on every page counts unread messages: an index of those alone."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('alliances', '0002_append_only_log'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['recipient', 'channel', 'state'], name='message_unread'),
        ),
    ]
