"""Compare a crawl with Scrapy's: 2,000 pages of about 30 kB on 20 hosts of this machine, CPU of the crawling process.

    scripts/bench crawl [--scrapy PYTHON] [--pages N] [--rounds N] [--json]

searchkit crawls as it always does: robots.txt, a frontier on disk, each response kept; only the delay between requests
to one host is 0. It reads the front pages for their links and does not give them, so its number of pages is that many
lower. Scrapy runs a plain spider with its default settings that follows the same links and keeps nothing.
The server is a process of its own and is not counted. Scrapy is not needed to run searchkit: PYTHON is an interpreter
that has it, by default this one; without Scrapy the figures are ours only. Each round runs both, one after the other;
figures are of the round with the median ratio. Both include starting the interpreter.
"""

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 21))
SECTIONS = 9
OURS = {**os.environ, "PYTHONPATH": str(ROOT)}
WORDS = """
    harbor crane council ferry bridge budget tide mayor dock warehouse signal captain permit strike vote cargo quay
    engine storm market union court lantern pilot survey tunnel winter copper rope barge
""".split()

SPIDER = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Pages(scrapy.Spider):
    name = "pages"
    start_urls = sys.argv[1:]
    pages = 0

    def parse(self, response):
        Pages.pages += 1
        for link in response.css("a::attr(href)"):
            yield response.follow(link, self.parse)

process = CrawlerProcess({"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False})
process.crawl(Pages)
process.start()
print(Pages.pages)
"""


def article(dice: random.Random, links: list[str]) -> str:
    """A page as news sites make them: a head, a menu, about 30 kB in all, links of which each leads somewhere."""
    menu = "".join(f'<li class="menu-entry"><a href="{link}">{dice.choice(WORDS)}</a></li>\n' for link in links)
    sentences = (" ".join(dice.choices(WORDS, k=14)).capitalize() + "." for _ in range(135))
    text = "".join(f'<p class="paragraph">{sentence} {sentence[::-1]}</p>\n' for sentence in sentences)
    title = " ".join(dice.choices(WORDS, k=6)).capitalize()
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><nav><ul>{menu}</ul></nav>\n<article><h1>{title}</h1>\n{text}</article></body></html>\n"
    )


def serve(pages: int) -> None:
    """Play the hosts until standard input ends; the port is printed when they are there."""
    from tests.crawl.web.site import Site

    dice = random.Random(1)
    each = pages // len(HOSTS)
    with Site(*HOSTS) as site:
        for host in HOSTS:
            sections = [f"/section-{number}/" for number in range(SECTIONS)]
            articles = [f"/section-{number % SECTIONS}/{number}.html" for number in range(each - SECTIONS - 1)]
            site.robots("User-agent: *\nDisallow: /admin/\n", host=host)
            site.page("/", article(dice, sections), host=host)
            for number, section in enumerate(sections):
                site.page(section, article(dice, [*sections, *articles[number::SECTIONS]]), host=host)
            for one in articles:
                site.page(one, article(dice, [*sections, *dice.sample(articles, min(15, len(articles)))]), host=host)
        print(site.port, flush=True)
        sys.stdin.read()
        requests = site.received()
        print(len(requests), sum(request.path != "/robots.txt" and request.status == 200 for request in requests))


def crawl(port: int, folder: Path) -> None:
    """Our side, in a process of its own: crawl every host and print how many pages came."""
    from searchkit.crawl.base import CrawlOptions, Source
    from searchkit.crawl.web.crawler import Crawler
    from searchkit.statements.document import Resource

    folder.mkdir()
    source = Source(
        name="bench",
        kind="site",
        locations=tuple(f"http://{host}:{port}/" for host in HOSTS),
        delay=0.0,
        max_pages=1_000_000,
        allow_hosts=HOSTS,
    )
    crawler = Crawler(folder, CrawlOptions(), now=lambda: datetime.now(UTC))
    pages = 0
    try:
        for found in crawler.run(source):
            if isinstance(found, Resource):
                pages += 1
                crawler.settle(found.uri, changed=True)
    finally:
        crawler.close()
    print(pages)


def measured(command: list[str]) -> tuple[float, float, int]:
    """Run a command: CPU seconds, seconds, and the number that is the last line it prints."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=OURS)
    printed = process.stdout.read().split() if process.stdout is not None else []
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not printed:
        raise SystemExit(f"{' '.join(command[:3])} ... failed")
    return used.ru_utime + used.ru_stime, time.perf_counter() - started, int(printed[-1])


def has_scrapy(python: str) -> bool:
    """Return whether an interpreter can import Scrapy."""
    if python == sys.executable:
        return importlib.util.find_spec("scrapy") is not None
    return subprocess.run([python, "-c", "import scrapy"], check=False, stderr=subprocess.DEVNULL).returncode == 0


def compare(pages: int, rounds: int, scrapy: str) -> list[dict[str, float]]:
    """Every round: pages, CPU seconds and seconds of each side, and their ratio."""
    found: list[dict[str, float]] = []
    with_scrapy = has_scrapy(scrapy)
    if not with_scrapy:
        print(f"Scrapy is not there for {scrapy} (pip install scrapy): searchkit only.", file=sys.stderr)
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--pages", str(pages)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=OURS,
    )
    port = int(server.stdout.readline()) if server.stdout is not None else 0
    starts = [f"http://{host}:{port}/" for host in HOSTS]
    with tempfile.TemporaryDirectory() as folder:
        spider = Path(folder) / "spider.py"
        spider.write_text(SPIDER)
        for number in range(rounds):
            archive = Path(folder) / str(number)
            cpu, seconds, came = measured([sys.executable, __file__, "--ours", str(port), str(archive)])
            this = {"pages": came, "cpu": cpu, "seconds": seconds}
            if with_scrapy:
                cpu, seconds, came = measured([scrapy, str(spider), *starts])
                this |= {"scrapy_pages": came, "scrapy_cpu": cpu, "scrapy_seconds": seconds, "ratio": this["cpu"] / cpu}
            found.append(this)
    server.communicate()
    return found


def main(arguments: list[str]) -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(prog="scripts/bench crawl", description="Compare a crawl with Scrapy's.")
    parser.add_argument("--scrapy", default=sys.executable, metavar="PYTHON", help="an interpreter that has Scrapy")
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--ours", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.pages)
        return
    if options.ours:
        crawl(int(options.ours[0]), Path(options.ours[1]))
        return
    found = compare(options.pages, options.rounds, options.scrapy)
    middle = sorted(found, key=lambda one: one.get("ratio", one["cpu"]))[len(found) // 2]
    if options.json:
        print(json.dumps(middle))
        return
    print(f"searchkit  {middle['pages']:6.0f} pages  {middle['cpu']:6.2f} s CPU  {middle['seconds']:6.2f} s")
    if "ratio" in middle:
        print(
            f"Scrapy     {middle['scrapy_pages']:6.0f} pages  {middle['scrapy_cpu']:6.2f} s CPU  "
            f"{middle['scrapy_seconds']:6.2f} s"
        )
        print(f"ratio of CPU  {middle['ratio']:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
