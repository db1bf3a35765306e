#!/bin/sh
# Run once, in a new cluster: the database, its owner, and the service, which has no right to alter the log.
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set owner="$DATABASE_OWNER_PASSWORD" --set service="$DATABASE_SERVICE_PASSWORD" <<'SQL'
CREATE ROLE alliance LOGIN PASSWORD :'owner';
CREATE ROLE alliance_service LOGIN PASSWORD :'service';
CREATE DATABASE alliance OWNER alliance ENCODING 'UTF8' TEMPLATE template0;
\connect alliance
-- Read models and state of each register are in schemas that the service makes and owns.
GRANT CREATE ON DATABASE alliance TO alliance_service;
-- Of the log, now and after each update: what docs/operating.md grants by hand.
GRANT USAGE, CREATE ON SCHEMA public TO alliance;
GRANT USAGE ON SCHEMA public TO alliance_service;
ALTER DEFAULT PRIVILEGES FOR ROLE alliance IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO alliance_service;
ALTER DEFAULT PRIVILEGES FOR ROLE alliance IN SCHEMA public GRANT USAGE ON SEQUENCES TO alliance_service;
SQL
