"""Open pages in Chromium as different readers do, and watch what the pages do."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_AXE = Path(__file__).with_name("axe.min.js")
# Text that nobody can read, below the contrast of WCAG AA; an element counts if it has text of its own.
_OPTIONS = {"resultTypes": ["violations"]}


class Visitor:
    """Opens pages of a site, or of another of its own. `faults` are errors in the console and requests to other
    hosts."""

    def __init__(self, browser: Any, site: str, *others: str) -> None:
        self._browser = browser
        self.site = site
        self._sites = {site, *others}
        self.faults: list[str] = []
        self._contexts: list[Any] = []

    def context(self, *, width: int = 1200, script: bool = True, **options: Any) -> Any:
        """Return a new reader: no cookies, a window of `width`, with or without JavaScript."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            reduced_motion="reduce",
            locale="en-GB",
            **options,
        )
        context.set_default_timeout(30_000)
        context.route("**/*", self._watch)
        self._contexts.append(context)
        return context

    def page(self, path: str = "", *, context: Any = None, status: int = 200, **options: Any) -> Any:
        """Open a page, by its path or its address, and check its status."""
        page = (context or self.context(**options)).new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._log(page, message))
        if path:
            answer = page.goto(self.site + path if path.startswith("/") else path)
            assert answer.status == status, f"{path}: {answer.status}"
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _watch(self, route: Any) -> None:
        parts = urlsplit(route.request.url)
        if f"{parts.scheme}://{parts.netloc}" in self._sites or parts.scheme == "about":
            route.continue_()
        else:
            self.faults.append(f"a page asks {route.request.url}")
            route.abort()

    def _log(self, page: Any, message: Any) -> None:
        # Chromium logs the status of a page that is an error on purpose.
        if message.type in {"error", "warning"} and "the server responded with a status of 4" not in message.text:
            self.faults.append(f"{page.url}: {message.text}")


def violations(page: Any, rules: list[str] | None = None) -> list[str]:
    """Return what axe-core reports: rule, element, reason; all its rules, or only some."""
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    options = _OPTIONS | ({"runOnly": {"type": "rule", "values": rules}} if rules else {})
    result = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def overflow(page: Any) -> list[str]:
    """Return the elements that make the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter((element) => element.getBoundingClientRect().right > width + 1)
            .map((element) => element.outerHTML.slice(0, 120));
        }"""
    )
    return found
