package cli_test

import (
	"os"
	"testing"
	"time"
)

func TestHold(t *testing.T) {
	d, err := time.ParseDuration(os.Getenv("HOLD"))
	if err != nil {
		t.Skip()
	}
	tools := findLabTools(t)
	tools.domdoc = buildDomdoc(t)
	w := startLabWorld(t, tools)
	one := startLab(t, tools, labPlan{resolvers: []string{"8.8.8.8"}, cases: oneResolver(5 * time.Second)})
	os.WriteFile("/tmp/lab.env", []byte("NS="+w.ns+"\nDIR="+w.dir+"\nONE="+one.ns+"\nONEDIR="+one.dir+"\nBIN="+tools.domdoc+"\n"), 0o600)
	time.Sleep(d)
}
