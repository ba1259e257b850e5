"""Tests of the engine tantivy beyond what every engine is asked (tests/index/test_contract.py, test_oracle.py)."""
