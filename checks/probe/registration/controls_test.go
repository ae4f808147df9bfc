package registration

import (
	"fmt"
	"strings"
	"testing"
)

const (
	freeName  = "qwzkfjtpvmxbdrlhgcny.example"
	knownName = "nic.example"
)

// controlsOf returns a server's replies for a registered and for an unregistered name; %s is the name.
func controlsOf(known, free string) Controls {
	about := func(name, text string) *Control {
		if text == "" {
			return nil
		}
		return &Control{
			Name: name, Status: map[bool]int{true: 200, false: 404}[name == knownName], Type: rdapType,
			Body: []byte(strings.ReplaceAll(text, "%s", name)),
		}
	}
	return Controls{Known: about(knownName, known), Free: about(freeName, free)}
}

// TestWHOISControls reads replies that no phrase explains beside those about a known and a random name.
func TestWHOISControls(t *testing.T) {
	t.Parallel()
	const record = "Domain Name: %s\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n" +
		"Name Server: a.nic.example\n"
	for _, tt := range []struct {
		name, known, free, reply string
		want                     State
	}{
		{
			"in words of its own", record, "Heimasvæðið %s er laust.\n", "Heimasvæðið shop.example er laust.\n",
			NotRegistered,
		},
		{"in other words than the random name's", record, "Heimasvæðið %s er laust.\n", "Frátekið.\n", Unknown},
		{
			"boilerplate that speaks of reserved names", "Some names are reserved names.\n\n" + record,
			"Some names are reserved names.\n\nNo match for %s\n",
			"Some names are reserved names.\n\nNo match for shop.example\n", NotRegistered,
		},
		{
			"reserved, and not by boilerplate", "Some names are reserved names.\n\n" + record,
			"Some names are reserved names.\n\nNo match for %s\n",
			"Some names are reserved names.\n\nThis name is reserved by the registry.\n", Reserved,
		},
		{"a server that knows nothing", "No match for %s\n", "No match for %s\n", "No match for shop.example\n", Unknown},
		{"a control without an answer", "", "", "No match for shop.example\n", NotRegistered},
		{"no random name", record, "", "No match for shop.example\n", NotRegistered},
		{"a known name that is refused", "Access denied.\n", "x\n", "No match for shop.example\n", NotRegistered},
		{"all refused alike", "Hafnað.\n", "Hafnað.\n", "Hafnað.\n", Unknown},
		{"refused by now", record, "Too many requests.\n", "Too many requests.\n", Unknown},
		{"taken", record, "No match for %s\n", strings.ReplaceAll(record, "%s", "shop.example"), Registered},
	} {
		got := controlsOf(tt.known, tt.free).WHOIS("shop.example", []byte(tt.reply), false)
		if got.State != tt.want || got.State == Unknown && got.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", tt.name, got.State, got.Reason, tt.want)
		}
	}
}

// TestRDAPControls does the same for RDAP.
func TestRDAPControls(t *testing.T) {
	t.Parallel()
	const record = `{"objectClassName":"domain","ldhName":"%s","status":["active"]}`
	const other = `{"errorCode":404,"description":["We hold no records of the zone that you asked for."]}`
	for _, tt := range []struct {
		name, known, free, reply string
		want                     State
	}{
		{"its usual words", record, other, other, NotRegistered},
		{"not its usual words", record, `{"errorCode":404,"title":"Not Found"}`, other, Unknown},
		{
			"a notice of every answer", record,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]}]}`,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]}]}`, NotRegistered,
		},
		{
			"a notice of this answer", record, `{"errorCode":404}`,
			`{"errorCode":404,"notices":[{"description":["The name is blocked by GlobalBlock."]}]}`, Reserved,
		},
		{"no control", "", "", `{"errorCode":404,"title":"Not Found"}`, NotRegistered},
		{
			"a notice of every answer about a free name, beside one of this answer", record,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]},{"description":["Request 7f3a"]}]}`,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]},{"description":["Request c0de"]}]}`,
			NotRegistered,
		},
		{
			"reserved by its own notice, beside one of every answer", record,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]}]}`,
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]},` +
				`{"description":["shop.example is a reserved name."]}]}`, Reserved,
		},
		{
			"a notice, and no control that shows whether it is of every answer", "", "",
			`{"errorCode":404,"notices":[{"description":["Premium names cost more."]}]}`, Unknown,
		},
		{
			"reserved in the error itself, and no control", "", "",
			`{"errorCode":404,"title":"This is a reserved name"}`, Reserved,
		},
		{
			"in quarantine", record, `{"errorCode":404,"title":"Not Found"}`,
			`{"errorCode":404,"title":"Not Found","description":["The domain shop.example is in quarantine."]}`, Reserved,
		},
		{
			"another is in quarantine", record, `{"errorCode":404,"title":"Not Found"}`,
			`{"errorCode":404,"title":"Not Found","description":["The domain other.example is in quarantine."]}`, Unknown,
		},
	} {
		got := controlsOf(tt.known, tt.free).RDAP("shop.example", 404, rdapType, "", []byte(tt.reply))
		if got.State != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, got.State, got.Reason, tt.want)
		}
	}
	listed := controlsOf("No match for %s\n", "No match for %s\n")
	listed.Listed = true
	if got := listed.WHOIS("shop.example", []byte("No match for shop.example\n"), false); got.State != NotRegistered {
		t.Errorf("a server that IANA names, and that keeps its own name out of its WHOIS: %+v", got)
	}
	ignorant := Controls{Known: &Control{
		Name: knownName, Status: 404, Type: rdapType,
		Body: []byte(`{"errorCode":404}`),
	}}
	if got := ignorant.RDAP("shop.example", 404, rdapType, "", []byte(`{"errorCode":404}`)); got.State != Unknown ||
		!got.Elsewhere {
		t.Errorf("a server that does not know its ending is believed: %+v", got)
	}
}

// FuzzControls: random controls change no verdict for the worse. Only a known name that is not found makes a free
// name unknown, and only a known name that is found makes an unknown one free.
func FuzzControls(f *testing.F) {
	f.Add("No match for shop.example\n", "Domain Name: nic.example\nRegistrar: R\n", "No match for x\n", 404)
	f.Add("Heimasvæðið er laust", "Access denied", "Heimasvæðið er laust", 404)
	f.Add(`{"errorCode":404}`, `{"objectClassName":"domain","ldhName":"nic.example"}`, `{"errorCode":404}`, 200)
	f.Fuzz(func(t *testing.T, reply, known, free string, status int) {
		c := Controls{
			Known: &Control{Name: knownName, Status: status, Type: rdapType, Body: []byte(known)},
			Free:  &Control{Name: freeName, Status: 404, Type: rdapType, Body: []byte(free)},
		}
		for kind, read := range map[string][3]Registration{
			"whois": {
				ReadWHOIS("shop.example", []byte(reply), false), c.WHOIS("shop.example", []byte(reply), false),
				ReadWHOIS(knownName, []byte(known), false),
			},
			"rdap": {
				ReadRDAP("shop.example", 404, rdapType, "", []byte(reply)),
				c.RDAP("shop.example", 404, rdapType, "", []byte(reply)),
				ReadRDAP(knownName, status, rdapType, "", []byte(known)),
			},
		} {
			first, got, sure := read[0], read[1], read[2]
			checkBounds(t, got)
			what := fmt.Sprintf("%s: %s (%s) became %s (%s)", kind, first.State, first.Reason, got.State, got.Reason)
			switch {
			case first.State == Registered && got.State != Registered, first.Throttled && !got.Throttled:
				t.Fatal(what)
			case got.State == NotRegistered && first.State != NotRegistered && sure.State != Registered:
				t.Fatal(what)
			case first.State == NotRegistered && got.State != NotRegistered && sure.State != NotRegistered:
				t.Fatal(what)
			}
		}
	})
}
