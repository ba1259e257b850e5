"""Describe which posting lists and columns a query uses, for `--explain`."""

from searchkit.index.analysis import stems, words
from searchkit.index.rows import text_fields
from searchkit.query import ast, fields
from searchkit.query.fields import Record


def form(node: ast.Node, record: Record, field: str = "text") -> str:
    """Return one line on how `node` is evaluated; its bare words belong to `field`."""
    match node:
        case ast.All():
            return "every row"
        case ast.And(children=children) | ast.Or(children=children):
            operator = " AND " if isinstance(node, ast.And) else " OR "
            return f"({operator.join(form(child, record, field) for child in children)})"
        case ast.Not(child=child):
            return f"(every row MINUS {form(child, record, field)})"
        case ast.Field(name=name, value=value):
            return form(value, record, name)
        case ast.Scope(inner=inner):
            return f"documents of quotes[{form(inner, 'quote')}]" if record == "document" else form(inner, record)
        case ast.Saved(inner=inner):
            return form(inner, record, field)
    found = fields.find(field)
    is_complete = isinstance(node, ast.Equals | ast.Regex | ast.Exists)
    if found is None or found.kind != "text":
        return f"{field}.{'spellings' if found and found.kind == 'name' and not is_complete else 'column'}:{node}"
    stemmed = stems(words(node.text)) if isinstance(node, ast.Term) else ()
    leaf = f"stems:{stemmed[0]}" if len(stemmed) == 1 else f"words:{node}"
    parts = [f"{part}.{leaf}" for part in text_fields(field, record)]
    return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"
