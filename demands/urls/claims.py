"""A claim from promise to delivery."""

from django.urls import URLPattern, path

from demands.views import claims, claims_deeds, claims_photos

urlpatterns: list[URLPattern] = [
    path("demands/claims/<int:pk>/", claims.page, name="claim-page"),
    path("demands/claims/<int:pk>/start/", claims_deeds.start, name="claim-start"),
    path("demands/claims/<int:pk>/note/", claims_deeds.note, name="claim-note"),
    path("demands/claims/<int:pk>/deliver/", claims_deeds.deliver, name="claim-deliver"),
    path("demands/claims/<int:pk>/hand-back/", claims_deeds.hand_back, name="claim-hand-back"),
    path("demands/claims/<int:pk>/extend/", claims_deeds.extend, name="claim-extend"),
    path("demands/claims/<int:pk>/release-contact/", claims_deeds.release_contact, name="claim-release"),
    path("demands/claims/<int:pk>/venues/", claims.venues, name="claim-venues"),
    path("demands/extensions/<int:pk>/", claims_deeds.extension, name="extension"),
    path("demands/photos/<int:pk>/", claims_photos.picture, name="note-photo"),
    path("demands/photos/<int:pk>/remove/", claims_photos.remove, name="note-photo-remove"),
]
