"""Links that confirm where documents are taken."""
import apps.users.rules
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0004_sessions_ended_at'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='mailedlink',
            name='users_mailedlink_purpose',
        ),
        migrations.AlterField(
            model_name='mailedlink',
            name='purpose',
            field=models.CharField(choices=[(apps.users.rules.LinkPurpose['COMPANY_FIRST_MEMBER'], apps.users.rules.LinkPurpose['COMPANY_FIRST_MEMBER']), (apps.users.rules.LinkPurpose['COMPANY_INVITATION'], apps.users.rules.LinkPurpose['COMPANY_INVITATION']), (apps.users.rules.LinkPurpose['OFFICE_FIRST_MEMBER'], apps.users.rules.LinkPurpose['OFFICE_FIRST_MEMBER']), (apps.users.rules.LinkPurpose['OFFICE_INVITATION'], apps.users.rules.LinkPurpose['OFFICE_INVITATION']), (apps.users.rules.LinkPurpose['CONTACT_CONFIRMATION'], apps.users.rules.LinkPurpose['CONTACT_CONFIRMATION']), (apps.users.rules.LinkPurpose['DESTINATION_CONFIRMATION'], apps.users.rules.LinkPurpose['DESTINATION_CONFIRMATION'])], max_length=30, verbose_name='purpose'),
        ),
        migrations.AddConstraint(
            model_name='mailedlink',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', [apps.users.rules.LinkPurpose['COMPANY_FIRST_MEMBER'], apps.users.rules.LinkPurpose['COMPANY_INVITATION'], apps.users.rules.LinkPurpose['OFFICE_FIRST_MEMBER'], apps.users.rules.LinkPurpose['OFFICE_INVITATION'], apps.users.rules.LinkPurpose['CONTACT_CONFIRMATION'], apps.users.rules.LinkPurpose['DESTINATION_CONFIRMATION']])), name='users_mailedlink_purpose'),
        ),
    ]
