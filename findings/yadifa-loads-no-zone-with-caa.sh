#!/usr/bin/env bash
# YADIFA answers SERVFAIL for every name of a zone whose file holds one CAA record.
#
# Versions: Debian's yadifa 2.6.4-1, on amd64; dig 1:9.18.49-1~deb12u3.
# Input: a zone with an A record; the same zone with one CAA record (RFC 8659) more.
# Expected: the record is served, or at least left out with a warning, as other servers do with what they do not know;
# other types can be written as TYPE257 (RFC 3597).
# Seen: without the record NOERROR and the address; with it SERVFAIL for the A record as well.
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
cat >"$work/plain.example.zone" <<'ZONE'
@ 300 IN SOA ns1 host 1 3600 600 86400 300
@ 300 IN NS ns1
ns1 300 IN A 127.0.0.1
www 300 IN A 192.0.2.1
ZONE
{ cat "$work/plain.example.zone"; echo '@ 300 IN CAA 0 issue "ca.example"'; } >"$work/caa.example.zone"
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
 domain plain.example
 file plain.example.zone
 type master
</zone>
<zone>
 domain caa.example
 file caa.example.zone
 type master
</zone>
CONF
"$work/unpacked/usr/sbin/yadifad" -c "$work/yadifad.conf" >"$work/log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null' EXIT
status() { dig +norecurse +tries=3 +time=1 @127.0.0.1 "$1" A | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }
for _ in {1..50}; do
  plain=$(status www.plain.example || true)
  [[ $plain == NOERROR ]] && break
  sleep 0.2
done
caa=$(status www.caa.example)
echo "www.plain.example $plain, www.caa.example $caa"
[[ $plain == NOERROR && $caa == SERVFAIL ]]
