#!/bin/sh
# Makes one cluster of the nodes and gives each function's role its password.
# Running it again changes nothing, except for workers that were added since.
set -eu
export PGOPTIONS='-c client_min_messages=warning'
coordinator=coordinator-0.citus
nodes=$coordinator
i=0
while [ "$i" -lt "$WORKERS" ]; do nodes="$nodes worker-$i.citus"; i=$((i + 1)); done
# on NODE ARG...: psql there
on() { node=$1; shift; psql -h "$node" -U postgres -d hce -qAtX -v ON_ERROR_STOP=1 "$@"; }
sql() { on "$coordinator" "$@"; }

for node in $nodes; do
	until on "$node" -c 'CREATE EXTENSION IF NOT EXISTS citus'; do sleep 2; done
done

sql -c "SELECT citus_set_coordinator_host('$coordinator')" >/dev/null
for node in $nodes; do
	[ "$node" = "$coordinator" ] || sql -c "SELECT citus_add_node('$node', 5432)" >/dev/null
done

# The settings are for a pooler, which hands over none of those that a client asks for.
for file in "$PASSWORDS"/hce_*; do
	role=$(basename "$file")
	# psql reads the password from the file: it stands in no argument list.
	sql <<-SQL
		\set password \`cat $file\`
		SELECT 'CREATE ROLE $role LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') \gexec
		ALTER ROLE $role PASSWORD :'password';
		ALTER ROLE $role SET search_path = historia_clinica, public;
		ALTER ROLE $role SET timezone = 'UTC';
		ALTER ROLE $role SET statement_timeout = '10s';
		ALTER ROLE $role SET idle_in_transaction_session_timeout = '30s';
	SQL
done
sql -c "SELECT nodename, isactive FROM pg_dist_node ORDER BY nodename"
