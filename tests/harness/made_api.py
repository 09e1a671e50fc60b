"""An API that a table describes: its endpoints, what they hold at each stage, how they page, who may ask."""

import base64
from dataclasses import dataclass, field
from urllib.parse import urlencode

from harness.replay import Reply


@dataclass
class Endpoint:
    records: list  # one list for each stage
    paging: dict  # its `kind`, and the names that it uses
    place: str = "data"  # where the records are in the reply: a dotted path; empty: the reply is the list
    since: str | None = None  # a parameter, and which field it bounds from below
    until: str | None = None  # likewise from above
    cursor: str = "updated_at"


@dataclass
class MadeApi:
    endpoints: dict  # by path, without the first slash
    auth: dict  # {} lets everyone in
    missing: set = field(default_factory=set)  # paths that are not there: 404

    def __call__(self, request):
        path = request.path.removeprefix("/")
        if path == "token":
            return self.token(request)
        if not self.allowed(request):
            return Reply({"error": "who are you?"}, 401)
        if path in self.missing or path not in self.endpoints:
            return Reply({"error": "not here"}, 404)
        endpoint = self.endpoints[path]
        records = endpoint.records[min(request.stage, len(endpoint.records) - 1)]
        return PAGINGS[endpoint.paging["kind"]](endpoint, request, chosen(endpoint, request, records))

    def allowed(self, request):
        said = request.headers.get("authorization")
        kind = self.auth.get("type")
        if kind == "http_basic":
            pair = f"{self.auth['username']}:{self.auth['password']}"
            return said == "Basic " + base64.b64encode(pair.encode()).decode()
        if kind == "api_key" and self.auth["location"] == "query":
            return request.query.pop(self.auth["name"], None) == self.auth["api_key"]  # links do not repeat it
        if kind == "api_key":
            return request.headers.get(self.auth["name"].lower()) == self.auth["api_key"]
        if kind == "oauth2_client_credentials":
            return said == "Bearer made-token"
        return kind is None or said == f"Bearer {self.auth['token']}"

    def token(self, request):
        form = request.body.decode()
        right = urlencode({"client_id": self.auth["client_id"], "client_secret": self.auth["client_secret"]})
        if right not in form or "grant_type=client_credentials" not in form:
            return Reply({"error": "invalid_client"}, 401)
        return Reply({"access_token": "made-token", "expires_in": 3600, "token_type": "bearer"})


def chosen(endpoint, request, records):
    """The records that the parameters of the request ask for."""
    kind = type(records[0][endpoint.cursor]) if records and endpoint.cursor in records[0] else str
    if endpoint.since in request.query:
        records = [record for record in records if record[endpoint.cursor] >= kind(request.query[endpoint.since])]
    if endpoint.until in request.query:
        records = [record for record in records if record[endpoint.cursor] < kind(request.query[endpoint.until])]
    return records


# ---- pages ----


def put(body, path, value):
    """Set a value at a dotted path."""
    *folders, last = path.split(".")
    for folder in folders:
        body = body.setdefault(folder, {})
    body[last] = value


def at(body, path):
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def asked(request, paging, what):
    """A value of the request: a parameter, or at a place of the body; None when it is not there."""
    if f"{what}_body_path" in paging:
        return at(request.json() or {}, paging[f"{what}_body_path"])
    return request.query.get(paging[f"{what}_param"])


def reply_of(endpoint, records, more=(), headers=None):
    """`more`: pairs of a path and a value, besides the records."""
    if not endpoint.place:
        return Reply(records, headers=headers or {})
    body = {"version": 1}
    put(body, endpoint.place, records)
    for path, value in more:
        put(body, path, value)
    return Reply(body, headers=headers or {})


def cut(records, begin, size):
    return records[begin : begin + size], begin + size < len(records)


def single(endpoint, request, records):
    return reply_of(endpoint, records)


def totals(paging, total, has_more):
    told = [(paging["total_path"], total)] if paging.get("total_path") else []
    return told + ([(paging["has_more_path"], has_more)] if paging.get("has_more_path") else [])


def numbered(endpoint, request, records):
    paging = endpoint.paging
    number = int(asked(request, paging, "page") or paging["base"]) - paging["base"]
    found, has_more = cut(records, number * paging["size"], paging["size"])
    return reply_of(endpoint, found, totals(paging, -(-len(records) // paging["size"]), has_more))


def offset(endpoint, request, records):
    paging = endpoint.paging
    found, has_more = cut(records, int(asked(request, paging, "offset")), int(asked(request, paging, "limit")))
    return reply_of(endpoint, found, totals(paging, len(records), has_more))


def token_cursor(endpoint, request, records):
    """A cursor is a number, or a text with one; at the end it is null, empty, or not there."""
    paging = endpoint.paging
    value = asked(request, paging, "cursor")
    begin = 0 if value is None else int(str(value).removeprefix("c-"))
    found, has_more = cut(records, begin, paging["size"])
    following = begin + len(found) if paging["number"] else f"c-{begin + len(found)}"
    end = [] if paging["end"] == "absent" else [(paging["cursor_path"], paging["end"])]
    return reply_of(endpoint, found, [(paging["cursor_path"], following)] if has_more else end)


def link(endpoint, request, has_more, begin):
    """The address of the following page, absolute or relative, with what was asked but for the key."""
    paging = endpoint.paging
    query = urlencode({**request.query, "from": begin})
    forms = {
        "absolute": f"http://{request.headers['host']}{request.path}?{query}",
        "rooted": f"{request.path}?{query}",
        "relative": f"?{query}",
    }
    return forms[paging["form"]] if has_more else None


def json_link(endpoint, request, records):
    begin = int(request.query.get("from", 0))
    found, has_more = cut(records, begin, endpoint.paging["size"])
    following = link(endpoint, request, has_more, begin + len(found))
    told = [(endpoint.paging["next_url_path"], following)] if following or endpoint.paging["null"] else []
    return reply_of(endpoint, found, told)


def header_link(endpoint, request, records):
    begin = int(request.query.get("from", 0))
    found, has_more = cut(records, begin, endpoint.paging["size"])
    following = link(endpoint, request, has_more, begin + len(found))
    links = [f'<{following}>; rel="{endpoint.paging["links_next_key"]}"'] if following else []
    links += [f'<{request.path}>; rel="first"'] if endpoint.paging["null"] else []
    return reply_of(endpoint, found, headers={"Link": ", ".join(links)} if links else {})


def header_cursor(endpoint, request, records):
    paging = endpoint.paging
    begin = int(request.query.get(paging["cursor_param"], "c0")[1:])
    found, has_more = cut(records, begin, paging["size"])
    return reply_of(endpoint, found, headers={paging["cursor_key"]: f"c{begin + len(found)}"} if has_more else {})


PAGINGS = {
    "single_page": single,
    "page_number": numbered,
    "offset": offset,
    "cursor": token_cursor,
    "json_link": json_link,
    "header_link": header_link,
    "header_cursor": header_cursor,
}
