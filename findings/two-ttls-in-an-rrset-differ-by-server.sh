#!/usr/bin/env bash
# A zone file with two TTLs in an RRset: NSD serves both, BIND the first for all records, YADIFA the last for all.
#
# Versions: Debian's nsd 4.6.1-1, bind9 1:9.18.49-1~deb12u3, yadifa 2.6.4-1, on amd64; dig 1:9.18.49-1~deb12u3.
# Input: "www 600 A 192.0.2.2" and then "www 60 A 192.0.2.1". RFC 2181 5.2 does not allow it; all three load it.
# Expected: one TTL, the same everywhere, or a zone that is refused.
# Seen: NSD sends 60 and 600, each record with its own, as PowerDNS 4.7.3 does; BIND sends 600 for both, as gdnsd 3.8.1
# does; YADIFA sends 60 for both, as Knot DNS 3.2.6 does. Two servers of one zone disagree how long it may be kept.
#
# It needs Linux, Debian's apt, and root (for a network namespace of its own).
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && mkdir -p partial && apt-get download -q \
    nsd=4.6.1-1 bind9=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 yadifa=2.6.4-1 \
    libevent-2.1-7 libfstrm0 libprotobuf-c1 >/dev/null 2>&1 &&
    for p in *.deb; do dpkg -x "$p" unpacked; done) || { echo "the packages cannot be had" >&2; exit 2; }
  LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu unshare -n "$0" inside "$work"
  exit
fi

work=$2
ip link set lo up
servers=()
trap 'kill "${servers[@]}" 2>/dev/null; wait' EXIT

cat >"$work/z.example.zone" <<'ZONE'
@ 300 IN SOA ns1 host 1 3600 600 86400 300
@ 300 IN NS ns1
ns1 300 IN A 127.0.0.1
www 600 IN A 192.0.2.2
www 60 IN A 192.0.2.1
ZONE
mkdir "$work/nsd" "$work/bind" "$work/yadifa"
cat >"$work/nsd.conf" <<CONF
server:
  ip-address: 127.0.0.1@5301
  username: ""
  zonesdir: "$work"
  database: ""
  pidfile: "$work/nsd/pid"
  xfrdfile: "$work/nsd/state"
  xfrdir: "$work/nsd"
  zonelistfile: "$work/nsd/list"
remote-control:
  control-enable: no
zone:
  name: z.example
  zonefile: z.example.zone
CONF
cat >"$work/named.conf" <<CONF
options {
  directory "$work/bind"; pid-file "$work/bind/pid"; session-keyfile "$work/bind/key";
  listen-on port 5302 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
};
controls { };
zone "z.example" { type primary; file "$work/z.example.zone"; };
CONF
cat >"$work/yadifad.conf" <<CONF
<main>
 chroot off
 daemonize off
 uid 0
 gid 0
 logpath "$work/yadifa"
 pidfile "$work/yadifa/pid"
 datapath "$work"
 keyspath "$work/yadifa"
 xfrpath "$work/yadifa"
 listen 127.0.0.1 port 5303
</main>
<zone>
 domain z.example
 file z.example.zone
 type master
</zone>
CONF
"$work/unpacked/usr/sbin/nsd" -d -c "$work/nsd.conf" >"$work/nsd.log" 2>&1 & servers+=($!)
"$work/unpacked/usr/sbin/named" -g -c "$work/named.conf" >"$work/bind.log" 2>&1 & servers+=($!)
"$work/unpacked/usr/sbin/yadifad" -c "$work/yadifad.conf" >"$work/yadifa.log" 2>&1 & servers+=($!)
ttls() {
  dig +norecurse +tries=1 +time=1 +noall +answer -p "$1" @127.0.0.1 www.z.example A |
    awk '$4 == "A" {print $2}' | sort -n | xargs
}
for _ in {1..60}; do
  nsd=$(ttls 5301 || true) bind=$(ttls 5302 || true) yadifa=$(ttls 5303 || true)
  [[ -n $nsd && -n $bind && -n $yadifa ]] && break
  sleep 0.2
done
echo "NSD: $nsd; BIND: $bind; YADIFA: $yadifa"
[[ $nsd == "60 600" && $bind == "600 600" && $yadifa == "60 60" ]]
