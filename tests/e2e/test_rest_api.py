"""APIs as sources, declared in TOML and read in C, against a scripted server: what is loaded, and what is said."""

import http.server
import json
import re
import threading
import urllib.parse

import duckdb
import pytest

from harness import weir

PAGE = (weir.ROOT / "docs" / "guide" / "rest-api.md").read_text()


class Api:
    """Answers by path: a function of the query gives (status, headers, body)."""

    def __init__(self):
        self.routes = {}
        self.asked = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def do_GET(self):
                url = urllib.parse.urlparse(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                api.asked.append((self.path, self.headers.get("Authorization")))
                answer = api.routes.get(url.path, lambda query: (404, {}, {"message": "no such thing"}))(query)
                status, headers, body = answer if isinstance(answer, tuple) else (200, {}, answer)
                data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def api():
    it = Api()
    yield it
    it.server.shutdown()
    it.server.server_close()


def pages(count):
    return lambda query: {
        "data": [{"id": 10 * int(query["page"]) + i, "title": f"title {i}"} for i in range(2)],
        "total_pages": count,
    }


def project(folder, api, source, name="shop"):
    (folder / "pipelines").mkdir(exist_ok=True)
    text = f'[pipeline]\ndestination = "duckdb"\ndataset_name = "raw"\n\n[source.rest_api]\n{source}\n'
    (folder / "pipelines" / f"{name}.toml").write_text(text.replace("https://api.example.com", api.url))


def query(folder, sql, name="shop"):
    with duckdb.connect(str(folder / f"{name}.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


CLIENT = 'client = { base_url = "https://api.example.com"%s }\n'
NUMBERED = CLIENT % ', paginator = { type = "page_number", base_page = 1, total_path = "total_pages" }'


def test_the_pipeline_of_the_page_loads(tmp_path, api):
    [text] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[:1]
    api.routes["/posts"] = pages(2)
    for post in (10, 11, 20, 21):
        api.routes[f"/posts/{post}/comments"] = lambda query, post=post: [{"id": post * 100, "text": "fine"}]
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "shop.toml").write_text(text.replace("https://api.example.com", api.url))

    weir.run(tmp_path, "run", "shop", SOURCES__SHOP__TOKEN="t0ken")

    assert query(tmp_path, "SELECT count(*), min(id), max(id) FROM raw.posts") == [(4, 10, 21)]
    assert query(tmp_path, "SELECT id, _posts_title FROM raw.comments ORDER BY id") == [
        (1000, "title 0"),
        (1100, "title 1"),
        (2000, "title 0"),
        (2100, "title 1"),
    ]
    assert {key for _, key in api.asked} == {"Bearer t0ken"}


def test_the_page_shows_a_part_of_the_pipeline_that_reads_a_history():
    [_, text] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    pipeline = (weir.ROOT / "data-pipelines" / "apis" / "exchange_rates_api.toml").read_text()

    assert text in pipeline


def test_the_source_in_c_of_the_page_loads(tmp_path, api):
    [text] = re.findall(r"^```c\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    api.routes["/companies"] = lambda query: (
        {"results": [{"id": "1"}], "paging": {"next": {"after": "7"}}} if "after" not in query else {"results": [{"id": "2"}]}
    )
    api.routes["/currencies.json"] = lambda query: {"CHF": "Swiss Franc", "NOK": "Norwegian Krone"}
    (tmp_path / "crm.c").write_text(text.replace("https://api.example.com", api.url))

    weir.run(tmp_path, "run", "crm.c", SOURCES__CRM__API_KEY="t0ken")

    assert query(tmp_path, "SELECT id FROM raw.companies ORDER BY id", "crm") == [("1",), ("2",)]
    assert query(tmp_path, "SELECT code, name FROM raw.currencies ORDER BY 1", "crm") == [
        ("CHF", "Swiss Franc"),
        ("NOK", "Norwegian Krone"),
    ]
    assert [path for path, _ in api.asked if "companies" in path] == ["/companies?limit=100", "/companies?limit=100&after=7"]


def test_an_increment_asks_for_what_is_new_and_keeps_what_it_saw(tmp_path, api):
    rows = [{"id": 1, "updated": "2024-01-25"}, {"id": 2, "updated": "2024-01-28"}]
    api.routes["/events"] = lambda query: [row for row in rows if row["updated"] >= query["since"]]
    project(
        tmp_path,
        api,
        CLIENT % ""
        + 'resources = [{ name = "events", primary_key = "id", endpoint = { paginator = "single_page", '
        'incremental = { cursor_path = "updated", initial_value = "2024-01-01", start_param = "since" } } }]',
    )

    weir.run(tmp_path, "run", "shop")
    rows.append({"id": 3, "updated": "2024-02-01"})
    weir.run(tmp_path, "run", "shop")

    assert [path for path, _ in api.asked] == ["/events?since=2024-01-01", "/events?since=2024-01-28"]
    assert query(tmp_path, "SELECT id FROM raw.events ORDER BY id") == [(1,), (2,), (3,)]


def test_a_hidden_parent_is_asked_and_not_loaded(tmp_path, api):
    api.routes["/posts"] = pages(1)
    api.routes["/posts/10"] = lambda query: {"id": 10, "body": "a"}
    api.routes["/posts/11"] = lambda query: {"id": 11, "body": "b"}
    project(tmp_path, api, NUMBERED + 'resources = [{ name = "posts", selected = false }, { name = "bodies", endpoint = "posts/{resources.posts.id}" }]')

    weir.run(tmp_path, "run", "shop")

    assert query(tmp_path, "SELECT id, body FROM raw.bodies ORDER BY id") == [(10, "a"), (11, "b")]
    assert query(tmp_path, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'posts'") == [(0,)]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {}, {"message": "who are you"}), ["401", "who are you", "token from environment variable SOURCES__SHOP__TOKEN"]),
        ((404, {}, {"message": "gone"}), ["404", "base_url"]),
        ((200, {"Content-Type": "text/html"}, "<html>log in</html>"), ["no JSON", "text/html", "<html>log in</html>"]),
        ({"error": {"code": 17, "message": "quota"}}, ["200", "tells of an error", "quota"]),
        ((429, {"Retry-After": "1"}, {}), ["429", "tried 2 times, waited 1 s"]),
    ],
)
def test_what_the_api_refuses_is_said_without_secrets(tmp_path, api, answer, said):
    api.routes["/things"] = lambda query: answer
    project(
        tmp_path,
        api,
        'section = "shop"\n' + CLIENT % ', auth = "bearer"'
        + 'resources = [{ name = "things", endpoint = { path = "things?secret=abc", params = { key = "hidden" } } }]',
    )

    env = {"SOURCES__SHOP__TOKEN": "t0ken", "RUNTIME__REQUEST_MAX_ATTEMPTS": "2"}
    result = weir.run(tmp_path, "run", "shop", expect=1, **env)

    for text in said:
        assert text in result.err
    for secret in ("t0ken", "hidden", "abc"):
        assert secret not in result.err


def test_an_api_that_ignores_the_page_is_not_asked_without_end(tmp_path, api):
    api.routes["/things"] = lambda query: [{"id": 1}]
    project(
        tmp_path,
        api,
        CLIENT % "" + 'resources = [{ name = "things", endpoint = { paginator = { type = "page_number", total_path = "" } } }]',
    )

    result = weir.run(tmp_path, "run", "shop", expect=None)

    assert result.status == 1
    assert "page 2 is the same as the one before it" in result.err and "'page'" in result.err
    assert len(api.asked) == 2


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('resources = ["a"]', "client"),
        (CLIENT % "" + 'resources = [{ name = "a", params = {} }]', "it belongs into 'endpoint'"),
        (CLIENT % "" + 'resources = [{ name = "a", endpoint = { paginator = "offest" } }]', "did you mean 'offset'"),
        (CLIENT % "" + 'resources = [{ name = "a", endpoint = { path = "x/{resources.b.id}" } }]', "depends on 'b'"),
        (CLIENT % "" + 'resources = [{ name = "a", processing_steps = [{ map = "f" }] }]', "weir_get_pages()"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(tmp_path, api, source, said):
    project(tmp_path, api, source)

    result = weir.run(tmp_path, "run", "shop", expect=None)

    assert result.status in (1, 3)
    assert "shop.toml:5:" in result.err and said in result.err
    assert api.asked == []
