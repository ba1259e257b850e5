"""No output shows a password or a key in the address of a source."""

from pathlib import Path

from tests.hostile.watching import searchkit

PASSWORD, KEY = "zqopensesame", "zqskeleton"


def test_no_output_shows_the_secret_of_an_address(tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    feed = f"http://127.0.0.1:9/feed?api_key={KEY}"
    (tmp_path / "a.jsonl").write_text(
        f'{{"text": "\\"It moves,\\" said Nadia Korbel.", "uri": "https://ledger.example/a?token={KEY}"}}\n'
        f'{{"text": "Nothing.", "uri": "https://desk:{PASSWORD}@ledger.example/b"}}\n'
    )
    (tmp_path / "searchkit.toml").write_text(
        f'contact = "desk@ledger.example"\n[[source]]\nname = "feed"\nkind = "feed"\nlocation = "{feed}"\n'
    )
    page = f"https://desk:{PASSWORD}@127.0.0.1:9/?key={KEY}"
    commands = (
        f"index {tmp_path}/a.jsonl --json|index {page}|index {page} --json|index {feed}|query *|query * --json|"
        "query * -f csv|statements * --json|export -f jsonl|export -f csv --over documents|"
        "export -f jsonl --over documents|export -f markdown|export -f html|export -f evidence|cite korbel|"
        "status --json|update --all --json|update --all|sources|forget -n *|forget --yes *|"
        f"forget https://desk:{PASSWORD}@ledger.example/b|sources --json"
    )
    output = b""
    for command in commands.split("|"):
        ran = searchkit("--archive", archive, *command.split(), folder=tmp_path)
        output += ran.out + ran.err
    log = (tmp_path / "archive" / "runs.jsonl").read_bytes()
    lock = (tmp_path / "archive" / "lock").read_bytes()
    assert not any(secret.encode() in output + log + lock for secret in (PASSWORD, KEY))
    assert b"***" in output
    assert b"***" in log
