#!/usr/bin/env bash
# YADIFA sends the address to which a CNAME leads before the CNAME.
#
# Versions: Debian's yadifa 2.6.4-1, on amd64; dig 1:9.18.49-1~deb12u3.
# Input: a zone with "www CNAME edge" and "edge A 192.0.2.1", and a query for the addresses of www.
# Expected by RFC 1034 4.3.2 and 4.3.1: the CNAME first and then what it leads to, since programs follow the answer from
# its first record on; BIND, NSD, Knot DNS and PowerDNS send it in this order.
# Seen: the A record first, the CNAME after it.
#
# It needs Linux, Debian's apt, and root (for a network namespace of its own).
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && mkdir -p partial && apt-get download -q yadifa=2.6.4-1 >/dev/null 2>&1 &&
    dpkg -x yadifa_*.deb unpacked) || { echo "the package cannot be had" >&2; exit 2; }
  unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
mkdir "$work/data"
cat >"$work/z.example.zone" <<'ZONE'
@ 300 IN SOA ns1 host 1 3600 600 86400 300
@ 300 IN NS ns1
ns1 300 IN A 127.0.0.1
www 300 IN CNAME edge
edge 300 IN A 192.0.2.1
ZONE
cat >"$work/yadifad.conf" <<CONF
<main>
 chroot off
 daemonize off
 uid 0
 gid 0
 logpath "$work/data"
 pidfile "$work/data/pid"
 datapath "$work"
 keyspath "$work/data"
 xfrpath "$work/data"
 listen 127.0.0.1 port 53
</main>
<zone>
 domain z.example
 file z.example.zone
 type master
</zone>
CONF
"$work/unpacked/usr/sbin/yadifad" -c "$work/yadifad.conf" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
types() { dig +norecurse +tries=3 +time=1 +noall +answer @127.0.0.1 www.z.example A | awk '{print $4}' | xargs; }
for _ in {1..50}; do
  order=$(types || true)
  [[ $order == *CNAME* ]] && break
  sleep 0.2
done
echo "the answer to www.z.example A: $order"
[[ $order == "A CNAME" ]]
