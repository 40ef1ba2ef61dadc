# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reader may name in a statement, and what only the daemon may."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHOWN = _words("""
    COLUMNS CREATE DATABASES DICTIONARIES ENGINES FULL FUNCTIONS INDEX INDEXES INDICES KEYS SETTING
    SETTINGS TABLES
""")
CREATED = _words("DATABASE DICTIONARY TABLE VIEW")
TABLE_FUNCTIONS = _words("""
    numbers numbers_mt zeros zeros_mt generateseries generate_series generaterandom values
    sqlstandardvalues format null primes view dictionary
""")
SYSTEM_TABLES = _words("""
    aggregate_function_combinators asynchronous_metrics build_options collations columns
    completions contributors current_roles data_skipping_indices data_type_families
    database_engines databases detached_parts dictionaries documentation enabled_roles events
    formats functions keywords licenses merge_tree_settings merges metrics mutations numbers
    numbers_mt one parts parts_columns projections roles settings table_engines table_functions
    tables time_zones view_refreshes zeros zeros_mt
""")
SETTINGS = _words("""
    additional_table_filters any_join_distinct_right_table_keys asterisk_include_alias_columns
    cancel_http_readonly_queries_on_client_close date_time_output_format extremes final
    group_by_overflow_mode join_algorithm join_use_nulls limit max_block_size max_execution_time
    max_result_bytes max_result_rows max_rows_to_read max_bytes_to_read max_threads offset
    optimize_read_in_order output_format_json_quote_64bit_integers
    output_format_json_quote_decimals output_format_json_quote_denormals
    output_format_native_write_json_as_string read_overflow_mode result_overflow_mode
    session_timezone skip_unavailable_shards timeout_overflow_mode use_query_cache
""")
# Refused as bare words too: `APPLY(file)` calls a function without writing its bracket.
NEVER = _words("""
    file reversednsquery python executable catboostevaluate getclienthttpheader getmacro
    getserversetting hascolumnintable joinget joingetornull showcertificate
    structuretocapnprotoschema structuretoprotobufschema
""")
# Functions that call models over the network, or look into the process.
NEVER_OF_KIND = "('AI', 'Introspection')"
# In the declaration of a column, whatever is more than its name and type.
NO_TYPES = _words("""
    alias auto_increment codec collate comment default ephemeral key materialized primary settings
    statistics ttl
""")
