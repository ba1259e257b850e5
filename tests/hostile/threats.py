"""The threats that were thought of, by their names in the design, and for each the tests that fail without a defence.

A test is written as its file (from tests/) and its function; test_threats.py sees that each exists.
"""

THREATS: dict[str, tuple[str, ...]] = {
    "pickle in an index": (
        "index/whoosh/test_storage.py::test_a_foreign_table_of_contents_runs_nothing",
        "archive/test_private.py::test_an_index_of_another_user_is_refused",
        "index/whoosh/test_storage.py::test_tables_are_read_by_the_allow_list_only",
    ),
    "nesting depth": (
        "parse/html/test_page.py::test_nesting_loses_no_words",
        "parse/html/test_maintext.py::test_deep_pages_are_read_by_what_can",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "one bad file ends the run": (
        "ingest/test_conducting.py::test_a_resource_that_kills_its_process_is_refused_alone",
        "ingest/test_quarantine.py::test_three_runs_and_no_more",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "symlinks, FIFO, devices, sparse files": (
        "crawl/test_files.py::test_pipes_sockets_and_devices_are_never_opened",
        "crawl/test_files.py::test_links_out_of_the_folder_are_not_followed",
        "crawl/test_files.py::test_loops_end_and_links_inside_are_not_read_twice",
    ),
    "SSRF": (
        "crawl/web/test_hosts.py::test_addresses_that_are_not_public",
        "crawl/web/test_hosts.py::test_what_the_resolver_of_this_machine_takes_for_loopback_is_refused",
        "crawl/web/test_hosts.py::test_only_ports_of_web_servers_are_asked",
        "crawl/web/test_hosts.py::test_a_resolver_that_answers_public_first_and_loopback_second_is_asked_once_a_connection",
        "crawl/web/test_http.py::test_redirects_to_where_nobody_should_be_sent",
        "crawl/web/test_http.py::test_redirects_are_bounded",
    ),
    "file names": (
        "crawl/test_files.py::test_names_that_are_not_utf8",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "decompression bombs": (
        "crawl/test_gzipped.py::test_a_bomb_ends_at_the_limit",
        "crawl/test_zipped.py::test_a_bomb_of_many_members_ends_early",
        "crawl/web/test_http_hostile.py::test_a_bomb_is_never_in_memory",
        "parse/test_package.py::test_bombs_are_refused_early",
    ),
    "XML": (
        "crawl/test_feeds.py::test_addresses_and_names_of_files_are_never_opened",
        "parse/test_package.py::test_deep_xml_has_an_outcome_in_time",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "ReDoS": (
        "test_patterns.py::test_every_repeat_has_a_bound",
        "extract/test_linear.py::test_twice_the_text_takes_twice_the_time",
        "test_text.py::test_taking_secrets_out_is_linear",
    ),
    "query DoS": (
        "hostile/test_queries.py::test_an_answer_or_one_line_in_time",
        "query/test_parser.py::test_hostile_runs_are_quick",
    ),
    "huge line or token, 100 k combining marks, 50 k attributes": (
        "parse/html/test_scan.py::test_hostile_markup_takes_linear_time",
        "parse/html/test_page.py::test_hostile_pages_are_read_in_time",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "JSON-LD": (
        "parse/html/test_page.py::test_json_ld_of_any_shape_leaves_the_article",
        "parse/html/test_metadata.py::test_broken_json_ld_leaves_the_rest",
    ),
    "terminal escapes, bidi": (
        "cli/test_output.py::test_nothing_visible_steers_a_terminal",
        "cli/test_commands.py::test_hostile_text_never_reaches_the_terminal",
        "test_outputs.py::test_what_is_echoed_is_ours_or_made_safe",
    ),
    "charset": (
        "parse/test_encoding.py::test_a_mark_decides_whatever_the_label_says",
        "parse/test_encoding.py::test_labels_that_are_not_believed",
        "parse/html/test_page.py::test_pages_in_other_encodings",
    ),
    "web UI": (
        # There is none yet; the pages that exist are dossiers and feeds.
        "archive/dossier/test_html.py::test_nothing_of_a_document_becomes_markup",
        "alerts/sinks/test_atom.py::test_hostile_texts_stay_texts",
    ),
    "CSV / XLSX formulas": (
        "cli/test_output.py::test_cell",
        "cli/test_output.py::test_a_sheet_reads_back_what_was_written_and_no_formula",
    ),
    "log injection, secrets": (
        "test_text.py::test_secrets_of_addresses_are_taken_out",
        "test_outputs.py::test_lines_of_the_log_are_ascii",
        "hostile/test_secrets.py::test_no_output_holds_the_secret_of_an_address",
    ),
    "dates": (
        "dates/test_stated.py::test_what_is_not_stated_stays_unknown",
        "parse/html/test_metadata.py::test_a_guessed_date_is_marked",
        "hostile/test_corpus.py::test_every_hostile_file_beside_ordinary_ones",
    ),
    "robots, legal": (
        "crawl/web/test_robots.py::test_rules",
        "crawl/web/test_robots.py::test_what_is_too_long_is_cut_between_rules",
        "crawl/web/test_crawler_troubles.py::test_a_host_without_robots_txt_is_postponed_and_one_that_refuses_it_is_open",
    ),
}
