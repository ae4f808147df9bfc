package render

// Documented is what one command writes as JSON: values of the types that the schemas are made from.
type Documented struct {
	Command  string
	Title    string
	About    string
	Document []any // of -o json: any of these
	Line     []any // a line of -o jsonl: any of these
}

type jsonPropagation struct {
	SchemaVersion int       `json:"schemaVersion" const:"1"`
	Propagation   []JSONRow `json:"propagation" doc:"one element a name"`
}

// Documents are the outputs whose types stand here.
func Documents() []Documented {
	return []Documented{
		{
			Command: "check", Title: "domdoc report",
			About:    "What domdoc check, triage, replay and merge write: a run over domains.",
			Document: []any{JSONReport{}}, Line: []any{JSONDomain{}},
		},
		{
			Command: "watch", Title: "domdoc watch", About: "A line of domdoc check --watch: what changed at one domain.",
			Document: []any{jsonChanged{}}, Line: []any{jsonChanged{}},
		},
		{
			Command: "wait", Title: "domdoc wait", About: "How a wait for one domain ended.",
			Document: []any{jsonWaited{}}, Line: []any{jsonWaited{}},
		},
		{
			Command: "diff", Title: "domdoc diff", About: "What changed between two recorded cases.",
			Document: []any{jsonDifferences{}}, Line: []any{jsonDifferences{}},
		},
		{
			Command: "propagation", Title: "domdoc propagation", About: "One record of each name on every server.",
			Document: []any{jsonPropagation{}}, Line: []any{JSONRow{}},
		},
		{
			Command: "doctor", Title: "domdoc doctor", About: "What this machine can judge at all.",
			Document: []any{jsonDoctor{}}, Line: []any{jsonDoctor{}},
		},
		{
			Command: "explain", Title: "domdoc explain",
			About:    "A code, a cause, a status of a registration, or a list of codes and causes.",
			Document: []any{jsonCodeDoc{}, jsonCauseDoc{}, jsonStatusDoc{}, jsonSearch{}},
			Line:     []any{jsonCodeDoc{}, jsonCauseDoc{}, jsonStatusDoc{}, jsonSearch{}},
		},
	}
}
