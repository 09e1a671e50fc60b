-- replace
DELETE FROM "shop"."users" WHERE 1=1;
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users";
DELETE FROM "shop"."users__pets" WHERE 1=1;
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM "shop_staging"."users__pets";

-- delete-insert without keys
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s;

-- delete-insert without keys, nested
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s;
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s;

-- delete-insert
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;

-- delete-insert, compound key
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id" AND d."region" = s."region");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM (SELECT DISTINCT ON ("id", "region") * FROM "shop_staging"."users") AS s;

-- delete-insert, nested
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users__pets__toys" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets__toys" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets__toys") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert by merge key
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."region" = s."region");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s;

-- delete-insert by merge key, nested
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."region" = s."region");
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s;
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s;
DROP TABLE weir_gone;

-- delete-insert by both keys
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."region" = s."region" AND d."at" = s."at");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;

-- delete-insert by both keys, nested
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
INSERT INTO weir_gone SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."region" = s."region");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert, hard delete and sort
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY "id" ORDER BY "at" DESC) AS _dlt_dedup_rn FROM "shop_staging"."users") AS s WHERE _dlt_dedup_rn = 1 AND (s."deleted" IS NULL OR s."deleted" = FALSE);

-- delete-insert, hard delete and sort, nested
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY "id" ORDER BY "at" ASC) AS _dlt_dedup_rn FROM "shop_staging"."users") AS s WHERE _dlt_dedup_rn = 1 AND s."gone" IS NULL;
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users__pets__toys" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets__toys" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets__toys") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert without keys, hard delete, nested
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM "shop_staging"."users" AS s WHERE (s."deleted" IS NULL OR s."deleted" = FALSE);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_kept;

-- delete-insert, deduplicated
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM "shop_staging"."users" AS s;
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert, parent key for a root key
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE d."id" = s."id");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;
DELETE FROM "shop"."users__pets" WHERE "_dlt_parent_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept);
INSERT INTO "shop"."users__pets" ("name", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_parent_id" IN (SELECT row_key FROM weir_kept);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert, source filter
DELETE FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE d."id" = s."id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s WHERE (region = 'eu');

-- delete-insert, source filter, nested
CREATE TEMPORARY TABLE weir_gone AS SELECT d."_dlt_id" AS row_key FROM "shop"."users" AS d WHERE EXISTS (SELECT 1 FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE d."id" = s."id");
CREATE TEMPORARY TABLE weir_kept AS SELECT "_dlt_id" AS row_key FROM (SELECT DISTINCT ON ("id") * FROM "shop_staging"."users") AS s;
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT row_key FROM weir_gone);
DELETE FROM "shop"."users" WHERE "_dlt_id" IN (SELECT row_key FROM weir_gone);
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s WHERE s."_dlt_id" IN (SELECT row_key FROM weir_kept) AND (region = 'eu');
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s WHERE s."_dlt_root_id" IN (SELECT row_key FROM weir_kept) AND s."_dlt_root_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s);
DROP TABLE weir_gone;
DROP TABLE weir_kept;

-- delete-insert, destination scope
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM "shop"."users" WHERE ("shop"."users".region = 'eu' AND EXISTS (SELECT 1 FROM "shop_staging"."users")));
DELETE FROM "shop"."users" WHERE ("shop"."users".region = 'eu' AND EXISTS (SELECT 1 FROM "shop_staging"."users"));
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") SELECT "id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id" FROM "shop_staging"."users" AS s;
INSERT INTO "shop"."users__pets" ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") SELECT "name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id" FROM (SELECT DISTINCT ON ("_dlt_id") * FROM "shop_staging"."users__pets") AS s;

-- upsert
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN "shop_staging"."users" AS s ON d."id" = s."id";
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");

-- upsert, hard delete, nested
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN "shop_staging"."users" AS s ON d."id" = s."id";
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" WHEN MATCHED AND s."deleted" = TRUE THEN DELETE WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets" AS d JOIN "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id";
DELETE FROM "shop"."users__pets" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets" AS d USING "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_id" = d."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s WHERE s."deleted" = TRUE);
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets__toys" AS d JOIN "shop_staging"."users__pets__toys" AS s ON d."_dlt_id" = s."_dlt_id";
DELETE FROM "shop"."users__pets__toys" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets__toys" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets__toys" AS d USING "shop_staging"."users__pets__toys" AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets__toys" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets__toys" AS s WHERE s."_dlt_id" = d."_dlt_id");
DELETE FROM "shop"."users__pets__toys" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s WHERE s."deleted" = TRUE);

-- upsert, unchanged rows left alone, nested
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN "shop_staging"."users" AS s ON d."id" = s."id" AND (s."region" IS DISTINCT FROM d."region" OR s."note" IS DISTINCT FROM d."note" OR s."at" IS DISTINCT FROM d."at" OR s."deleted" IS DISTINCT FROM d."deleted" OR s."gone" IS DISTINCT FROM d."gone");
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets" AS d JOIN "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id" AND (s."name" IS DISTINCT FROM d."name");
DELETE FROM "shop"."users__pets" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets" AS d USING "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_id" = d."_dlt_id");

-- upsert, row version, source filter, nested
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s ON d."id" = s."id" AND (s."note" <> d."note");
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets" AS d JOIN (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS s ON d."_dlt_id" = s."_dlt_id" AND (s."name" IS DISTINCT FROM d."name");
DELETE FROM "shop"."users__pets" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets" AS d USING (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_id" = d."_dlt_id");

-- insert-only
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");

-- insert-only, hard delete, nested
MERGE INTO "shop"."users" AS d USING (SELECT * FROM "shop_staging"."users" AS s WHERE (s."deleted" IS NULL OR s."deleted" = FALSE)) AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
MERGE INTO "shop"."users__pets" AS d USING "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_parent_id", s."_dlt_id");

-- scd2
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" IS NULL AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."_dlt_id" = "shop"."users"."_dlt_id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', NULL FROM "shop_staging"."users" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."_dlt_id" = s."_dlt_id" AND d."_dlt_valid_to" IS NULL);

-- scd2, nested, versions have an end
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" = '9999-12-31T00:00:00+00:00' AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."_dlt_id" = "shop"."users"."_dlt_id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', '9999-12-31T00:00:00+00:00' FROM "shop_staging"."users" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."_dlt_id" = s."_dlt_id" AND d."_dlt_valid_to" = '9999-12-31T00:00:00+00:00');
INSERT INTO "shop"."users__pets" ("name", "_dlt_parent_id", "_dlt_id") SELECT s."name", s."_dlt_parent_id", s."_dlt_id" FROM "shop_staging"."users__pets" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users__pets" AS d WHERE d."_dlt_id" = s."_dlt_id");
INSERT INTO "shop"."users__pets__toys" ("name", "_dlt_parent_id", "_dlt_id") SELECT s."name", s."_dlt_parent_id", s."_dlt_id" FROM "shop_staging"."users__pets__toys" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users__pets__toys" AS d WHERE d."_dlt_id" = s."_dlt_id");

-- scd2 by merge key
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" IS NULL AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."_dlt_id" = "shop"."users"."_dlt_id") AND EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."id" = "shop"."users"."id" AND s."region" = "shop"."users"."region");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', NULL FROM "shop_staging"."users" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."_dlt_id" = s."_dlt_id" AND d."_dlt_valid_to" IS NULL);

-- scd2, row version
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" IS NULL AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."note" = "shop"."users"."note");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', NULL FROM "shop_staging"."users" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."note" = s."note" AND d."_dlt_valid_to" IS NULL);
INSERT INTO "shop"."users__pets" ("name", "_dlt_parent_id", "_dlt_id") SELECT s."name", s."_dlt_parent_id", s."_dlt_id" FROM "shop_staging"."users__pets" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users__pets" AS d WHERE d."_dlt_id" = s."_dlt_id");

-- scd2, source filter, nested
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" IS NULL AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE s."_dlt_id" = "shop"."users"."_dlt_id");
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', NULL FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."_dlt_id" = s."_dlt_id" AND d."_dlt_valid_to" IS NULL);
INSERT INTO "shop"."users__pets" ("name", "_dlt_parent_id", "_dlt_id") SELECT s."name", s."_dlt_parent_id", s."_dlt_id" FROM (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_parent_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users__pets" AS d WHERE d."_dlt_id" = s."_dlt_id");
INSERT INTO "shop"."users__pets__toys" ("name", "_dlt_parent_id", "_dlt_id") SELECT s."name", s."_dlt_parent_id", s."_dlt_id" FROM (SELECT * FROM "shop_staging"."users__pets__toys" WHERE "_dlt_parent_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_parent_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS r)) AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users__pets__toys" AS d WHERE d."_dlt_id" = s."_dlt_id");

-- scd2, destination scope
UPDATE "shop"."users" SET "_dlt_valid_to" = '2024-01-01T00:00:00.000001+00:00' WHERE "_dlt_valid_to" IS NULL AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."_dlt_id" = "shop"."users"."_dlt_id") AND ("shop"."users".region = 'eu' AND EXISTS (SELECT 1 FROM "shop_staging"."users"));
INSERT INTO "shop"."users" ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id", "_dlt_valid_from", "_dlt_valid_to") SELECT s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id", '2024-01-01T00:00:00.000001+00:00', NULL FROM "shop_staging"."users" AS s WHERE NOT EXISTS (SELECT 1 FROM "shop"."users" AS d WHERE d."_dlt_id" = s."_dlt_id" AND d."_dlt_valid_to" IS NULL);

-- cdc
DELETE FROM "shop"."users" WHERE NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."id" = "shop"."users"."id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN "shop_staging"."users" AS s ON d."id" = s."id";
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");

-- cdc, compound key, merge key, hard delete, nested
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM "shop"."users" WHERE NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."id" = "shop"."users"."id" AND s."region" = "shop"."users"."region") AND EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."at" = "shop"."users"."at"));
DELETE FROM "shop"."users" WHERE NOT EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."id" = "shop"."users"."id" AND s."region" = "shop"."users"."region") AND EXISTS (SELECT 1 FROM "shop_staging"."users" AS s WHERE s."at" = "shop"."users"."at");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN "shop_staging"."users" AS s ON d."id" = s."id" AND d."region" = s."region";
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING "shop_staging"."users" AS s ON d."id" = s."id" AND d."region" = s."region" WHEN MATCHED AND s."deleted" = TRUE THEN DELETE WHEN NOT MATCHED AND (s."deleted" IS NULL OR s."deleted" = FALSE) THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets" AS d JOIN "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id";
DELETE FROM "shop"."users__pets" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets" AS d USING "shop_staging"."users__pets" AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_id" = d."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "shop_staging"."users" AS s WHERE s."deleted" = TRUE);

-- cdc, destination scope, source filter, nested
DELETE FROM "shop"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM "shop"."users" WHERE NOT EXISTS (SELECT 1 FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE s."id" = "shop"."users"."id") AND ("shop"."users".region = 'eu' AND EXISTS (SELECT 1 FROM "shop_staging"."users")));
DELETE FROM "shop"."users" WHERE NOT EXISTS (SELECT 1 FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s WHERE s."id" = "shop"."users"."id") AND ("shop"."users".region = 'eu' AND EXISTS (SELECT 1 FROM "shop_staging"."users"));
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."id" AS "id", s."region" AS "region", s."note" AS "note", s."at" AS "at", s."deleted" AS "deleted", s."gone" AS "gone", s."_dlt_load_id" AS "_dlt_load_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users" AS d JOIN (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s ON d."id" = s."id";
DELETE FROM "shop"."users" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users" AS d USING (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s ON d."id" = s."id" WHEN NOT MATCHED THEN INSERT ("id", "region", "note", "at", "deleted", "gone", "_dlt_load_id", "_dlt_id") VALUES (s."id", s."region", s."note", s."at", s."deleted", s."gone", s."_dlt_load_id", s."_dlt_id");
CREATE TEMPORARY TABLE weir_renewed AS SELECT DISTINCT ON (d.rowid) d.rowid AS weir_place, d.* REPLACE (s."name" AS "name", s."_dlt_root_id" AS "_dlt_root_id", s."_dlt_parent_id" AS "_dlt_parent_id", s."_dlt_id" AS "_dlt_id") FROM "shop"."users__pets" AS d JOIN (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS s ON d."_dlt_id" = s."_dlt_id";
DELETE FROM "shop"."users__pets" WHERE rowid IN (SELECT weir_place FROM weir_renewed);
INSERT INTO "shop"."users__pets" SELECT * EXCLUDE (weir_place) FROM weir_renewed;
DROP TABLE weir_renewed;
MERGE INTO "shop"."users__pets" AS d USING (SELECT * FROM "shop_staging"."users__pets" WHERE "_dlt_root_id" IN (SELECT "_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS r)) AS s ON d."_dlt_id" = s."_dlt_id" WHEN NOT MATCHED THEN INSERT ("name", "_dlt_root_id", "_dlt_parent_id", "_dlt_id") VALUES (s."name", s."_dlt_root_id", s."_dlt_parent_id", s."_dlt_id");
DELETE FROM "shop"."users__pets" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM (SELECT * FROM "shop_staging"."users" WHERE (region = 'eu')) AS s) AND NOT EXISTS (SELECT 1 FROM "shop_staging"."users__pets" AS s WHERE s."_dlt_id" = d."_dlt_id");
