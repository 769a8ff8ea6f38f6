"""The server of the page answers the page itself, and nobody else."""

import socket
from urllib.parse import urlsplit

import pytest
import requests
from helpers import needs_paddle
from served_pages import client_of

pytest.importorskip("starlette", reason="needs the extra `web`")
pytestmark = needs_paddle


@pytest.fixture(scope="module")
def client():
    with client_of(device="cpu") as found:
        yield found


FOREIGN = "http://elsewhere.example"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "", {}, 200),
        ("GET", "state", {"Origin": None}, 200),
        ("POST", "stop", {}, 200),
        ("GET", "", {"Host": "elsewhere.example"}, 421),
        ("GET", "state", {"Host": "127.0.0.1"}, 421),
        ("GET", "state", {"Origin": FOREIGN}, 403),
        ("GET", "state", {"Origin": "null"}, 403),
        ("POST", "stop", {"Origin": FOREIGN}, 403),
        ("POST", "stop", {"Origin": None}, 403),
        ("POST", "pictures?name=a.png", {"Origin": "http://127.0.0.1:1"}, 403),
        ("DELETE", "pictures/1", {"Origin": None}, 403),
        ("GET", "state", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", "state", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
        ("GET", "", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Origin": None}, 200),
        ("GET", "../server.py", {}, 404),
        ("GET", "%2e%2e%2fserver.py", {}, 404),
        ("GET", "pictures/1/result", {}, 404),
        ("GET", "pictures/1/after/0/0/0.png", {}, 404),
        ("PUT", "state", {}, 405),
    ],
)
def test_it_answers_its_own_page_alone(client, method, path, headers, status):
    answer = client.ask(method, path, headers=headers, data=b"{}" if method == "POST" else None)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_name_that_leads_here_is_refused(client):
    """A foreign name may lead to 127.0.0.1; its page then sends this name as host and origin."""
    port = urlsplit(client.origin).port
    host = f"elsewhere.example:{port}"
    answer = client.ask("GET", "state", headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 421


def test_without_the_secret_there_is_nothing(client):
    for path in ("/", "/state", "/wrong/state", f"/{'a' * 32}/", "//", "/wrong/../state"):
        assert requests.get(client.origin + path, timeout=10).status_code == 404


def test_it_listens_on_this_machine_alone(client):
    address = urlsplit(client.page.address)
    assert address.hostname == "127.0.0.1"
    with socket.socket() as other:
        other.settimeout(2)
        assert other.connect_ex(("127.0.0.2", address.port)) != 0


def test_the_browsers_address_leads_to_the_page_once(client):
    first, second = (requests.get(client.page.opening, allow_redirects=False, timeout=10) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 410)
    assert first.headers["Location"] == urlsplit(client.page.address).path
