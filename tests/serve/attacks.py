# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What a reader might try, and which layers in front of the engine promise to stop it.

In the SQL, {p} is a file outside of the store and {o} one that must not come to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Layer = Literal["statement", "rights", "landlock"]
LAYERS: tuple[Layer, ...] = ("statement", "rights", "landlock")


@dataclass(frozen=True)
class Attack:
    sql: str
    layers: tuple[Layer, ...]
    """Those that stop it on their own."""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    """What stands in the URL beside it."""

    def __str__(self) -> str:
        return self.sql


def _all(layers: tuple[Layer, ...], attempts: Sequence[str]) -> list[Attack]:
    return [Attack(sql, layers) for sql in attempts]


_ALIAS = "\\'a UInt8, b String ALIAS file(\\\\\\'{p}\\\\\\')\\'"
_BY_TABLE = [
    "SELECT * FROM file('{p}', 'LineAsString', 's String')",
    "SELECT * FROM `file`('{p}', LineAsString)",
    "SELECT * FROM fileCluster('default', '{p}', 'LineAsString')",
    "DESCRIBE TABLE file('{p}', 'LineAsString')",
    "DESC file('{p}', 'LineAsString')",
    "EXPLAIN SELECT * FROM file('{p}', 'LineAsString')",
    "SELECT * FROM sqlite('{p}', 't')",
    "SELECT * FROM filesystem('{p}')",
    "SELECT * FROM deltaLakeLocal('{p}')",
    "SELECT * FROM icebergLocal('{p}')",
    "SELECT * FROM view(SELECT * FROM file('{p}', 'LineAsString'))",
    "SELECT * FROM (SELECT 1) AS a, file('{p}', 'LineAsString') AS b",
    "SELECT * FROM loop(file('{p}', 'LineAsString')) LIMIT 1",
    # In the database `default`, every file is a table.
    "SELECT * FROM default.`{p}`",
    "SELECT * FROM `default`.`{p}`",
    'SELECT * FROM "default" . "{p}"',
    "SELECT (SELECT any(c1) FROM default.`{p}`)",
    "SELECT 'x' IN default.`{p}`",
    "SELECT * FROM (SELECT 1) AS a CROSS JOIN default.`{p}` AS b",
    "DESCRIBE TABLE default.`{p}`",
    "SHOW CREATE TABLE default.`{p}`",
    "EXPLAIN SELECT * FROM default.`{p}`",
]
_BY_FUNCTION = [
    "SELECT file('{p}')",
    "SELECT FILE('{p}')",
    "SELECT `file`('{p}')",
    "SELECT \"file\"('{p}')",
    "SELECT file/* */('{p}')",
    "SELECT file -- x\n ('{p}')",
    "SELECT file #! x\n ('{p}')",
    "SELECT `a'b`, file('{p}') AS `c'd`",
    "SELECT 1 AS `x``'`, file('{p}'), '`'",
    "SELECT 1 AS `x\\`'`, file('{p}'), '`'",
    "SELECT $$'$$, file('{p}'), $$'$$",
    "SELECT $a$'$a$, file('{p}'), $a$'$a$",
    "SELECT '\\'', file('{p}')",
    "SELECT '\\\\', file('{p}'), '\\\\'",
    "SELECT 'it''s', file('{p}')",
    "SELECT \u2018a\u2019, file('{p}')",
    "SELECT file(\u2018{p}\u2019)",
    "SELECT file($${p}$$)",
    "SELECT file(concat('{p}', ''))",
    "SELECT file(materialize('{p}'))",
    "SELECT file('{p}', 'x')",
    "SELECT toUInt8(file('{p}'))",
    "SELECT throwIf(1, file('{p}'))",
    "SELECT arrayMap(x -> file(x), ['{p}'])",
    "SELECT arrayMap(file, ['{p}'])",
    "SELECT * APPLY(file) FROM (SELECT '{p}')",
    "SELECT * APPLY file FROM (SELECT '{p}')",
    "SELECT * APPLY(`file`) FROM (SELECT '{p}')",
    "SELECT COLUMNS('.*') APPLY(x -> file(x)) FROM (SELECT '{p}')",
    "SELECT * REPLACE (file(a) AS a) FROM (SELECT '{p}' AS a)",
    "WITH x -> file(x) AS f SELECT f('{p}')",
    "WITH (SELECT file('{p}')) AS a SELECT a",
    "SELECT 1 ORDER BY file('{p}')",
    "SELECT 1 LIMIT length(file('{p}'))",
    "SELECT 1 WHERE file('{p}') = '' UNION ALL SELECT toUInt8(file('{p}'))",
    "EXISTS (SELECT file('{p}'))",
    "DESCRIBE (SELECT file('{p}'))",
    "EXPLAIN SYNTAX run_query_tree_passes = 1 SELECT file('{p}')",
    "SELECT * FROM view(SELECT file('{p}'))",
    "SELECT * FROM values('a String', file('{p}'))",
    "SELECT * FROM numbers(length(file('{p}')))",
    "SELECT * FROM format(TSV, 'a String', file('{p}'))",
    "SELECT 1; SELECT file('{p}')",
    # Strings that the engine reads as the columns of a table.
    "SELECT a, b FROM generateRandom('a UInt8, b String ALIAS file(\\'{p}\\')') LIMIT 1",
    "SELECT a, b FROM generateRandom($$a UInt8, b String ALIAS file('{p}')$$) LIMIT 1",
    "SELECT a, b FROM generateRandom('a UInt8, b String\\nalias\\tfile(\\'{p}\\')') LIMIT 1",
    "SELECT a, b FROM generateRandom('a UInt8, b String/**/ALIAS/**/\\x66ile(\\'{p}\\')') LIMIT 1",
    "SELECT a FROM generateRandom('a UInt8 MATERIALIZED file(\\'{p}\\')') LIMIT 1",
    "SELECT a FROM generateRandom('a UInt8 EPHEMERAL file(\\'{p}\\')') LIMIT 1",
    "SELECT * FROM generateRandom(concat('a UInt8 DEFAULT fi', 'le(\\'{p}\\')')) LIMIT 1",
    "SELECT * FROM generateRandom('a UInt8 DEFAULT ' || 'file(\\'{p}\\')') LIMIT 1",
    "SELECT * FROM GENERATERANDOM('a UInt8 DEFAULT file(\\'{p}\\')') LIMIT 1",
    "SELECT * FROM generateRandom(('a UInt8 DEFAULT file(\\'{p}\\')')) LIMIT 1",
    "WITH 'a UInt8 DEFAULT file(\\'{p}\\')' AS s SELECT * FROM generateRandom(s) LIMIT 1",
    "SELECT * FROM generateRandom((SELECT 'a UInt8 DEFAULT file(\\'{p}\\')')) LIMIT 1",
    "SELECT * FROM null('a UInt8 DEFAULT file(\\'{p}\\')')",
    "SELECT * FROM `null`('a UInt8 DEFAULT file(\\'{p}\\')')",
    "SELECT * FROM NULL('a UInt8 TTL file(\\'{p}\\')')",
    "DESCRIBE TABLE null('a UInt8 DEFAULT file(\\'{p}\\')')",
    "EXPLAIN SELECT * FROM null('a UInt8 DEFAULT file(\\'{p}\\')')",
    "SELECT a, b FROM values('a UInt8, b String ALIAS file(\\'{p}\\')', 1)",
    "SELECT a, b FROM VALUES('a UInt8, b String ALIAS file(\\'{p}\\')', 1)",
    "SELECT a, b FROM values(('a UInt8, b String ALIAS file(\\'{p}\\')'), 1)",
    "SELECT a, b FROM values(((('a UInt8, b String ALIAS file(\\'{p}\\')'))), 1)",
    "WITH 'a UInt8, b String ALIAS file(\\'{p}\\')' AS s SELECT a, b FROM values(s, 1)",
    "SELECT * FROM format(JSONEachRow, 'a UInt8, b String DEFAULT file(\\'{p}\\')', '{{\"a\":1}}')",
    "SELECT * FROM format('JSONEachRow', 'a UInt8 DEFAULT file(\\'{p}\\')', '{{}}')",
    "SELECT * FROM format(Values, 'a String', '(file(\\'{p}\\'))')",
    "SELECT * FROM format('Values', '(file(\\'{p}\\'))')",
    "WITH 'Values' AS f SELECT * FROM format(f, 'a String', '(file(\\'{p}\\'))')",
    "SELECT structureToProtobufSchema('a UInt8 DEFAULT file(\\'{p}\\')')",
    "SELECT structureToCapnProtoSchema('a UInt8 DEFAULT file(\\'{p}\\')')",
    # Dictionaries are tables to the engine, and in the database `default` every file is a table.
    "SELECT dictGet('default.{p}', 'a', 1)",
    "SELECT DICTGET('default.{p}', 'a', 1)",
    "SELECT dictGetOrNull(`default.{p}`, 'a', 1)",
    "SELECT dictHas(concat('default', '.{p}'), 1)",
    "SELECT `dictHas`('default.{p}', 1)",
    "SELECT dictGetHierarchy('default.{p}', 1)",
    "SELECT dictGetKeys('default.{p}', 'a', 1)",
    "SELECT dictIsIn('default.{p}', 1, 2)",
    "WITH 'default.{p}' AS d SELECT dictGet(d, 'a', 1)",
    "SELECT * APPLY(x -> dictHas('default.{p}', x)) FROM (SELECT 1)",
    "SELECT * FROM dictionary('default.{p}')",
    "SELECT * FROM dictionary(`default.{p}`)",
    # And those that it reads as expressions.
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = "
    "{{'system.one': 'file(\\'{p}\\') = \\'\\''}}",
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = "
    "{{'system.one': '\\x66ile(\\'{p}\\') = \\'\\''}}",
    "SELECT 1 FROM system.one SETTINGS additional_table_filters = "
    f"{{{{'system.one': '1 IN (SELECT toUInt8(b) FROM generateRandom({_ALIAS}) LIMIT 1)'}}}}",
    "SELECT 1 FROM system.one SETTINGS additional_result_filter = 'file(\\'{p}\\') = \\'\\''",
    "SELECT 1 FORMAT Template SETTINGS format_template_row = '{p}'",
]
_OUTFILES = [
    "SELECT 'x' INTO OUTFILE '{o}'",
    "SELECT 'x' INTO\tOUTFILE '{o}' TRUNCATE",
    "SELECT 'x' into/**/outfile '{o}' AND STDOUT FORMAT TSV",
    "SELECT 'x' INTO OUTFILE '{o}' SETTINGS max_threads = 1",
    "SELECT 'x' SETTINGS max_threads = 1 INTO OUTFILE '{o}'",
    "SHOW DATABASES INTO OUTFILE '{o}'",
    "DESCRIBE TABLE system.one INTO OUTFILE '{o}'",
    "EXISTS TABLE system.one INTO OUTFILE '{o}'",
    "EXPLAIN SELECT 1 INTO OUTFILE '{o}'",
    "WITH 1 AS a SELECT a INTO OUTFILE '{o}' COMPRESSION 'gzip'",
    "SELECT 1; SELECT 'x' INTO OUTFILE '{o}'",
]
_CHANGES = [
    "SELECT 1; DROP TABLE llmcost.otel_logs",
    "INSERT INTO llmcost.otel_logs (Body) VALUES ('x')",
    "INSERT INTO FUNCTION file('{o}', 'TSV', 's String') VALUES ('x')",
    "INSERT INTO FUNCTION file('{o}', 'TSV', 's String') SELECT 'x'",
    "INSERT INTO FUNCTION url('http://127.0.0.1:1/', 'TSV', 's String') SELECT 'x'",
    "WITH a AS (SELECT 1) INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
    "/* SELECT */ INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
    "EXPLAIN PIPELINE INSERT INTO llmcost.otel_logs (Body) SELECT 'x'",
    "CREATE TABLE llmcost.x (a Int8) ENGINE = Memory",
    "CREATE TABLE llmcost.x (s String) ENGINE = File('TSV', '{p}')",
    "CREATE TEMPORARY TABLE x (a Int8)",
    "CREATE TEMPORARY TABLE x (s String) ENGINE = File('TSV', '{p}')",
    "CREATE VIEW llmcost.x AS SELECT 1",
    "CREATE DATABASE x ENGINE = Filesystem('/')",
    "CREATE FUNCTION f AS x -> x",
    "CREATE NAMED COLLECTION c AS a = 1",
    "CREATE USER x",
    "DROP TABLE llmcost.otel_logs",
    "TRUNCATE TABLE llmcost.otel_logs",
    "RENAME TABLE llmcost.otel_logs TO llmcost.x",
    "ALTER TABLE llmcost.otel_logs DELETE WHERE 1",
    "DELETE FROM llmcost.otel_logs WHERE 1",
    "UPDATE llmcost.otel_logs SET Body = '' WHERE 1",
    "OPTIMIZE TABLE llmcost.otel_logs",
    "ATTACH DATABASE x",
    "DETACH TABLE llmcost.otel_logs",
    "BACKUP TABLE llmcost.otel_logs TO File('{o}')",
    "SYSTEM FLUSH LOGS",
    "SYSTEM RELOAD DICTIONARY llmcost.rate_dict",
    "GRANT ALL ON *.* TO reader",
    "CREATE TABLE a (x Int8) ENGINE=Memory PARALLEL WITH CREATE TABLE b (x Int8) ENGINE=Memory",
]
_ABOUT_THE_SESSION = [
    "SELECT 1;; SET readonly = 0",
    "SET readonly = 0",
    "SET ROLE llmcost_owner",
    "SET ROLE ALL",
    "SET DEFAULT ROLE ALL TO default",
    "SELECT 1; SET ROLE ALL",
    "EXECUTE AS default SELECT 1",
    "USE system",
    "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN",
    "SELECT 1 SETTINGS readonly = 0",
    "SELECT 1 SETTINGS readonly",
    "SELECT 1 SETTINGS `readonly` = 0",
    "SELECT 1 SETTINGS max_threads = 1, readonly = 0",
    "SELECT 1 SETTINGS max_memory_usage = 0",
    "SELECT 1 SETTINGS log_comment = 'x'",
    "SELECT 1 SETTINGS allow_introspection_functions",
    "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)",
    "SELECT * FROM (SELECT 1 SETTINGS allow_introspection_functions)",
    "SELECT * FROM view(SELECT 1 SETTINGS max_memory_usage = 0)",
    "SELECT 1 UNION ALL (SELECT 2 SETTINGS readonly = 0)",
    "SELECT 1 WHERE 1 IN (SELECT 1 SETTINGS max_execution_time = 0)",
    "DESCRIBE (SELECT 1 SETTINGS readonly = 0)",
    "EXISTS TABLE system.one SETTINGS readonly = 0",
    "SHOW TABLES SETTINGS readonly = 0",
    "EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'd', 't', 'u', 'p') COLUMNS (a Int8)",
    "EXPLAIN AST DROP TABLE llmcost.otel_logs",
    "SELECT 1 SETTINGS additional_table_filters = {{}}, readonly = 0",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT hasColumnInTable('default', '{p}', 'c1')",
    "SELECT getServerSetting('max_connections')",
    "SELECT getMacro('x')",
    "SELECT joinGet('default.{p}', 'a', 1)",
    "SELECT catboostEvaluate('{p}', 1)",
    "SELECT addressToLine(toUInt64(1))",
    "SELECT aiGenerate('x')",
    "SELECT * FROM executable('id', TSV, 's String')",
    "SELECT * FROM Python(data)",
    "SELECT * FROM python(request)",
    "SELECT * FROM merge('default', '.*')",
    "SELECT * FROM merge('system', '.*') AS m, input('x String')",
    "SELECT * FROM cluster('default', system.one)",
    "SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))",
    "SELECT * FROM mergeTreeIndex(llmcost, otel_logs)",
    "SELECT reverseDNSQuery('127.0.0.1')",
    "SELECT * FROM system.processes",
    "SELECT * FROM `system`.`processes`",
    "SELECT * FROM system.server_settings",
    "SELECT * FROM system.stack_trace",
    "SELECT * FROM system.errors",
    "SELECT * FROM system.disks",
    "SHOW PROCESSLIST",
    "SHOW GRANTS",
]
_OVER_THE_NETWORK = [
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString', 's String')",
    "SELECT * FROM s3('http://127.0.0.1:1/b/k', 'TSV', 's String')",
    "SELECT * FROM remote('127.0.0.1:9000', system.one)",
    "SELECT * FROM remoteSecure('127.0.0.1:9000', system.one)",
    "SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')",
    "SELECT * FROM mongodb('127.0.0.1:1', 'd', 't', 'u', 'p', 'a Int8')",
    "SELECT * FROM redis('127.0.0.1:1', 'k', 'k String')",
    "SELECT * FROM odbc('DSN=x', 'd', 't')",
    "SELECT * FROM azureBlobStorage('http://127.0.0.1:1', 'c', 'b', 'a', 'k')",
    "SELECT * FROM default.`http://127.0.0.1:1/x.tsv`",
]
_SECRETS = [
    "SELECT * FROM system.users",
    "SELECT * FROM system . `users`",
    "SELECT * FROM system.quotas",
    "SELECT * FROM system.row_policies",
    "SELECT * FROM system.settings_profiles",
    "SHOW CREATE USER default",
    "SHOW USERS",
    "SHOW ACCESS",
]
_NONSENSE = ["", ";", "nonsense", "SELECT '", "SELECT /*", "SELECT `", "SELECT $$", "\0", "\ufeff"]

_PARAMETERS = [
    Attack(
        "SELECT * FROM {{d:Identifier}}.{{t:Identifier}}",
        ("statement", "rights", "landlock"),
        {"param_d": "default", "param_t": "{p}"},
    ),
    Attack(
        "SELECT * FROM default.{{t:Identifier}}",
        ("statement", "rights", "landlock"),
        {"param_t": "{p}"},
    ),
    Attack(
        "SELECT * FROM {{d:Identifier}}.users",
        ("statement", "rights"),
        {"param_d": "system"},
    ),
    Attack(
        "SELECT * FROM system.{{t:Identifier}}",
        ("statement", "rights"),
        {"param_t": "users"},
    ),
    Attack(
        "SELECT a, b FROM values({{s:String}}, 1)",
        ("statement", "landlock"),
        {"param_s": "a UInt8, b String ALIAS file('{p}')"},
    ),
    Attack(
        "SELECT a, b FROM values(({{s:String}}), 1)",
        ("statement", "landlock"),
        {"param_s": "a UInt8, b String ALIAS file('{p}')"},
    ),
    Attack(
        "SELECT * FROM generateRandom({{s:String}}) LIMIT 1",
        ("statement", "landlock"),
        {"param_s": "a UInt8 DEFAULT file('{p}')"},
    ),
    Attack(
        "SELECT * FROM format({{f:String}}, 'a String', '(file(\\'{p}\\'))')",
        ("statement", "landlock"),
        {"param_f": "Values"},
    ),
    Attack(
        "SELECT 1 SETTINGS additional_table_filters = {{f:Map(String, String)}}",
        ("statement", "landlock"),
        {"param_f": "{{'system.one': 'file(\\'{p}\\') = \\'\\''}}"},
    ),
    Attack("SELECT * FROM `{p}`", ("statement", "rights", "landlock"), {"database": "default"}),
    Attack("SELECT * FROM users", ("statement", "rights"), {"database": "system"}),
    Attack("SELECT * FROM `{p}`", ("statement", "rights", "landlock"), {"database": "`default`"}),
]

ATTACKS = [
    *_all(("statement", "rights", "landlock"), _BY_TABLE),
    *_all(("statement", "landlock"), _BY_FUNCTION),
    *_all(("statement", "landlock"), _OUTFILES),
    *_all(("statement", "rights"), _CHANGES),
    *_all(("statement", "rights"), _OVER_THE_NETWORK),
    *_all(("statement", "rights"), _SECRETS),
    *_all(("statement",), _ABOUT_THE_SESSION),
    *_all(("statement",), _NONSENSE),
    *_PARAMETERS,
]
