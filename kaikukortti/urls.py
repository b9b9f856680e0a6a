"""Every page and call, one table of contents. Pages stand under their language: /fi/, /sv/, /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, path

from kaikukortti.api import docs, health, try_calls
from kaikukortti.api.v1 import calls
from kaikukortti.web import (
    batches,
    card_dates,
    cards,
    corrections,
    course_grid,
    course_import,
    courses,
    day,
    desk,
    devices,
    factor_pages,
    figures,
    found,
    group_door,
    groups,
    holds,
    moving,
    near,
    network,
    network_stock,
    offerings,
    one_time_codes,
    own_card,
    own_data,
    own_open,
    own_places,
    own_sign_in,
    own_uses,
    paper_lists,
    paper_rows,
    phone,
    phone_desk,
    policies,
    privacy,
    provider_pages,
    public,
    regions,
    renewal,
    replacement,
    retention,
    seasons,
    secret_slip,
    settlement,
    sign_in,
    stock,
    team,
    till,
    till_app,
    till_app_calls,
    till_place,
    trail,
    webhooks,
    words,
    worklist,
    workplaces,
)

handler403 = "kaikukortti.web.errors.not_allowed"
handler404 = "kaikukortti.web.errors.not_found"
handler500 = "kaikukortti.web.errors.went_wrong"

# Without a language: calls, health, files.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/openapi.json", docs.openapi_json, name="openapi"),
    path("api/v1/docs", docs.docs, name="docs"),
    path("api/v1/", calls.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("organisation/<slug:provider>/back/", provider_pages.organisation_back, name="organisation-back"),
    path("robots.txt", public.robots, name="robots"),
    path("sitemap.xml", public.sitemap, name="sitemap"),
]

# For everyone.
urlpatterns += i18n_patterns(
    path("", public.front, name="front"),
    path("how/", public.how, name="how"),
    path("areas/", public.areas, name="areas"),
    path("areas/<slug:slug>/", public.area, name="area"),
    path("partners/", public.partners, name="partners"),
    path("feedback/", public.feedback, name="feedback"),
    path("card/found/", found.found, name="card-found"),
    prefix_default_language=True,
)

# The page of the calls under its language; /api/v1/docs shows it in the visitor's own.
urlpatterns += i18n_patterns(
    path("calls/", docs.docs, name="calls"),
    path("calls/try/", try_calls.try_calls, name="try-calls"),
    prefix_default_language=True,
)

# Signing in, and where each role goes from there.
urlpatterns += i18n_patterns(
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("sign-in/passkey/", sign_in.passkey_sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/challenge/", factor_pages.passkey_challenge, name="passkey-challenge"),
    path("sign-in/organisation/<slug:provider>/", provider_pages.organisation, name="organisation"),
    path("second-factor/", factor_pages.second_factor, name="second-factor"),
    path("own-sign-in/", own_sign_in.own_sign_in, name="own-sign-in"),
    path("own-sign-in/app/", own_sign_in.set_up, name="set-up-app"),
    path("own-sign-in/codes/", own_sign_in.recovery_codes, name="recovery-codes"),
    path("own-sign-in/passkey/", own_sign_in.new_passkey, name="new-passkey"),
    path("own-sign-in/passkey/registration/", own_sign_in.passkey_registration, name="passkey-registration"),
    path("own-sign-in/factors/<int:factor>/", own_sign_in.own_factor, name="own-factor"),
    path("own-sign-in/organisation/<slug:provider>/", own_sign_in.untie_organisation, name="untie-organisation"),
    path("start/", sign_in.start, name="start"),
    path("workplace/", sign_in.choose_workplace, name="choose-workplace"),
    path("session/", sign_in.keep_session, name="keep-session"),
    path("come-in/<str:secret>/", team.come_in_page, name="come-in"),
    prefix_default_language=True,
)

# The issuing desk and the workplace's own cards.
urlpatterns += i18n_patterns(
    path("desk/", desk.desk, name="desk"),
    path("desk/community/", desk.community, name="desk-community"),
    path("desk/confirm/", desk.confirm, name="desk-confirm"),
    path("desk/done/", desk.done, name="desk-done"),
    path("desk/code/", desk.desk_code, name="desk-code"),
    path("desk/echo/", desk.desk_echo, name="desk-echo"),
    path("desk/municipality/", desk.residence, name="desk-residence"),
    path("cards/", cards.find_card, name="find-card"),
    path("cards/stock/", stock.stock, name="stock"),
    path("cards/stock/order/", stock.order_cards, name="order-cards"),
    path("cards/stock/<int:batch>/received/", stock.receive, name="receive-batch"),
    path("cards/<int:number>/secret/", secret_slip.give_card_secret, name="give-secret"),
    path("cards/<int:number>/secret/slip/", secret_slip.slip, name="secret-slip"),
    path("words/", words.words, name="words"),
    path("words/leaflet/<slug:say>.pdf", words.leaflet, name="leaflet"),
    path("words/form/<slug:say>.pdf", words.paper_form, name="paper-form"),
    path("worklist/", worklist.worklist, name="worklist"),
    path("worklist/print/", worklist.worklist_pdf, name="worklist-pdf"),
    path("cards/<int:number>/", cards.card, name="card"),
    path("cards/<int:number>/correct/", cards.correct_card, name="correct-card"),
    path("cards/<int:number>/block/", cards.block, name="block-card"),
    path("cards/<int:number>/show/", cards.show_card, name="show-card"),
    path("cards/<int:number>/renew/", renewal.renew, name="renew-card"),
    path("cards/<int:number>/renewed/", renewal.renewed, name="card-renewed"),
    path("cards/<int:number>/replace/", replacement.replace, name="replace-card"),
    path("cards/<int:number>/replaced/", replacement.replaced, name="card-replaced"),
    path("cards/<int:number>/end/", cards.end, name="end-card"),
    prefix_default_language=True,
)

# Groups: planned by who brings them, let in at the door.
urlpatterns += i18n_patterns(
    path("groups/", groups.groups, name="groups"),
    path("groups/new/", groups.choose_group_offering, name="choose-group-offering"),
    path("groups/new/<uuid:number>/<str:day>/", groups.plan, name="plan-group"),
    path("groups/<uuid:number>/", groups.group, name="group"),
    path("groups/<uuid:number>/cancel/", groups.cancel, name="cancel-group"),
    path("groups/<uuid:number>/members/<int:member>/leave/", groups.leave_out_member, name="leave-out"),
    path("till/groups/", group_door.door, name="group-door"),
    path("till/groups/<uuid:number>/", group_door.let_in, name="let-group-in"),
    path("till/groups/<uuid:number>/members/<int:member>/", group_door.let_one_in, name="let-one-in"),
    prefix_default_language=True,
)

# The till, the day's records, offerings.
urlpatterns += i18n_patterns(
    path("till/", till.till, name="till"),
    path("till/check/", till.check, name="till-check"),
    path("till/record/", till.record, name="till-record"),
    path("till/undo/", till.undo, name="till-undo"),
    path("till/offering/", till_place.choose, name="till-offering"),
    path("till/keep/", till.keep, name="till-keep"),
    path("tills/", devices.devices, name="devices"),
    path("tills/new/", devices.new_device, name="new-device"),
    path("tills/gate-passes/", devices.gates, name="gate-passes"),
    path("tills/<uuid:device>/out-of-use/", devices.revoke_device, name="revoke-device"),
    path("tills/<uuid:device>/rows/", devices.device_rows, name="device-rows"),
    path("tills/<uuid:device>/rows/settle/", devices.settle_device_rows, name="settle-device-rows"),
    path("day/", day.day, name="day"),
    path("day/settle/", day.to_settle, name="to-settle"),
    path("day/move/", moving.move, name="day-move"),
    path("paper/", paper_rows.paper, name="paper"),
    path("paper/list/", paper_lists.paper_list, name="paper-list"),
    path("paper/<str:sheet>/", paper_rows.paper_sheet, name="paper-sheet"),
    path("paper/<str:sheet>/<slug:say>.pdf", paper_rows.print_sheet, name="paper-sheet-pdf"),
    path("day/<uuid:reference>/", day.day_record, name="day-record"),
    path("day/<uuid:reference>/reverse/", day.reverse_record, name="day-reverse"),
    path("day/<uuid:reference>/settle/", day.settle_record, name="day-settle"),
    path("offerings/", offerings.offerings, name="offerings"),
    path("offerings/new/<slug:kind>/", offerings.new_offering, name="new-offering"),
    path("offerings/<uuid:number>/", offerings.offering, name="offering"),
    path("offerings/<uuid:number>/publish/", offerings.publish, name="publish-offering"),
    path("offerings/<uuid:number>/copy/", offerings.copy, name="copy-offering"),
    path("offerings/<uuid:number>/cancel/", offerings.cancel, name="cancel-offering"),
    path("offerings/<uuid:number>/places/", holds.places, name="places"),
    path("offerings/<uuid:number>/places/release/", holds.release, name="release-places"),
    path("offerings/<uuid:number>/places/prolong/", holds.prolong, name="prolong-places"),
    path("offerings/<uuid:number>/places/list/", holds.printed, name="places-list"),
    path("offerings/<uuid:number>/seats/", holds.seats, name="seats"),
    prefix_default_language=True,
)

# An office's courses: its list, the grid of code × course, the places given; season passes as numbers.
urlpatterns += i18n_patterns(
    path("courses/", courses.courses, name="courses"),
    path("courses/give/", course_grid.give_places, name="give-places"),
    path("courses/find/", course_grid.find_courses, name="find-courses"),
    path("courses/list/", course_import.bring, name="bring-courses"),
    path("courses/<uuid:number>/", courses.course, name="course-places"),
    path("courses/<uuid:number>/places.csv", courses.course_file, name="course-file"),
    path("courses/places/<int:year>.csv", courses.year_file, name="course-year-file"),
    path("courses/places/<uuid:reference>/", courses.place, name="course-place"),
    path("courses/places/<uuid:reference>/invoice/", courses.settle, name="settle-invoice"),
    path("season-passes/", seasons.seasons, name="seasons"),
    prefix_default_language=True,
)

# The team of a workplace.
urlpatterns += i18n_patterns(
    path("team/", team.team, name="team"),
    path("team/<int:workplace>/", team.team, name="team-of"),
    path("trail/", trail.trail, name="trail"),
    path("team/<int:workplace>/invite/", team.invite, name="invite"),
    path("team/<int:workplace>/links/<int:link>/take-back/", team.take_back, name="take-back-link"),
    path("team/<int:workplace>/members/<int:member>/password/", team.new_password, name="new-password"),
    path("team/<int:workplace>/members/<int:member>/factor/", team.new_factor, name="new-factor"),
    path("team/<int:workplace>/sign-in/", provider_pages.workplace_provider, name="workplace-provider"),
    path("team/<int:workplace>/members/<int:member>/contact/", team.contact, name="contact"),
    path("team/<int:workplace>/members/<int:member>/remove/", team.remove, name="remove-member"),
    path("team/<int:workplace>/tokens/", team.token, name="make-token"),
    path("team/<int:workplace>/tokens/<int:token>/revoke/", team.revoke, name="revoke-token"),
    path("shop/messages/", webhooks.webhooks, name="webhooks"),
    path("shop/messages/<int:webhook>/secret/", webhooks.webhook_secret, name="webhook-secret"),
    path("shop/messages/<int:webhook>/test/", webhooks.webhook_test, name="webhook-test"),
    path("shop/messages/<int:webhook>/end/", webhooks.webhook_end, name="webhook-end"),
    path("shop/messages/<uuid:message>/again/", webhooks.webhook_again, name="webhook-again"),
    path("shop/settlements/", settlement.settlements, name="settlements"),
    path("shop/settlements/<uuid:number>/", settlement.settlement, name="settlement-of"),
    path("shop/settlements/<uuid:number>.csv", settlement.settlement_csv, name="settlement-csv"),
    prefix_default_language=True,
)

# The network: regions, policies, workplaces, blank cards, corrections.
urlpatterns += i18n_patterns(
    path("network/", network.network, name="network"),
    path("network/regions/", regions.regions, name="regions"),
    path("network/regions/new/", regions.new_region, name="new-region"),
    path("network/regions/<int:region>/", regions.region, name="region"),
    path("network/regions/<int:region>/edit/", regions.edit_region_page, name="edit-region"),
    path("network/regions/<int:region>/phases/", regions.plan_phase_page, name="plan-phase"),
    path("network/regions/<int:region>/phases/<int:row>/", regions.take_back_phase, name="take-back-phase"),
    path("network/regions/<int:region>/municipalities/", regions.plan_member, name="plan-municipality"),
    path(
        "network/regions/<int:region>/municipalities/<int:row>/",
        regions.take_back_member,
        name="take-back-municipality",
    ),
    path("network/policies/", policies.policies, name="policies"),
    path("network/policies/rows/<int:row>/", policies.take_back_policy, name="take-back-policy"),
    path("network/policies/<slug:scope>/", policies.policies_of, name="policies-of"),
    path("network/policies/<slug:scope>/<slug:key>/", policies.plan_policy, name="plan-policy"),
    path("network/workplaces/", workplaces.workplaces, name="workplaces"),
    path("network/workplaces/new/<slug:role>/", workplaces.new_workplace, name="new-workplace"),
    path("network/workplaces/<int:workplace>/", workplaces.workplace, name="workplace"),
    path("network/workplaces/<int:workplace>/edit/", workplaces.edit_workplace_page, name="edit-workplace"),
    path("network/workplaces/<int:workplace>/end/", workplaces.end_workplace_page, name="end-workplace"),
    path("network/workplaces/<int:workplace>/venues/", workplaces.sold_venues, name="sold-venues"),
    path("network/workplaces/<int:workplace>/cards/", batches.batches, name="batches"),
    path("network/workplaces/<int:workplace>/cards/list/", batches.listed_cards, name="listed-cards"),
    path("network/workplaces/<int:workplace>/cards/move/", network_stock.move, name="move-blanks"),
    path("network/batches/<int:batch>/", batches.batch, name="batch"),
    path("network/batches/<int:batch>/print/", batches.print_batch, name="print-batch"),
    path("network/batches/<int:batch>/void/", batches.void, name="void-batch"),
    path("network/stock/", network_stock.network_stock, name="network-stock"),
    path("network/corrections/", corrections.corrections, name="corrections"),
    path("network/corrections/card/", card_dates.card_dates, name="card-dates"),
    path("network/corrections/enter/", corrections.enter_use, name="enter-use"),
    path("network/corrections/<uuid:reference>/", corrections.correction, name="correction"),
    prefix_default_language=True,
)

# The phone card: its page for the home screen speaks three languages and stands under none.
urlpatterns += [
    path("my/phone/", phone.phone_card, name="phone-card"),
    path("my/phone/worker.js", phone.worker, name="phone-worker"),
    path("my/phone/<slug:spoken>.webmanifest", phone.manifest, name="phone-manifest"),
    path("my/phone/fresh", phone.fresh, name="phone-fresh"),
    path("my/phone/remove", phone.remove, name="phone-remove"),
]
urlpatterns += i18n_patterns(
    path("my/phone/carry/", phone.carry, name="phone-carry"),
    path("my/phone/<str:secret>/", phone.phone_link, name="phone-link"),
    path("desk/phone/", phone_desk.desk_phone, name="desk-phone"),
    path("desk/phone/echo/", phone_desk.echo_phone, name="desk-phone-echo"),
    path("desk/phone/confirm/", phone_desk.confirm_phone, name="desk-phone-confirm"),
    path("desk/phone/again/", phone_desk.again, name="desk-phone-again"),
    path("desk/phone/state/", phone_desk.link_state, name="desk-phone-state"),
    path("cards/<int:number>/phone/", phone_desk.card_to_phone, name="card-to-phone"),
    prefix_default_language=True,
)

# The till as an installed app: its pages are the same for everyone and hold nobody's data.
urlpatterns += [
    path("till/worker.js", till_app.worker, name="till-app-worker"),
    path("till/<slug:spoken>.webmanifest", till_app.manifest, name="till-app-manifest"),
    path("till/enrol", till_app_calls.become_till, name="till-app-enrol"),
    path("till/unlock", till_app_calls.unlock_till, name="till-app-unlock"),
    path("till/sync", till_app_calls.sync, name="till-app-sync"),
    path("till/check", till_app_calls.check, name="till-app-check"),
    path("till/hand-over", till_app_calls.leave_rows, name="till-app-hand-over"),
    path("till/uses/<uuid:id>/reverse", till_app_calls.reverse_row, name="till-app-reverse"),
    path("till/list/<slug:to>", till_app_calls.whole_list, name="till-app-list"),
    path("till/list/<slug:since>/<slug:to>", till_app_calls.list_difference, name="till-app-list-difference"),
    path("till/<slug:spoken>/", till_app.shell, name="till-app"),
]

# What is on this week, for everyone; as a slip for whoever prints it.
urlpatterns += i18n_patterns(
    path("near/", near.near, name="near"),
    path("near/slip/", near.slip, name="near-slip"),
    prefix_default_language=True,
)

# The holder's own pages, opened with card and secret.
urlpatterns += i18n_patterns(
    path("my/", own_open.open_own, name="own-open"),
    path("my/secret/", own_open.own_secret, name="own-secret"),
    path("my/close/", own_open.close_own, name="own-close"),
    path("my/stay/", own_open.stay, name="own-stay"),
    path("my/card/", own_card.own, name="own"),
    path("my/block/", own_card.own_block, name="own-block"),
    path("my/places/", own_places.own_places, name="own-places"),
    path("my/places/release/", own_places.own_release, name="own-release"),
    path("my/places/leave/", own_places.own_leave, name="own-leave"),
    path("my/uses/", own_uses.uses, name="own-uses"),
    path("my/uses/<uuid:reference>/", own_uses.dispute, name="own-dispute"),
    path("my/looks/", own_uses.looks, name="own-looks"),
    path("my/data/", own_data.data, name="own-data"),
    path("my/reminders/", own_data.remind, name="own-remind"),
    path("my/answers/", own_data.erase_answers, name="own-erase-answers"),
    path("my/erase/", own_data.erase, name="own-erase"),
    path("my/codes/", one_time_codes.codes, name="own-codes"),
    path("my/codes/<uuid:offering>/", one_time_codes.make_code, name="own-code"),
    path("my/codes/<uuid:number>/release/", one_time_codes.give_back, name="own-code-release"),
    path("my/keep/", own_data.keep, name="own-keep"),
    prefix_default_language=True,
)

# What the foot of every page leads to.
urlpatterns += i18n_patterns(
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/easy/", privacy.easy, name="privacy-easy"),
    path("accessibility/", privacy.accessibility, name="accessibility"),
    prefix_default_language=True,
)

# Figures: the yearly national table for everyone, a workplace's own counts, and the yearly close.
urlpatterns += i18n_patterns(
    path("figures/", figures.yearly, name="yearly"),
    path("figures/yearly.csv", figures.yearly_csv, name="yearly-csv"),
    path("figures/yearly.json", figures.yearly_json, name="yearly-json"),
    path("figures/yearly.xlsx", figures.yearly_excel, name="yearly-excel"),
    path("figures/own/", figures.own, name="own-counts"),
    path("figures/own.csv", figures.own_csv, name="own-counts-csv"),
    path("figures/close/", figures.closes, name="closes"),
    path("figures/retention/", retention.runs, name="retention"),
    path("figures/close/<int:year>/", figures.close, name="close-year"),
    prefix_default_language=True,
)
