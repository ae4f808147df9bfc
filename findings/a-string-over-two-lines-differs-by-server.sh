#!/usr/bin/env bash
# A zone file with a quoted string that spans two lines: NSD loads it, BIND refuses the whole zone.
#
# Versions: Debian's nsd 4.6.1-1 and bind9-utils 1:9.18.49-1~deb12u3, on amd64.
# Input: t 300 IN TXT "one<newline>two". RFC 1035 5.1 allows any character inside the quotes except a quote.
# Expected: one character-string with a newline in it, or the same refusal everywhere.
# Seen: nsd-checkzone: "zone z.example is ok"; named-checkzone: "unbalanced quotes", and no record of the zone is loaded.
# With the two strings on one line, both load it. A zone that is moved between the two by its file can get lost.
#
# It needs Linux and Debian's apt.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir partial
apt-get download -q nsd=4.6.1-1 libevent-2.1-7 libfstrm0 libprotobuf-c1 \
  bind9-utils=1:9.18.49-1~deb12u3 bind9-libs=1:9.18.49-1~deb12u3 >/dev/null 2>&1 ||
  { echo "the packages cannot be had" >&2; exit 2; }
for p in *.deb; do dpkg -x "$p" unpacked; done
export LD_LIBRARY_PATH=$work/unpacked/usr/lib/x86_64-linux-gnu
zone() { # TXT
  printf '%s\n' '$ORIGIN z.example.' '@ 300 IN SOA ns1 host 1 3600 600 86400 300' '@ 300 IN NS ns1' \
    'ns1 300 IN A 192.0.2.1' "t 300 IN TXT $1"
}
zone $'"one\ntwo"' >two.zone
zone '"one" "two"' >one.zone
check() {
  local nsd bind
  nsd=$(unpacked/usr/sbin/nsd-checkzone z.example "$1" 2>&1 || true)
  bind=$(unpacked/usr/bin/named-checkzone z.example "$1" 2>&1 || true)
  printf '%s\n  nsd: %s\n  bind: %s\n' "$1" "${nsd##*$'\n'}" "${bind//$'\n'/; }"
  [[ $nsd == *"is ok"* ]] && [[ $bind == *"$2"* ]]
}
check one.zone OK
check two.zone "unbalanced quotes"
