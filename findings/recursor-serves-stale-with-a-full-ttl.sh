#!/usr/bin/env bash
# PowerDNS Recursor serves an expired answer with the record's full TTL and unmarked, so it looks like a fresh one.
#
# Versions: Debian's pdns-recursor 4.8.8-1+deb12u1 with serve-stale-extensions=10; tinydns 1:1.05-15+b2 as the zone's
# server; dig 1:9.18.49-1~deb12u3.
# Input: a TXT record with the TTL 4. It is queried, its server is stopped, and it is queried again after 7 seconds.
# Expected: a stale answer has a TTL of 30 seconds (recommended by RFC 8767 4), and the extended error 3 (Stale Answer,
# RFC 8914 4.4) can mark it. BIND and Knot Resolver do so.
# Seen: the old answer with a TTL of 3 or 4, as if it had just been fetched, and no extended error.
#
# It needs Linux, Debian's apt, and root: tinydns listens on port 53 only.
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && apt-get download -q tinydns=1:1.05-15+b2 pdns-recursor=4.8.8-1+deb12u1 >/dev/null 2>&1 &&
    for deb in *.deb; do dpkg -x "$deb" unpacked; done) || { echo "the packages cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT
mkdir "$work/data" "$work/recursor" && cd "$work/data"
printf ".z.example:127.0.0.1:ns.z.example:300\n'a.z.example:old:4\n" >data
"$work/unpacked/usr/sbin/tinydns-data"
env ROOT="$work/data" IP=127.0.0.1 UID=0 GID=0 "$work/unpacked/usr/sbin/tinydns" 2>/dev/null &
authority=$!
cat >"$work/recursor/recursor.conf" <<EOF
local-address=127.0.0.1
local-port=5353
socket-dir=$work/recursor
daemon=no
setuid=
setgid=
dnssec=off
extended-resolution-errors=yes
security-poll-suffix=
serve-stale-extensions=10
forward-zones=z.example=127.0.0.1
EOF
"$work/unpacked/usr/sbin/pdns_recursor" --config-dir="$work/recursor" >"$work/log" 2>&1 &
servers+=($!)
sleep 2
ask() { dig +tries=2 +time=8 @127.0.0.1 -p 5353 a.z.example TXT; }
ask | grep -q old
kill "$authority"
sleep 7
answer=$(ask)
grep 'status:\|EDE\|IN.TXT.*old' <<<"$answer"
ttl=$(awk '$4 == "TXT" && $5 ~ /old/ { print $2 }' <<<"$answer")
((ttl >= 2)) && ! grep -q EDE <<<"$answer"
