package report

// The parts of a SARIF log that are written (SARIF 2.1.0, section 3); what is left out has its default. go-sarif has
// all of them, but with a JSON schema whose messages are templates: the linker then keeps every method of every type.
// The tests read and validate the logs with it.
type (
	sarifLog struct { // 3.13
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct { // 3.14
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []*sarifResult    `json:"results"`
	}

	sarifTool struct { // 3.18
		Driver sarifDriver `json:"driver"`
	}

	sarifDriver struct { // 3.19
		Name           string      `json:"name"`
		FullName       string      `json:"fullName"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}

	sarifInvocation struct { // 3.20
		Successful    bool        `json:"executionSuccessful"`
		Start         string      `json:"startTimeUtc"`
		End           string      `json:"endTimeUtc"`
		Notifications []sarifNote `json:"toolExecutionNotifications"`
	}

	sarifNote struct { // 3.58
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}

	sarifRule struct { // 3.49
		ID         string          `json:"id"`
		Name       string          `json:"name"`
		Short      sarifMessage    `json:"shortDescription"`
		Full       sarifMessage    `json:"fullDescription"`
		Help       sarifMessage    `json:"help"`
		Default    sarifDefault    `json:"defaultConfiguration"`
		Properties *sarifRuleAbout `json:"properties,omitempty"`
	}

	sarifRuleAbout struct {
		Tags []string `json:"tags"`
	}

	sarifDefault struct { // 3.50
		Level string `json:"level"`
	}

	sarifResult struct { // 3.27
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifMessage       `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Baseline     string             `json:"baselineState,omitempty"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties,omitempty"`
	}

	sarifSuppression struct { // 3.35
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}

	sarifMessage struct { // 3.11, 3.12
		Text string `json:"text"`
	}

	sarifLocation struct { // 3.28
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}

	sarifPhysical struct { // 3.29
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}

	sarifArtifact struct { // 3.4
		URI string `json:"uri"`
	}

	sarifRegion struct { // 3.30
		StartLine int `json:"startLine"`
	}

	sarifLogical struct { // 3.33
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

// The versions of the format.
const (
	sarifSchema  = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"
	sarifVersion = "2.1.0"
)

// Levels of results and notifications (3.27.10).
const (
	sarifError   = "error"
	sarifWarning = "warning"
	sarifInfo    = "note"
	sarifNone    = "none"
)
