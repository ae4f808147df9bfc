#!/usr/bin/env bash
# BIND drops a dynamic update that adds a TXT record beside a CNAME, and answers NOERROR: nsupdate ends with 0.
#
# Versions: Debian's bind9 and bind9-dnsutils (nsupdate, dig) 1:9.18.49-1~deb12u3, on amd64.
# Input: a zone with "www CNAME old.example" and the update "add www.z.example 300 TXT tok", as a tool sends it that
# proves the control of an aliased name.
# Expected: an error, since the record cannot be there (RFC 1034 3.6.2).
# Seen: NOERROR, exit code 0, no output, and no TXT record; only the server's log tells. RFC 2136 3.4.2.2 asks for this,
# and Knot DNS 3.2.6 does the same. A CNAME that is added beside a CNAME replaces it, also with NOERROR. So the success
# of an update proves nothing: the record has to be asked for.
#
# It needs Linux, Debian's apt, and root (for a network namespace of its own).
set -euo pipefail

if [[ ${1:-} != inside ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && mkdir -p partial && apt-get download -q \
    bind9=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 bind9-dnsutils=1:9.18.49-1~deb12u3 >/dev/null 2>&1 &&
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
www 300 IN CNAME old.example.
app 300 IN A 192.0.2.1
ZONE
mkdir "$work/bind"
cat >"$work/named.conf" <<CONF
options {
  directory "$work/bind"; pid-file "$work/bind/pid"; session-keyfile "$work/bind/key";
  listen-on port 5302 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
};
controls { };
zone "z.example" { type primary; file "$work/z.example.zone"; allow-update { 127.0.0.1; }; };
CONF
"$work/unpacked/usr/sbin/named" -g -c "$work/named.conf" >"$work/bind.log" 2>&1 & servers+=($!)
records() {
  dig +norecurse +tries=1 +time=1 +noall +answer -p 5302 @127.0.0.1 "$1.z.example" "$2" |
    awk -v t="$2" '$4 == t {print $5}'
}
for _ in {1..60}; do
  [[ -n $(records app A || true) ]] && break
  sleep 0.2
done
add() {
  printf 'server 127.0.0.1 5302\nzone z.example\nupdate add %s\nsend\n' "$1" | "$work/unpacked/usr/bin/nsupdate" 2>&1
}
said=$(add 'www.z.example 300 TXT "tok"') && ended=0 || ended=$?
add 'app.z.example 300 TXT "tok"' # its twin, beside an address
echo "nsupdate: exit code $ended, output '$said'; www TXT: '$(records www TXT)'; app TXT: $(records app TXT)"
[[ $ended == 0 && -z $said && -z $(records www TXT) && $(records app TXT) == '"tok"' ]]
