"""The benchmark: searchkit beside other engines, and beside itself under load.

takes:    a corpus (newswire, or one mixed from seeds/), the engines that are installed
gives:    a table, ratios against the bars, a JSON file and a chart
does not: judge what is found (scripts/eval does)
traps:    figures of one run on one machine: compare ratios; all engines index the same records and answer the same
          questions, in turns, so that load on the machine hits all alike
"""
