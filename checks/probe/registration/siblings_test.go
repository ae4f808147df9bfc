package registration

import (
	"strings"
	"testing"
	"time"
)

// TestWHOISRights: a registry's copyright notice says nothing about the name, in any language. Each has a twin in
// which the same word is about the name.
func TestWHOISRights(t *testing.T) {
	t.Parallel()
	for notice, twin := range map[string]string{
		"Restricted rights.":               "Restricted name.",
		"All rights restricted.":           "Registration is restricted.",
		"Some rights reserved.":            "Reserved.",
		"Rights reserved, Example NIC.":    "Reserved by Example NIC.",
		"Tous droits réservés.":            "Nom réservé.",
		"Alle Rechte vorbehalten.":         "Domain reserviert.",
		"Todos los derechos reservados.":   "Reservado.",
		"Todos os direitos reservados.":    "Nome reservado.",
		"Tutti i diritti riservati.":       "Dominio riservato.",
		"Wszelkie prawa zastrzeżone.":      "Nazwa zastrzeżona.",
		"Все права защищены.":              "Имя зарезервировано.",
		"Alle rechten voorbehouden.":       "Naam voorbehouden.",
		"Tüm hakları saklıdır.":            "Rezerve edildi.",
		"版权所有":                             "保留域名",
		"(c) Example NIC, rights reserved": "This name is reserved",
	} {
		for _, reply := range []string{"% " + notice + "\n%\n% nothing found\n", "% nothing found\n\n" + notice + "\n"} {
			if got := ReadWHOIS("example.ee", []byte(reply), false); got.State != NotRegistered {
				t.Errorf("%q: %s (%s)", reply, got.State, got.Reason)
			}
			reply = strings.ReplaceAll(reply, notice, twin)
			if got := ReadWHOIS("example.ee", []byte(reply), false); got.State != Reserved && got.State != Unknown {
				t.Errorf("%q: %s", reply, got.State)
			}
		}
		taken := "Domain: example.ee\nRegistrar: Example\nCreated: 2001-02-03\n\n" + notice + "\n"
		if got := ReadWHOIS("example.ee", []byte(taken), false); got.State != Registered {
			t.Errorf("%q: %s (%s)", taken, got.State, got.Reason)
		}
	}
}

// TestWHOISHeadings: a heading above the statement neither refuses nor reserves.
func TestWHOISHeadings(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]State{
		"WHOIS Result:": NotRegistered, "Domain Info": NotRegistered, "[Domain]": NotRegistered,
		"== Domain ==": NotRegistered, "Query result for example.lv:": NotRegistered,
		"Domain details": NotRegistered, "Administrative Contact": NotRegistered, "Name servers": NotRegistered,
		"Registrant:": NotRegistered, "Información del dominio": NotRegistered,
		"Informations sur le domaine": NotRegistered,
		"Informationen zur Domain":    NotRegistered, "Technical Contact:": NotRegistered,
		"Blocked": Unknown, "Domain holds": Unknown, "Denied": Unknown, "Domain locked for registration": Unknown,
		"Waiting list": Unknown, "Domain under dispute": Unknown,
	} {
		for _, gap := range []string{"\n", "\n\n"} {
			reply := heading + gap + "%ERROR:101: no entries found\n"
			if got := ReadWHOIS("example.lv", []byte(reply), false); got.State != want {
				t.Errorf("%q: %s (%s), want %s", reply, got.State, got.Reason, want)
			}
		}
	}
}

// TestWHOISNamesOfWords has names that are words of registries in several languages, in each spelling of the name.
func TestWHOISNamesOfWords(t *testing.T) {
	t.Parallel()
	const record = "\nRegistrar: Example\nCreated: 2001-02-03\n"
	for _, tt := range []struct {
		domain, reply string
		want          State
	}{
		{"libre.fr", "%% Not found: libre.fr\n", NotRegistered},
		{"libre.fr", "domain: libre.fr\nstatus: ACTIVE\nregistrar: Example\n", Registered},
		{"libre.fr", "%% Le nom libre.fr est réservé.\n", Reserved},
		{"frei.de", "Domain: frei.de\nStatus: free\n", NotRegistered},
		{"frei.de", "Domain: frei.de\nStatus: connect\n", Registered},
		{"vergeben.de", "vergeben.de nicht gefunden\n", NotRegistered},
		{"vergeben.de", "Domain: vergeben.de\nStatus: connect\n", Registered},
		{"gesperrt.at", "Domain gesperrt.at nicht gefunden\n", NotRegistered},
		{"gesperrt.at", "gesperrt.at ist gesperrt\n", Reserved},
		{"domain-ist-gesperrt.at", "Domain domain-ist-gesperrt.at nicht gefunden\n", NotRegistered},
		{"disponible.es", "Dominio: disponible.es\nEstado: Registrado\n", Registered},
		{"disponible.es", "El dominio disponible.es está reservado\n", Reserved},
		{"reservado.cl", "reservado.cl: no existe\n", NotRegistered},
		{"reservado.cl", "reservado.cl: reservado\n", Reserved},
		{"available.com", "Domain Name: AVAILABLE.COM" + record, Registered},
		{"not-found.zz", "Domain Name: not-found.zz" + record, Registered},
		{"not-found.zz", "not-found.zz is reserved\n", Reserved},
		{"nomatch.zz", "nomatch.zz is taken\n", Registered},
		// the first label alone
		{"reservado.to", "No match for reservado\n", NotRegistered},
		{"reservado.to", "No match for other\n\nreservado\n", Reserved},
		{"bloqueado.org", "Domain: bloqueado\nDomain not found.\n", NotRegistered},
		{"bloqueado.org", "Domain: bloqueado\nStatus: bloqueado\nDomain not found.\n", Reserved},
		// U-labels and A-labels
		{"xn--rserv-bsae.fr", "%% Not found: réservé.fr\n", NotRegistered},
		{"xn--rserv-bsae.fr", "%% Not found: RÉSERVÉ.FR\n", NotRegistered},
		{"xn--rserv-bsae.fr", "%% Not found: xn--rserv-bsae.fr\n", NotRegistered},
		{"xn--rserv-bsae.fr", "%% Le nom réservé.fr est réservé.\n", Reserved},
		{"xn--rserv-bsae.fr", "%% Not found: réserve.fr\n", Unknown},
		{"xn--rserv-bsae.fr", "domain: réservé.fr" + record, Registered},
		{"xn--gesperrt-mller-psb.de", "Domain: gesperrt-müller.de\nStatus: free\n", NotRegistered},
		{"xn--gesperrt-mller-psb.de", "Domain: gesperrt-mu\u0308ller.de\nStatus: free\n", NotRegistered},
		{"xn--gesperrt-mller-psb.de", "Domain: gesperrt-m\xfcller.de\nStatus: free\n", NotRegistered},
		{"xn--gesperrt-mller-psb.de", "Domain: gesperrt-mueller.de\nStatus: free\n", Unknown},
		{"xn--fa-hia.de", "Domain: faß.de\nStatus: free\n", NotRegistered},
		{"xn--fa-hia.de", "Domain: fass.de\nStatus: free\n", Unknown},
		{"xn--ls8h.la", "DOMAIN NOT FOUND: 💩.la\n", NotRegistered},
		{"xn--ls8h.la", "DOMAIN NOT FOUND: 💩💩.la\n", Unknown},
		{"xn--e1aybc.xn--p1ai", "No entries found for тест.рф\n", NotRegistered},
		{"xn--e1aybc.xn--p1ai", "No entries found for тесты.рф\n", Unknown},
	} {
		if got := ReadWHOIS(tt.domain, []byte(tt.reply), false); got.State != tt.want {
			t.Errorf("%s, %q: %s (%s), want %s", tt.domain, tt.reply, got.State, got.Reason, tt.want)
		}
	}
}

// TestWHOISOtherRecords: of the records of a reply, only that of the name that was asked counts, wherever it stands.
// Its twin is the reply in which the other's fields are its own.
func TestWHOISOtherRecords(t *testing.T) {
	t.Parallel()
	const own = "domain: foo1.com\nregistrar: GOOD\ncreated: 2001-02-03\nstatus: ok\n"
	const evil = "registrar: EVIL\nstatus: clientHold\nexpires: 2001-01-01\n"
	for _, other := range []string{
		"server name: FOO1.COM.EVIL.EXAMPLE\n", "Host Name: FOO1.COM.EVIL.EXAMPLE\nIP Address: 192.0.2.1\n",
		"nserver: foo1.com.evil.example\n", "domain: foo1.com.example\n", "Domain Name: myfoo1.com\n",
		"nic-hdl: EV1-EXAMPLE\n", "contact: EV1\n", "person: Eve\n",
	} {
		replies := []string{other + evil + "\n" + own}
		if !strings.HasPrefix(other, "nserver") { // below, it could be a part of the record
			replies = append(replies, own+"\n"+other+evil, other+evil+"\n"+own+"\n"+other+evil)
		}
		for _, reply := range replies {
			got := ReadWHOIS("foo1.com", []byte(reply), false)
			if got.State != Registered || got.Registrar != "GOOD" || !got.ExpiresAt.IsZero() ||
				strings.Join(got.Statuses, " ") != "active" {
				t.Errorf("%q: %+v", reply, got)
			}
		}
	}
	twin := ReadWHOIS("foo1.com", []byte("domain: foo1.com\n"+evil), false)
	if twin.Registrar != "EVIL" || strings.Join(twin.Statuses, " ") != "client hold" || twin.ExpiresAt.IsZero() {
		t.Errorf("its own fields: %+v", twin)
	}
	if got := ReadWHOIS("foo1.com", []byte("server name: FOO1.COM.EVIL.EXAMPLE\n"+evil), false); got.State != Unknown {
		t.Errorf("the record of a name server alone: %+v", got)
	}
}

// TestWHOISHoldKinds reads other flags of registries, in both states.
func TestWHOISHoldKinds(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"freeze: YES": "server hold", "freeze: NO": "active", "serverhold: 1": "server hold", "serverhold: 0": "active",
		"client-hold: yes": "client hold", "client-hold: no": "active", "Admin Hold: true": "server hold",
		"Admin Hold: false": "active", "In DNS: No": "inactive", "In DNS: Yes": "active", "On-Hold: oui": "server hold",
		"On-Hold: non": "active", "Registrar Hold: Y": "client hold", "Registrar Hold: N": "active",
		"Hold: none":  "active",
		"Locked: yes": "active", "Status: Active (on hold)": "server hold", "Status: Active (paid and in zone)": "active",
		"Status: Registered, on hold": "server hold", "Status: Registered, delegated": "active",
	} {
		got := ReadWHOIS("example.zz", []byte("domain: example.zz\nstatus: active\n"+line+
			"\nregistrar: EXAMPLE\ncreated: 2011-02-03T04:05:06Z\n"), false)
		if s := strings.Join(got.Statuses, ", "); got.State != Registered || s != want && s != "active, "+want {
			t.Errorf("%s: %s %q, want %q", line, got.State, s, want)
		}
	}
}

// TestDateKinds reads ends of registrations in other forms, with the latest moment that each can mean; a form that
// could be read wrong is left out.
func TestDateKinds(t *testing.T) {
	t.Parallel()
	const none = "0001-01-01T00:00:00Z"
	for _, tt := range []struct{ domain, value, at, latest string }{
		{"example.br", "2027-11-20 14:48:02 BRT", "2027-11-20T17:48:02Z", ""},
		{"example.jp", "2027/11/20 14:48:02 (JST)", "2027-11-20T05:48:02Z", ""},
		{"example.zz", "2027-11-20 14:48:02 CET", "2027-11-20T13:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 CEST", "2027-07-20T12:48:02Z", ""},
		{"example.zz", "2027-11-20 14:48:02 EET", "2027-11-20T12:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 EEST", "2027-07-20T11:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 (UTC+8)", "2027-07-20T06:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 UTC +8", "2027-07-20T06:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 GMT -5", "2027-07-20T19:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 (GMT+07:00) Bangkok", "2027-07-20T07:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 GMT+0300 (MSK)", "2027-07-20T11:48:02Z", ""},
		{"example.zz", "2027-07-20T14:48:02.123+09:00[Asia/Tokyo]", "2027-07-20T05:48:02Z", ""},
		{"example.zz", "2027-07-20 14:48:02 America/Santiago", "2027-07-20T14:48:02Z", "2027-07-21T02:48:02Z"},
		{"example.zz", "2027-07-20 2:48:02 PM UTC", "2027-07-20T14:48:02Z", ""},
		{"example.zz", "2027-07-20 12:48:02 a.m. UTC", "2027-07-20T00:48:02Z", ""},
		{"example.zz", "7/20/2027 2:48:02 PM", "2027-07-20T14:48:02Z", "2027-07-21T02:48:02Z"},
		{"example.zz", "30-Nov-26", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "30-Nov-99", "1999-11-30T00:00:00Z", "1999-12-01T12:00:00Z"},
		{"example.zz", "30.11.26", "2026-11-30T00:00:00Z", "2030-11-27T12:00:00Z"},
		{"example.uk", "30/11/26", "2026-11-30T00:00:00Z", "2030-11-27T00:00:00Z"},
		{"example.zz", "30/11/26", none, ""},
		{"example.zz", "26-11-30", none, ""},
		{"example.zz", "30.11.2026", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "30. 11. 2026", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "2026. 11. 30.", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "30 Nov 14:48:02 2026", none, ""},
		{"example.zz", "30th of November 2026", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "30 de noviembre de 2026", "2026-11-30T00:00:00Z", "2026-12-01T12:00:00Z"},
		{"example.zz", "30 maggio 2026", "2026-05-30T00:00:00Z", "2026-05-31T12:00:00Z"},
		{"example.zz", "30 juillet 2026", none, ""}, // as well as juin in its first letters
		{"example.th", "30 Nov 2569", "2026-11-30T00:00:00Z", "2026-11-30T17:00:00Z"},
		{"example.th", "30 Nov 2026", "2026-11-30T00:00:00Z", "2026-11-30T17:00:00Z"},
		{"example.th", "2569-11-30", "2026-11-30T00:00:00Z", "2026-11-30T17:00:00Z"},
		{"example.zz", "30 Nov 2569", none, ""},
		{"example.tw", "115/11/30", none, ""},
		{"example.ir", "1405-09-09", none, ""},
		{"example.jp", "令和8年11月30日", none, ""},
		{"example.zz", "before Nov-2026", none, ""},
		{"example.zz", "never", none, ""},
	} {
		if tt.latest == "" {
			tt.latest = tt.at
		}
		got := ReadWHOIS(tt.domain, []byte("Domain Name: "+tt.domain+"\nRegistrar: Example\nExpiry Date: "+tt.value+"\n"),
			false)
		if at, latest := got.ExpiresAt.Format(time.RFC3339), got.ExpiresBy().Format(time.RFC3339); got.State != Registered ||
			at != tt.at || latest != tt.latest {
			t.Errorf("%s %q: %s, %s, at latest %s; want %s, %s", tt.domain, tt.value, got.State, at, latest, tt.at,
				tt.latest)
		}
	}
	for _, tt := range []struct{ domain, sentence, at, latest string }{
		{"example.cl", "% All times are local time.", "2027-07-20T20:48:02Z", ""},
		{"example.zz", "% All times are local time.", "2027-07-20T14:48:02Z", "2027-07-21T02:48:02Z"},
		{"example.zz", "% Times are in local time (UTC+3)", "2027-07-20T11:48:02Z", ""},
		{"example.zz", "% All timestamps are in CET/CEST.", "2027-07-20T13:48:02Z", ""},
		{"example.zz", "% times in GMT +5", "2027-07-20T09:48:02Z", ""},
		{"example.cl", "% Horas en hora local", "2027-07-20T20:48:02Z", ""},
		{"example.zz", "Timezone: UTC+8", "2027-07-20T06:48:02Z", ""},
		{"example.zz", "% Please come back another time.", "2027-07-20T14:48:02Z", "2027-07-21T02:48:02Z"},
	} {
		if tt.latest == "" {
			tt.latest = tt.at
		}
		got := ReadWHOIS(tt.domain, []byte(tt.sentence+"\n\nDomain Name: "+tt.domain+
			"\nRegistrar: Example\nExpiry Date: 2027-07-20 14:48:02\n"), false)
		if at, latest := got.ExpiresAt.Format(time.RFC3339), got.ExpiresBy().Format(time.RFC3339); at != tt.at ||
			latest != tt.latest {
			t.Errorf("%s %q: %s, at latest %s; want %s, %s", tt.domain, tt.sentence, at, latest, tt.at, tt.latest)
		}
	}
}

// TestOtherFormsTwins: what only looks like a list of name servers, or a numbered key of another name, is neither.
func TestOtherFormsTwins(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`"nameServers":[]`, `"nameServers":null`, `"nameServers":[{"objectClassName":"nameserver"}]`, `"nameServers":7`,
		`"entities":[{"objectClassName":"entity","nameServers":["ns1.example.net"]}]`,
	} {
		got := ReadRDAP("example.com", 200, rdapType, "",
			[]byte(`{"objectClassName":"domain","ldhName":"example.com","status":["active"],`+body+`}`))
		if got.State != Registered || len(got.Nameservers) > 0 {
			t.Errorf("%s: %+v", body, got)
		}
	}
	other := "1a. Domain Name : other.mn\n1b. Registrar : Example\n2. Creation Date : 2011-02-03\n"
	if got := ReadWHOIS("example.mn", []byte(other), false); got.State != Unknown {
		t.Errorf("%q: %+v", other, got)
	}
}
