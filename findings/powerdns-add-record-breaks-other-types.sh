#!/usr/bin/env bash
# After "pdnsutil add-record" in a signed zone without "rectify-zone", the new record validates, but every other type
# of the same name is bogus: validators answer SERVFAIL for AAAA and CAA there.
#
# Versions: Debian's pdns-server and pdns-backend-sqlite3 4.7.3-2; delv 1:9.18.49-1~deb12u3 as the validator; dig of the
# same version.
# Input: a zone with an A record at a.z.example, signed by "pdnsutil secure-zone" (NSEC, as by default), then
# "pdnsutil add-record z.example b A 192.0.2.2".
# Expected by RFC 4035 3.1.3.1: NODATA for b.z.example AAAA comes with the NSEC record of b.z.example, signed.
# Seen: b.z.example A is fully validated; b.z.example AAAA does not validate until "pdnsutil rectify-zone".
set -euo pipefail

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -q pdns-server=4.7.3-2 pdns-backend-sqlite3=4.7.3-2 >/dev/null 2>&1 &&
  for deb in *.deb; do dpkg -x "$deb" unpacked; done) || { echo "the packages cannot be had" >&2; exit 2; }
mkdir "$work/conf"
cat >"$work/conf/pdns.conf" <<EOF
launch=gsqlite3
gsqlite3-database=$work/zones.db
gsqlite3-dnssec=yes
module-dir=$(echo "$work"/unpacked/usr/lib/*-linux-gnu/pdns)
local-address=127.0.0.1
local-port=35355
socket-dir=$work
daemon=no
guardian=no
setuid=
setgid=
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
security-poll-suffix=
EOF
schema=$(find "$work/unpacked" -name 'schema.sqlite3.sql*' | head -1)
python3 - "$schema" "$work/zones.db" <<'EOF'
import gzip, sqlite3, sys
text = (gzip.open if sys.argv[1].endswith(".gz") else open)(sys.argv[1], "rt").read()
sqlite3.connect(sys.argv[2]).executescript(text)
EOF
pdnsutil() { "$work/unpacked/usr/bin/pdnsutil" --config-dir="$work/conf" "$@" >>"$work/log" 2>&1; }
pdnsutil create-zone z.example ns.z.example
pdnsutil add-record z.example a A 192.0.2.1
pdnsutil secure-zone z.example
pdnsutil rectify-zone z.example
pdnsutil add-record z.example b A 192.0.2.2
"$work/unpacked/usr/sbin/pdns_server" --config-dir="$work/conf" >>"$work/log" 2>&1 &
servers+=($!)
for _ in {1..40}; do # it may be slow to start
  sleep 0.5
  key=$(dig +tries=1 +time=1 +short @127.0.0.1 -p 35355 z.example DNSKEY | head -1) && [[ $key == 257* ]] && break
done
[[ $key == 257* ]] || { cat "$work/log" >&2; exit 1; }
read -r flags protocol algorithm data <<<"$key"
printf 'trust-anchors { z.example. static-key %s %s %s "%s"; };\n' "$flags" "$protocol" "$algorithm" "${data// /}" \
  >"$work/anchor"
validate() { delv -a "$work/anchor" +root=z.example @127.0.0.1 -p 35355 b.z.example "$1" 2>&1; }
a=$(validate A || true) aaaa=$(validate AAAA || true)
printf 'A:\n%s\nAAAA:\n%s\n' "$a" "$aaaa"
grep -q 'fully validated' <<<"$a"
! grep -q 'negative response, fully validated' <<<"$aaaa"
pdnsutil rectify-zone z.example
sleep 1
aaaa=$(validate AAAA || true)
grep -q 'negative response, fully validated' <<<"$aaaa"
