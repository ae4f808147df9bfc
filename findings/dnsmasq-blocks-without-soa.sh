#!/usr/bin/env bash
# dnsmasq's NXDOMAIN for a name blocked by address=/x/ has neither a SOA record nor an extended error, so clients
# cannot know how long it lasts, or that it is a block. Denials that it forwards or caches have the SOA.
#
# Version: Debian's dnsmasq-base 2.90-4~deb12u2; dig 1:9.18.49-1~deb12u3.
# Input: address=/blocked.example/ in one dnsmasq; a second one is authoritative for z.example and denies no.z.example.
# Expected: a denial has the SOA record of its zone (RFC 2308 3), and a block can be marked (RFC 8914 4.16).
# Seen: blocked.example NXDOMAIN with an empty authority section and no extended error; no.z.example NXDOMAIN with SOA.
set -euo pipefail

work=$(mktemp -d)
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
(cd "$work" && apt-get download -q dnsmasq-base=2.90-4~deb12u2 >/dev/null 2>&1 &&
  dpkg -x dnsmasq-base_*.deb unpacked) || { echo "the package cannot be had" >&2; exit 2; }
start() {
  "$work/unpacked/usr/sbin/dnsmasq" --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= \
    --user="$(id -un)" --listen-address=127.0.0.1 --bind-interfaces "$@" 2>>"$work/log" &
  servers+=($!)
}
start --port=35353 --auth-server=ns.z.example,127.0.0.1 --auth-zone=z.example --auth-soa=1 --auth-ttl=60 \
  --host-record=a.z.example,192.0.2.1
start --port=35354 --address=/blocked.example/ --server=/z.example/127.0.0.1#35353
sleep 1
ask() { dig +tries=5 +time=1 @127.0.0.1 -p 35354 "$1" TXT; }
blocked=$(ask blocked.example) forwarded=$(ask no.z.example)
printf '%s\n%s\n' "$blocked" "$forwarded" | grep 'status:\|SOA\|EDE'
grep -q 'status: NXDOMAIN' <<<"$blocked" && grep -q 'AUTHORITY: 0' <<<"$blocked" && ! grep -q 'EDE' <<<"$blocked"
grep -q 'status: NXDOMAIN' <<<"$forwarded" && grep -q 'SOA' <<<"$forwarded"
