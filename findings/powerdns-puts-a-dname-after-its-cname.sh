#!/usr/bin/env bash
# In a signed zone, PowerDNS returns a DNAME after the CNAME synthesized from it. Unbound treats that CNAME as
# unsigned, so every type of the name is bogus. BIND, Knot DNS and NSD send the DNAME first.
#
# Versions: Debian's pdns-server and pdns-backend-sqlite3 4.7.3-2 with dname-processing=yes; unbound 1.17.1-2+deb12u4
# with the zone's key; dig 1:9.18.49-1~deb12u3.
# Input: eu.z.example DNAME emea.z.example and shop.emea.z.example CNAME www.y.example, signed by "pdnsutil
# secure-zone"; www.y.example A 192.0.2.1, in an unsigned zone on another server. (If the answer also has an address,
# PowerDNS shuffles all records.)
# Expected by RFC 6672 3.2 (a server copies the DNAME into the answer, then synthesizes the CNAME) and 5.3.1 (the
# signature of the DNAME is enough): shop.eu.z.example A is NOERROR and validates.
# Seen: the CNAME is the first record of PowerDNS's answer and the DNAME comes later; Unbound answers SERVFAIL, and
# NOERROR with the CD bit. BIND 9.18, Knot Resolver 5.6 and PowerDNS Recursor 4.8 accept the answer.
set -euo pipefail

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -q pdns-server=4.7.3-2 pdns-backend-sqlite3=4.7.3-2 \
  unbound=1.17.1-2+deb12u4 >/dev/null 2>&1 && for deb in *.deb; do dpkg -x "$deb" unpacked; done) ||
  { echo "the packages cannot be had" >&2; exit 2; }
mkdir "$work/conf"
cat >"$work/conf/pdns.conf" <<EOF
launch=gsqlite3
gsqlite3-database=$work/zones.db
gsqlite3-dnssec=yes
module-dir=$(echo "$work"/unpacked/usr/lib/*-linux-gnu/pdns)
local-address=127.0.0.1
local-port=35357
socket-dir=$work
daemon=no
guardian=no
setuid=
setgid=
dname-processing=yes
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
pdnsutil add-record z.example eu DNAME emea.z.example
pdnsutil add-record z.example shop.emea CNAME www.y.example.
pdnsutil secure-zone z.example
pdnsutil rectify-zone z.example
"$work/unpacked/usr/sbin/pdns_server" --config-dir="$work/conf" >>"$work/log" 2>&1 &
servers+=($!)
for _ in {1..40}; do # it may be slow to start
  sleep 0.5
  key=$(dig +tries=1 +time=1 +short @127.0.0.1 -p 35357 z.example DNSKEY | head -1) && [[ $key == 257* ]] && break
done
[[ $key == 257* ]] || { cat "$work/log" >&2; exit 1; }
printf '%s\n' '@ 300 SOA ns h 1 7200 3600 1209600 300' '@ 300 NS ns' 'ns 300 A 127.0.0.1' 'www 300 A 192.0.2.1' \
  >"$work/y.zone"
cat >"$work/unbound.conf" <<EOF
server:
  interface: 127.0.0.1
  port: 35358
  do-not-query-localhost: no
  do-ip6: no
  directory: "$work"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  trust-anchor: "z.example. DNSKEY $key"
remote-control:
  control-enable: no
stub-zone:
  name: "z.example"
  stub-addr: 127.0.0.1@35357
auth-zone:
  name: "y.example"
  zonefile: "y.zone"
  for-downstream: no
EOF
"$work/unpacked/usr/sbin/unbound" -d -c "$work/unbound.conf" >"$work/unbound.log" 2>&1 &
servers+=($!)
status() { dig +tries=3 +time=5 @127.0.0.1 -p 35358 "$@" | sed -n 's/.*status: \([A-Z]*\).*/\1/p' || true; }
for _ in {1..40}; do
  sleep 0.5
  [[ $(status z.example SOA) == NOERROR ]] && break
done
order=$(dig +norecurse +dnssec +noall +answer @127.0.0.1 -p 35357 shop.eu.z.example A |
  awk '$4 ~ /NAME/ { print $4 }' | xargs)
checked=$(status shop.eu.z.example A) unchecked=$(status +cd shop.eu.z.example A)
echo "PowerDNS: $order; Unbound: $checked, with CD $unchecked"
[[ $order == "CNAME CNAME DNAME" && $checked == SERVFAIL && $unchecked == NOERROR ]]
