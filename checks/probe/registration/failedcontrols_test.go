package registration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// failedControl is a way in which the question about a random name fails.
type failedControl int

const (
	timedOut failedControl = iota
	throttledControl
	truncatedControl
	garbledControl
	equalControl // word for word the reply about the name that was asked
	foreignControl
	failedControls
)

// control returns the control beside a reply; nil if there was no answer.
func (k failedControl) control(reply string, rdap bool) *Control {
	c := &Control{Name: freeName, Status: 404, Type: rdapType}
	switch k {
	case throttledControl:
		c.Body = []byte("Too many requests, try again later.\n")
		if rdap {
			c.Status, c.Body = 429, []byte(`{"errorCode":429,"title":"Too many requests"}`)
		}
	case truncatedControl:
		c.Body = []byte(reply[:len(reply)/2])
	case garbledControl:
		c.Body = []byte(reply)
		slices.Reverse(c.Body)
	case equalControl:
		c.Body = []byte(reply)
	case foreignControl:
		c.Body = []byte("Ekkert fannst um þetta heiti.\n")
		if rdap {
			c.Body = []byte(`{"errorCode":404,"title":"Ekkert fannst um þetta heiti."}`)
		}
	default:
		return nil
	}
	return c
}

// FuzzFailedControls: a question about a random name that fails in any way changes no verdict for the worse: what is
// registered or free stays so, a limit stays one, and only a control with the very same reply can make a name free.
func FuzzFailedControls(f *testing.F) {
	for _, reply := range []string{
		"No match for shop.example\n", "Domain Name: shop.example\nRegistrar: R\nCreation Date: 2001-02-03\n",
		"This name is reserved by the registry.\n", "Too many requests.\n", "Heimasvæðið shop.example er laust.\n",
		"Hafnað.\n", "Some names are reserved names.\n\nNo match for shop.example\n", "", "<html>down</html>",
		`{"errorCode":404,"title":"Not Found"}`, `{"errorCode":404,"title":"Fannst ekki"}`, `{"errorCode":429}`,
		`{"errorCode":404,"notices":[{"description":["The name is blocked by GlobalBlock."]}]}`,
		`{"objectClassName":"domain","ldhName":"shop.example","status":["active"]}`,
	} {
		for kind := range failedControls {
			f.Add(reply, int(kind), kind%2 == 0)
		}
	}
	const record = "Domain Name: nic.example\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n"
	f.Fuzz(func(t *testing.T, reply string, kind int, listed bool) {
		k := failedControl(uint(kind) % uint(failedControls))
		whois := Controls{
			Known: &Control{Name: knownName, Body: []byte(record)}, Free: k.control(reply, false),
			Listed: listed,
		}
		rdap := Controls{Known: &Control{
			Name: knownName, Status: 200, Type: rdapType,
			Body: []byte(`{"objectClassName":"domain","ldhName":"nic.example"}`),
		}, Free: k.control(reply, true), Listed: listed}
		for kind, read := range map[string][2]Registration{
			"whois": {ReadWHOIS("shop.example", []byte(reply), false), whois.WHOIS("shop.example", []byte(reply), false)},
			"rdap": {
				ReadRDAP("shop.example", 404, rdapType, "", []byte(reply)),
				rdap.RDAP("shop.example", 404, rdapType, "", []byte(reply)),
			},
		} {
			first, got := read[0], read[1]
			worse := false
			switch first.State {
			case Registered, NotRegistered:
				worse = got.State != first.State
			case Reserved:
				worse = got.State == Registered || got.State == NotRegistered && k != equalControl && k != truncatedControl
			case Unknown:
				worse = got.State == NotRegistered && k != equalControl && k != truncatedControl
			}
			if worse || first.Throttled != got.Throttled {
				t.Fatalf("%s with control %d: %s (%s) became %s (%s), throttled %v", kind, k, first.State, first.Reason,
					got.State, got.Reason, got.Throttled)
			}
			if cut := whois.WHOIS("shop.example", []byte(reply), true); cut.State == NotRegistered {
				t.Fatalf("a reply that was broken off is called free: %q", reply)
			}
		}
	})
}

// TestFailedControls: a free name stays free, a reserved one reserved and an unknown one unknown, however the
// question about a random name fails; with the control that works, the unknown one is free.
func TestFailedControls(t *testing.T) {
	t.Parallel()
	const record = "Domain Name: %s\nRegistrar: Registry\nCreation Date: 2001-02-03T04:05:06Z\n"
	for reply, want := range map[string]State{
		"No match for shop.example\n": NotRegistered, "This name is reserved by the registry.\n": Reserved,
		"Heimasvæðið shop.example er laust.\n": Unknown, strings.ReplaceAll(record, "%s", "shop.example"): Registered,
	} {
		for k := range failedControls {
			c := controlsOf(record, "x")
			c.Free = k.control(reply, false)
			if got := c.WHOIS("shop.example", []byte(reply), false); k != equalControl && got.State != want {
				t.Errorf("%q with control %d: %s, want %s", reply, k, got.State, want)
			}
		}
	}
	works := controlsOf(record, "Heimasvæðið %s er laust.\n")
	if got := works.WHOIS("shop.example", []byte("Heimasvæðið shop.example er laust.\n"), false); got.State !=
		NotRegistered {
		t.Error(fmt.Sprint("with the control that works: ", got.State))
	}
}
