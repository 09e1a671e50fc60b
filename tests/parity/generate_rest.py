"""
Makes APIs and pipelines that read them from a seed: paginator, auth, dependent resources and increments, each in every
form, for loads that weir and dlt must do alike.
"""

import datetime
import random
from dataclasses import dataclass

from harness import replay, rest
from harness.made_api import Endpoint, MadeApi


@dataclass
class Made:
    case: rest.Case
    api: MadeApi
    plan: dict
    kinds: dict  # what was chosen, to be counted


def maybe(rng, chance=0.5):
    return rng.random() < chance


# ---- paginators: what the server does, and what the pipeline says of it ----


def totals(rng, places):
    """How the end is told: by a total, by has_more, by an empty page; for paginators that count."""
    how = rng.choice(("total", "more", "empty"))
    if how == "total":
        path = rng.choice(places)
        return {"total_path": path}, {"total_path": path}
    if how == "more":
        path = rng.choice(("has_more", "meta.more"))
        return {"has_more_path": path}, {"total_path": "", "has_more_path": path}
    return {}, {"total_path": ""}


def page_number(rng):
    end, said = totals(rng, ("total", "pages", "meta.total_pages"))
    base, param = rng.choice((0, 1)), rng.choice(("page", "p"))
    said.update({"base_page": base} if maybe(rng) else {"base_page": base, "page": base})
    if param != "page":
        said["page_param"] = param
    if maybe(rng, 0.2):
        said["maximum_page"] = 2 + base
        said["total_path"] = said.get("total_path", "")
    return {"kind": "page_number", "page_param": param, "base": base, "size": 2, **end}, {"type": "page_number", **said}


def page_in_body(rng):
    path = rng.choice(("page", "paging.number"))
    end, said = totals(rng, ("total", "meta.pages"))
    paging = {"kind": "page_number", "page_body_path": path, "base": 0, "size": 2, **end}
    return paging, {"type": "page_number", "page_body_path": path, **said}


def offset(rng):
    end, said = totals(rng, ("total", "count", "meta.total"))
    names = {"offset_param": rng.choice(("offset", "skip")), "limit_param": rng.choice(("limit", "take"))}
    if maybe(rng, 0.2):
        said["maximum_offset"] = 5
    paging = {"kind": "offset", **names, **end}
    return paging, {"type": "offset", "limit": rng.randint(1, 3), **names, **said}


def offset_in_body(rng):
    end, said = totals(rng, ("total",))
    paths = {"offset_body_path": "paging.offset", "limit_body_path": rng.choice(("limit", "paging.limit"))}
    return {"kind": "offset", **paths, **end}, {"type": "offset", "limit": 2, **paths, **said}


def cursor(rng):
    path, param = rng.choice(("cursors.next", "paging.next.after", "after")), rng.choice(("cursor", "after"))
    paging = {"kind": "cursor", "cursor_path": path, "cursor_param": param, "size": 2, "number": maybe(rng)}
    paging["end"] = rng.choice(("absent", None, ""))
    said = {name: value for name, value in (("cursor_path", path), ("cursor_param", param)) if value not in ("cursors.next", "cursor")}
    return paging, {"type": "cursor", **said} if said or maybe(rng) else "cursor"


def cursor_in_body(rng):
    path = rng.choice(("after", "paging.after"))
    paging = {"kind": "cursor", "cursor_path": "next", "cursor_body_path": path, "size": 2, "number": maybe(rng), "end": "absent"}
    return paging, {"type": "cursor", "cursor_path": "next", "cursor_body_path": path}


def link_form(rng):
    return {"size": rng.randint(1, 3), "form": rng.choice(("absolute", "rooted", "relative")), "null": maybe(rng)}


def json_link(rng):
    path = rng.choice(("next", "links.next", "paging.next.link"))
    paging = {"kind": "json_link", "next_url_path": path, **link_form(rng)}
    return paging, "json_link" if path == "next" and maybe(rng) else {"type": "json_link", "next_url_path": path}


def header_link(rng):
    key = rng.choice(("next", "following"))
    paging = {"kind": "header_link", "links_next_key": key, **link_form(rng)}
    return paging, "header_link" if key == "next" else {"type": "header_link", "links_next_key": key}


def header_cursor(rng):
    names = {"cursor_key": rng.choice(("X-Next", "x-after")), "cursor_param": rng.choice(("cursor", "after"))}
    return {"kind": "header_cursor", "size": 2, **names}, {"type": "header_cursor", **names}


def single_page(rng):
    return {"kind": "single_page"}, "single_page"


def detected(rng):
    """Nothing is said, or "auto"."""
    kinds = {
        "link": {"kind": "json_link", "next_url_path": rng.choice(("next", "links.next", "meta.nextUrl"))},
        "header": {"kind": "header_link", "links_next_key": "next"},
        "pages": {"kind": "page_number", "page_param": "page", "base": 0, "size": 2, "total_path": rng.choice(("total_pages", "meta.pages"))},
        "cursor": {"kind": "cursor", "cursor_path": "next_cursor", "cursor_param": "cursor", "size": 2, "number": False, "end": "absent"},
        "none": {"kind": "single_page"},
    }
    paging = {**link_form(rng), **kinds[rng.choice(list(kinds))]}
    if paging["form"] == "relative":
        paging["form"] = "rooted"  # what begins with "?" is not taken for a link
    return paging, rng.choice((None, "auto"))


PAGINATORS = {
    maker.__name__: maker
    for maker in (
        page_number,
        page_in_body,
        offset,
        offset_in_body,
        cursor,
        cursor_in_body,
        json_link,
        header_link,
        header_cursor,
        single_page,
        detected,
    )
}
IN_BODY = ("page_in_body", "offset_in_body", "cursor_in_body")

# ---- auth ----

AUTHS = {
    "none": lambda rng: {},
    "bearer": lambda rng: {"type": "bearer", "token": "made token"},
    "key_in_header": lambda rng: {"type": "api_key", "name": rng.choice(("X-Key", "Authorization")), "location": "header", "api_key": "K 1"},
    "key_in_query": lambda rng: {"type": "api_key", "name": "app_key", "location": "query", "api_key": "a&b c"},
    "basic": lambda rng: {"type": "http_basic", "username": "grüße", "password": "p:w"},
    "oauth2": lambda rng: {
        "type": "oauth2_client_credentials",
        "access_token_url": "{url}/token",
        "client_id": "me",
        "client_secret": "s3cret",
    },
}

# ---- records ----

FIRST = datetime.datetime(2024, 1, 28)


def moment(numeric, n):
    return 100 + n if numeric else (FIRST + datetime.timedelta(hours=5 * n)).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(rng, id, at):
    made = {"id": id, "name": rng.choice(("a", "b c", "ü/x")) + str(id), "updated_at": at, "price": rng.choice((1.5, 0.1, 2e-7))}
    if maybe(rng, 0.3):
        made["seller"] = {"city": rng.choice("xy"), "zip": id}
    if maybe(rng, 0.3):
        made["tags"] = [{"tag": tag} for tag in rng.choice(("a", "ab"))]
    return made


def stages(rng, runs, numeric, first_id):
    """What is there at each run: later, some are new and some have changed."""
    count = rng.randint(1, 6)
    found = [record(rng, first_id + n, moment(numeric, n)) for n in range(count)]
    result = [found]
    for run in range(1, runs):
        later = [rng.choice(found)["id"]] + [first_id + 10 * run + n for n in range(rng.randint(0, 3))]
        changed = [record(rng, id, moment(numeric, 10 * run + n)) for n, id in enumerate(later)]
        found = [old for old in found if old["id"] not in later] + changed
        result.append(found)
    return result


# ---- increments ----


def incremental(rng, numeric, params):
    """The increment of an endpoint in one of its forms; adds to the parameters. Also what the server reads of it."""
    given = {"cursor_path": rng.choice(("updated_at", "$.updated_at")), "initial_value": moment(numeric, rng.choice((-1, 0, 1)))}
    form = rng.choice(("start_param", "start_param", "placeholder", "parameter", "local", "bounded"))
    if form == "parameter":
        params["since"] = {"type": "incremental", **given}
        return form, None, {"since": "since"}
    if form == "placeholder":
        params["since"] = "{incremental.start_value}"
        return form, given, {"since": "since"}
    if form == "local":
        return form, {**given, **({"row_order": "asc"} if maybe(rng, 0.2) else {})}, {}
    if form == "bounded":
        given.update(end_value=moment(numeric, rng.choice((3, 8))), start_param="since", end_param="until")
        return form, given, {"since": "since", "until": "until"}
    if maybe(rng):
        given["lag"] = 2 if numeric else 3600
    return form, {**given, "start_param": "since"}, {"since": "since"}


# ---- resources ----


class Making:
    """One case. `kinds` are the paginator, the auth and so on by name."""

    def __init__(self, rng, kinds):
        self.rng, self.kinds = rng, kinds
        self.runs = 1 if kinds["incremental"] == "none" else rng.randint(2, 3)
        self.numeric = maybe(rng, 0.4)
        self.endpoints, self.missing = {}, set()
        self.auth = AUTHS[kinds["auth"]](rng)

    def endpoint(self, paginator, path):
        """What the pipeline says of an endpoint, and what its server pages by."""
        paging, said = PAGINATORS[paginator](self.rng)
        given = {"path": path}
        if said is not None:
            given["paginator"] = said
        place = self.rng.choice(("data", "results", "page.items"))
        if paging["kind"] in ("single_page", "header_link", "header_cursor") and maybe(self.rng):
            place = ""
        if place and maybe(self.rng):
            given["data_selector"] = place
        if paginator in IN_BODY:
            given["method"] = "POST"
            given["json"] = {"query": {"of": self.rng.choice((1, "ü"))}}
        return given, paging, place

    def resource(self, name, endpoint):
        """Hints, besides the endpoint."""
        made = {"name": name, "endpoint": endpoint}
        if maybe(self.rng, 0.4):
            made["primary_key"] = "id"
            made["write_disposition"] = self.rng.choice(("append", "merge", "replace"))
        if maybe(self.rng, 0.2):
            made["columns"] = {"price": {"data_type": "decimal", "precision": 20, "scale": 9}}
        if self.runs < 3 and maybe(self.rng, 0.2):  # see generate_pipelines.limited()
            made["max_table_nesting"] = self.rng.randint(0, 1)
        if maybe(self.rng, 0.1):
            made["table_name"] = f"{name}_of_api"
        return made

    def stages(self, first_id):
        return stages(self.rng, self.runs, self.numeric, first_id)

    def parents(self):
        # For each page of parents, dlt begins the increment of the children at what the page before has left: those of
        # later parents get lost. weir begins it once, with the run; they agree where there is one page.
        paginator = "single_page" if self.kinds["incremental"] == "child" else self.kinds["paginator"]
        endpoint, paging, place = self.endpoint(paginator, "items")
        params = {"kind": self.rng.choice(("x", 7, True, 1.5, ["a", "b"]))} if maybe(self.rng) else {}
        reads = {}
        if self.kinds["incremental"] == "parent":
            self.kinds["form"], given, reads = incremental(self.rng, self.numeric, params)
            endpoint.update({"incremental": given} if given else {})
        if params:
            endpoint["params"] = params
        self.endpoints["items"] = Endpoint(self.stages(1), paging, place, **reads)
        return self.resource("items", endpoint)

    def ids(self, path):
        return sorted({record["id"] for stage in self.endpoints[path].records for record in stage})

    def children(self):
        """One endpoint for each parent; by path, or by a parameter that the server ignores."""
        paginator = self.rng.choice(("single_page", "cursor", "page_number", "json_link", "header_link"))
        paginator = self.kinds["paginator"] if self.kinds["incremental"] == "child" else paginator
        endpoint, paging, place = self.endpoint(paginator, "items/{resources.items.id}/parts")
        endpoint["params"] = {}
        reads = {}
        if maybe(self.rng, 0.3):
            endpoint["path"] = "items/{item}/parts"
            endpoint["params"]["item"] = {"type": "resolve", "resource": "items", "field": "id"}
        elif maybe(self.rng, 0.3):
            endpoint["params"]["of"] = "{resources.items.name}"
        if self.kinds["incremental"] == "child":
            self.kinds["form"], given, reads = incremental(self.rng, self.numeric, endpoint["params"])
            endpoint.update({"incremental": given} if given else {})
        for number in self.ids("items"):
            self.endpoints[f"items/{number}/parts"] = Endpoint(self.stages(number * 100), paging, place, **reads)
        if maybe(self.rng, 0.4):
            self.missing.add(f"items/{self.rng.choice(self.ids('items'))}/parts")
            endpoint["response_actions"] = [{"status_code": 404, "action": "ignore"}]
        made = self.resource("parts", endpoint)
        if maybe(self.rng):
            made["include_from_parent"] = ["id", "name"]
        return made

    def grandchildren(self):
        """Single entities: the path ends with the id."""
        made = self.resource("notes", {"path": "notes/{resources.parts.id}"})
        paths = [path for path in self.endpoints if path.endswith("/parts")]
        for number in [number for path in paths for number in self.ids(path)]:
            stages = [[record(self.rng, number, moment(self.numeric, 1))]]
            self.endpoints[f"notes/{number}"] = Endpoint(stages, {"kind": "single_page"}, "")
        return made

    def source(self):
        resources = [self.parents()]
        if self.kinds["dependency"] != "none":
            resources.append(self.children())
        if self.kinds["dependency"] == "grandchild":
            resources.append(self.grandchildren())
        if maybe(self.rng, 0.3):
            resources.reverse()
        client = {"base_url": "{url}" + self.rng.choice(("", "/"))}
        if self.auth:
            client["auth"] = self.auth
        if maybe(self.rng, 0.3):
            client["headers"] = {"X-Made": "yes"}
        made = {"client": client, "resources": resources}
        if maybe(self.rng, 0.2):
            made["resource_defaults"] = {"write_disposition": "merge", "primary_key": "id", "endpoint": {"params": {"per": 2}}}
        return made

    def plan(self):
        """Which requests fail at first, and how."""
        if not maybe(self.rng, 0.4):
            return {}
        place = self.rng.choice((".", "parts", "from|page|after|cursor|offset"))
        return {place: [self.rng.choice(replay.FAULTS) for _ in range(self.rng.randint(1, 3))]}


DEPENDENCIES = ("none", "child", "child", "grandchild")


def make(paginator, number, seed):
    rng = random.Random(f"{seed} {paginator} {number}")
    place = list(PAGINATORS).index(paginator) + number
    dependency = DEPENDENCIES[(place + number) % len(DEPENDENCIES)]
    increments = ("none", "parent", "parent") if dependency == "none" else ("none", "parent", "child")
    kinds = {
        "paginator": paginator,
        "auth": list(AUTHS)[place % len(AUTHS)],
        "dependency": dependency,
        "incremental": increments[(place + number // 2) % len(increments)],
    }
    making = Making(rng, kinds)
    text = rest.pipeline_text(making.source())
    case = rest.Case(f"{paginator}_{number}", [text] * making.runs)
    return Made(case, MadeApi(making.endpoints, making.auth, making.missing), making.plan(), kinds)
