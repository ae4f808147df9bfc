package wire_test

import (
	"context"
	"fmt"
	"log"

	"domdoc/api/sandbox"
	"domdoc/checks"
	"domdoc/checks/probe"
	"domdoc/checks/probe/transport"
	"domdoc/checks/subject"
	"domdoc/ui/render/wire"
)

// Example diagnoses one domain from Go and prints its JSON. On the real Internet, leave out the sandbox:
// transport.NewLive(nil, nil) and probe.Options{}.
func Example() {
	ctx := context.Background()
	world, err := sandbox.Start(sandbox.Options{Only: []string{"name-doubled"}})
	if err != nil {
		log.Fatal(err)
	}
	defer world.Close()

	live := transport.NewLive(world.Dial, world.Roots())
	defer live.Close()
	session := probe.NewSession(ctx, live, probe.Options{TrustedRoots: world.Roots()})
	defer session.Close()
	doctor := &checks.Doctor{Session: session} // with a Service, it also knows what each domain should have

	expected, err := subject.ParseExpected("TXT _verify.shop.fabrikam.example=tok-51c0de77")
	if err != nil {
		log.Fatal(err)
	}
	report := wire.NewDomain(doctor.Diagnose(ctx, checks.Target{
		Name: "shop.fabrikam.example", Expect: []subject.Expected{expected},
	}))
	fmt.Println(report.Verdict, report.Findings[0].Cause) // the worst first
	text, err := wire.Marshal(report)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.33s…\n", text)
	// Output:
	// fail record.name-doubled
	// {"domain":"shop.fabrikam.example"…
}
