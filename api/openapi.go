package api

import _ "embed"

//go:embed openapi.yaml
var openAPI string

// OpenAPI returns the contract as an OpenAPI 3.0.3 document in YAML. Each operation says in x-evidence whether it is
// printed in the service's documents or assumed.
func OpenAPI() []byte { return []byte(openAPI) }
