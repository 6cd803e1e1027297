"""What the demand loop puts into the registries; called once from ``apps.ready``."""

from alliances.registry import ActivityLinks, AgendaItem, LogCode, registries
from demands import integrity, sections
from demands.exports import EXPORTS
from demands.imports import AcceptancesImport, ClaimsImport, DemandsImport, ResourcesImport
from demands.lifecycles import LIFECYCLES

LOG_SENTENCES = {
    "demands.resource.list": "登记服务资源",
    "demands.resource.change": "修改服务资源",
    "demands.resource.import": "导入服务资源",
    "demands.category.add": "新增需求类别",
    "demands.demand.import": "导入群众需求",
    "demands.demand.change": "修改群众需求",
    "demands.claim.import": "导入认领项目",
    "demands.claim.change": "修改认领项目",
    "demands.acceptance.import": "导入验收结果",
    "demands.acceptance.change": "修改验收结果",
    "demands.call_back.import": "导入回访结果",
}


def register() -> None:
    for code, sentence in LOG_SENTENCES.items():
        registries.log_codes.register(LogCode(code, sentence))
    for lifecycle in LIFECYCLES:
        lifecycle.register()
    for check in integrity.CHECKS:
        registries.integrity.register(check)
    for export in EXPORTS:
        registries.exports.register(export)
    # After the secretary's comment, which looks back.
    registries.agenda_items.register(AgendaItem("demands.open", sections.agenda_items), order=110)
    registries.activity_links.register(ActivityLinks("demands", "服务的需求", sections.served_claims))
    for order, importer in enumerate((ResourcesImport, DemandsImport, ClaimsImport, AcceptancesImport)):
        registries.importers.register(importer, order=50 + 10 * order)
