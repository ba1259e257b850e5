"""A source whose address holds a password and a key: neither is told anywhere."""

from pathlib import Path

from tests.hostile.watching import searchkit

PASSWORD, KEY = "zqopensesame", "zqskeleton"


def test_no_output_holds_the_secret_of_an_address(tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    feed = f"http://127.0.0.1:9/feed?api_key={KEY}"
    (tmp_path / "a.jsonl").write_text(
        f'{{"text": "\\"It moves,\\" said Nadia Korbel.", "uri": "https://ledger.example/a?token={KEY}"}}\n'
        f'{{"text": "Nothing.", "uri": "https://desk:{PASSWORD}@ledger.example/b"}}\n'
    )
    (tmp_path / "searchkit.toml").write_text(
        f'contact = "desk@ledger.example"\n[[source]]\nname = "feed"\nkind = "feed"\nlocation = "{feed}"\n'
    )
    told = b""
    for command in (
        ("index", str(tmp_path / "a.jsonl"), "--json"),
        ("index", f"https://desk:{PASSWORD}@127.0.0.1:9/?key={KEY}"),
        ("index", f"https://desk:{PASSWORD}@127.0.0.1:9/?key={KEY}", "--json"),
        ("index", feed),
        ("query", "*"),
        ("query", "*", "--json"),
        ("query", "*", "-f", "csv"),
        ("quotes", "*", "--json"),
        ("export", "-f", "jsonl"),
        ("export", "-f", "csv", "--over", "documents"),
        ("export", "-f", "jsonl", "--over", "documents"),
        ("export", "-f", "markdown"),
        ("export", "-f", "html"),
        ("export", "-f", "evidence"),
        ("cite", "korbel"),
        ("status", "--json"),
        ("update", "--all", "--json"),
        ("update", "--all"),
        ("sources",),
        ("forget", "-n", "*"),
        ("forget", "--yes", "*"),
        ("forget", f"https://desk:{PASSWORD}@ledger.example/b"),
        ("sources", "--json"),
    ):
        ran = searchkit("--archive", archive, *command, folder=tmp_path)
        told += ran.out + ran.err
    log = (tmp_path / "archive" / "runs.jsonl").read_bytes()
    lock = (tmp_path / "archive" / "lock").read_bytes()
    for secret in (PASSWORD, KEY):
        assert secret.encode() not in told
        assert secret.encode() not in log + lock
    assert b"***" in told
    assert b"***" in log
