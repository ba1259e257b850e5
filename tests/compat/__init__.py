"""Archives of earlier versions, and what must become of them."""
