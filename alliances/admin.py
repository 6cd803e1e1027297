"""Django's admin, for administrators only: the installation to look at, nothing to change past the services, no business.

Its login page is ours, so that lock-out, second factor and the log hold there too.
"""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from alliances.models import Alliance, DayCorrection, Organisation, SweepRun

admin.site.site_header = admin.site.site_title = "共建 · 系统管理"
admin.site.index_title = "只供查看"
admin.site.login = secure_admin_login(admin.site.login)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Changes go through the services, which check and log them."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Organisation)
class OrganisationAdmin(ReadOnlyAdmin):
    list_display = ("name", "level", "code", "parent")
    list_filter = ("level",)
    search_fields = ("name", "code")
    list_select_related = ("parent",)


@admin.register(Alliance)
class AllianceAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "brand", "number_prefix")
    search_fields = ("name", "code")


@admin.register(DayCorrection)
class DayCorrectionAdmin(ReadOnlyAdmin):
    list_display = ("organisation", "day", "is_working", "reason")
    list_select_related = ("organisation",)


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    list_display = ("name", "began_at", "succeeded_at", "failed_at", "error")
