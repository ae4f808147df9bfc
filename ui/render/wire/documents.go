package wire

// Documented describes the JSON output of a command by values of its types.
type Documented struct {
	Command  string
	Title    string
	About    string
	Document []any // of -o json: any of these types types types types
	Line     []any // a line of -o jsonl: any of these types types types types
}

// Documents returns the outputs whose types are in this package.
func Documents() []Documented {
	return []Documented{
		{
			Command: "check", Title: "domdoc report",
			About:    "A run over domains: the output of domdoc check, triage, replay and merge.",
			Document: []any{Report{}}, Line: []any{Domain{}, End{}},
		},
		{
			Command: "watch", Title: "domdoc watch", About: "A line of domdoc check --watch: the changes of one domain.",
			Document: []any{Changed{}}, Line: []any{Changed{}},
		},
		{
			Command: "wait", Title: "domdoc wait", About: "The result of waiting for one domain.",
			Document: []any{Waited{}}, Line: []any{Waited{}},
		},
		{
			Command: "diff", Title: "domdoc diff", About: "The changes between two recorded cases.",
			Document: []any{Differences{}}, Line: []any{Differences{}},
		},
		{
			Command: "propagation", Title: "domdoc propagation", About: "One record of each name on every server.",
			Document: []any{Propagation{}}, Line: []any{Row{}},
		},
		{
			Command: "registration", Title: "domdoc registration", About: "Who holds each name, or whether it is free.",
			Document: []any{Registrations{}}, Line: []any{NameRegistration{}},
		},
		{
			Command: "plan", Title: "domdoc plan", About: "What a change of the DNS would cause and cure.",
			Document: []any{Plan{}}, Line: []any{Plan{}},
		},
		{
			Command: "doctor", Title: "domdoc doctor", About: "Whether this machine can check domains.",
			Document: []any{Doctor{}}, Line: []any{Doctor{}},
		},
		{
			Command: "explain", Title: "domdoc explain",
			About: "A code, a cause, a status of a registration, error messages of other software, or a list of " +
				"codes and causes.",
			Document: []any{CodeDoc{}, CauseDoc{}, StatusDoc{}, MessagesDoc{}, Search{}},
			Line:     []any{CodeDoc{}, CauseDoc{}, StatusDoc{}, MessagesDoc{}, Search{}},
		},
	}
}
