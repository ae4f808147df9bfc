package wire

// Documented is what one command writes as JSON: values of the types that the schemas are made from.
type Documented struct {
	Command  string
	Title    string
	About    string
	Document []any // of -o json: any of these
	Line     []any // a line of -o jsonl: any of these
}

// Documents are the outputs whose types stand here.
func Documents() []Documented {
	return []Documented{
		{
			Command: "check", Title: "domdoc report",
			About:    "What domdoc check, triage, replay and merge write: a run over domains.",
			Document: []any{Report{}}, Line: []any{Domain{}},
		},
		{
			Command: "watch", Title: "domdoc watch", About: "A line of domdoc check --watch: what changed at one domain.",
			Document: []any{Changed{}}, Line: []any{Changed{}},
		},
		{
			Command: "wait", Title: "domdoc wait", About: "How a wait for one domain ended.",
			Document: []any{Waited{}}, Line: []any{Waited{}},
		},
		{
			Command: "diff", Title: "domdoc diff", About: "What changed between two recorded cases.",
			Document: []any{Differences{}}, Line: []any{Differences{}},
		},
		{
			Command: "propagation", Title: "domdoc propagation", About: "One record of each name on every server.",
			Document: []any{Propagation{}}, Line: []any{Row{}},
		},
		{
			Command: "doctor", Title: "domdoc doctor", About: "What this machine can judge at all.",
			Document: []any{Doctor{}}, Line: []any{Doctor{}},
		},
		{
			Command: "explain", Title: "domdoc explain",
			About:    "A code, a cause, a status of a registration, or a list of codes and causes.",
			Document: []any{CodeDoc{}, CauseDoc{}, StatusDoc{}, Search{}},
			Line:     []any{CodeDoc{}, CauseDoc{}, StatusDoc{}, Search{}},
		},
	}
}
