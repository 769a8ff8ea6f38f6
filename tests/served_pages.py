"""A page that is served for tests, and a client that speaks to it as the page's own scripts do."""

import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests

SECONDS = 120  # that an enlargement or the start of a program may take on a busy machine


class Client:
    """Requests with the headers of the page's own scripts."""

    def __init__(self, page):
        self.page = page
        self.origin = "http://" + urlsplit(page.address).netloc
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, method, path, **settings):
        headers = {"Origin": self.origin, **settings.pop("headers", {})}
        return self._session.request(method, self.page.address + path, headers=headers, **settings)

    def upload(self, name, content):
        return self.ask("POST", "pictures", params={"name": name}, data=content)

    def order(self, path, **content):
        return self.ask("POST", path, json=content)

    def pictures(self):
        return self.ask("GET", "state").json()["pictures"]

    def settled(self):
        """Wait until nothing is left to be enlarged, and list the pictures."""
        end = time.monotonic() + SECONDS
        while True:
            found = self.pictures()
            if not any(picture["state"] in ("waiting", "working") for picture in found):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.02)

    def enlarged(self, name, content, **choices):
        """Upload a picture, enlarge it, and return what the page shows of it."""
        number = self.upload(name, content).json()["number"]
        assert self.order("enlarge", pictures=[number], **{"scale": 2, **choices}).status_code == 200
        return next(picture for picture in self.settled() if picture["number"] == number)

    def files(self):
        return sorted(str(path.relative_to(self.page.folder)) for path in self.page.folder.rglob("*"))

    def close(self):
        self._session.close()


@contextmanager
def client_of(**options):
    """Serve a page and enlarge its pictures in a thread; yield a client."""
    from paddle_srcnn.apps.web.serving import served_page

    with served_page(**options) as page:
        work = threading.Thread(target=page.enlarging.run)
        work.start()
        client = Client(page)
        try:
            yield client
        finally:
            client.close()
            page.enlarging.ended.set()
            work.join()
