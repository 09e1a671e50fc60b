"""Two real APIs, played with the recorded replies of tests/fixtures: Open Exchange Rates, and HubSpot's CRM."""

import datetime
import json

from harness import weir
from harness.replay import Reply

FIXTURES = weir.ROOT / "tests" / "fixtures"
APP_ID = "TESTAPPID"
TOKEN = "pat-eu1-test"


def fixture(name):
    return (FIXTURES / f"{name}.json").read_bytes()


def error(api, case):
    """An error reply as the API words it."""
    [found] = [found for found in json.loads(fixture(f"{api}_errors")) if found["case"] == case]
    body = found["body"]
    return Reply(body.encode() if isinstance(body, str) else body, found["http_status"], found.get("headers", {}))


# ---- Open Exchange Rates ----


def open_exchange_rates(request):
    """`/api/…`: currencies, latest rates, and those of five days; `symbols` chooses."""
    _, _, name = request.path.partition("/api/")
    if name == "currencies.json":
        return Reply(fixture("oxr_currencies"))
    key = request.query.get("app_id") or request.headers.get("authorization", "").removeprefix("Token ")
    if key != APP_ID:
        return error("oxr", "invalid_app_id" if key else "missing_app_id")
    if name == "latest.json":
        return rates("oxr_latest_base_eur" if request.query.get("base") == "EUR" else "oxr_latest", request)
    if name.startswith("historical/"):
        day = name.removeprefix("historical/").removesuffix(".json")
        known = (FIXTURES / f"oxr_historical_{day}.json").exists()
        return rates(f"oxr_historical_{day}", request) if known else error("oxr", "not_available")
    return error("oxr", "not_found")


def rates(name, request):
    symbols = request.query.get("symbols")
    if not symbols:
        return Reply(fixture(name))
    reply = json.loads(fixture(name))
    reply["rates"] = {code: rate for code, rate in reply["rates"].items() if code in symbols.split(",")}
    return Reply(reply)


# ---- HubSpot ----


class HubSpot:
    """Contacts, companies and deals; pages, associations, and search over what is there. add() lets time pass."""

    def __init__(self):
        self.objects = {
            "contacts": records("hubspot_contacts_page1") + records("hubspot_contacts_page2"),
            "companies": records("hubspot_companies_page"),
            "deals": records("hubspot_deals_page"),
        }
        self.associations = records("hubspot_contacts_with_associations")[0]["associations"]

    def add(self, kind, number, at, **properties):
        """A new object, or a changed one in the place of the old."""
        id = str(number)
        modified = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
        own = {"createdate": at, "hs_object_id": id, modified: at, **properties}
        record = {"id": id, "properties": own, "createdAt": at, "updatedAt": at, "archived": False}
        kept = [other for other in self.objects[kind] if other["id"] != id]
        self.objects[kind] = sorted([*kept, record], key=lambda other: int(other["id"]))

    def __call__(self, request):
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return error("hubspot", "unauthorized")
        kind, _, action = request.path.removeprefix("/crm/v3/objects/").partition("/")
        if kind not in self.objects:
            return Reply({"status": "error", "message": "no such object"}, 404)
        return self.search(kind, request.json()) if action == "search" else self.list(kind, request.query)

    def list(self, kind, query):
        """`after` is the id of the first object of the page."""
        found = [chosen(record, query.get("properties")) for record in self.objects[kind]]
        if "associations" in query:
            found = [{**record, **self.associated(record, query["associations"])} for record in found]
        begin = next((i for i, record in enumerate(found) if record["id"] == query.get("after")), 0)
        return page(found, begin, int(query.get("limit", 10)), lambda end: found[end]["id"])

    def search(self, kind, body):
        """`after` is a number of results."""
        groups = body.get("filterGroups", [])
        found = [record for record in self.objects[kind] if not groups or any(matches(record, group) for group in groups)]
        for sort in body.get("sorts", []):
            name = sort["propertyName"]
            found.sort(key=lambda record: record["properties"].get(name) or "", reverse=sort["direction"] == "DESCENDING")
        found = [chosen(record, ",".join(body["properties"])) for record in found] if "properties" in body else found
        reply = page(found, int(body.get("after", 0)), int(body.get("limit", 10)), str)
        reply.content = {"total": len(found), **reply.content}
        return reply

    def associated(self, record, kinds):
        named = {kind: self.associations[kind] for kind in kinds.split(",") if kind in self.associations}
        return {"associations": named} if named and int(record["id"]) % 2 else {}


def hubspot_in_time():
    """HubSpot as it is at first, with a new contact and a changed company, and with some contacts of one moment."""
    stages = [HubSpot() for _ in range(3)]
    for stage in stages[1:]:
        stage.add("contacts", 104, "2024-03-01T08:00:00.000Z", email="di@example.com", firstname="Di", lastname="Ä")
        stage.add("companies", 501, "2024-03-01T09:00:00.500Z", name="Example plc", domain="example.com")
    for number in (105, 102, 106):
        stages[2].add("contacts", number, "2024-03-02T00:00:00.001Z", email=f"{number}@example.com", annualrevenue=None)
    return lambda request: stages[request.stage](request)


def records(name):
    return json.loads(fixture(name))["results"]


def chosen(record, names):
    """The record with the properties that were asked for; those that it does not have are null."""
    if not names:
        return record
    return {**record, "properties": {name: record["properties"].get(name) for name in sorted(names.split(","))}}


def matches(record, group):
    return all(compare(record["properties"].get(test["propertyName"]), test) for test in group["filters"])


def compare(value, test):
    if value is None:
        return False
    moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    left, right = round(moment.timestamp() * 1000), int(test["value"])
    return {"GTE": left >= right, "GT": left > right, "LTE": left <= right, "LT": left < right}[test["operator"]]


def page(found, begin, limit, place):
    """A page of results; the last has no `paging`."""
    end = begin + limit
    paging = {"paging": {"next": {"after": place(end)}}} if end < len(found) else {}
    return Reply({"results": found[begin:end], **paging})
